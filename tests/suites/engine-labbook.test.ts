// Media as LabBook servers left them, through the engine: 3.0, 2.9 and 2.5 restore to a folder, also when they share a medium.
import { createHash } from 'node:crypto'
import { cp, mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RestorePreview } from '../../core/api/contract.ts'
import type { Engine, EngineClient } from '../../core/engine/engine.ts'
import { endOf, openOn } from '../support/engine.ts'
import { b25, b29, b30, golden, goldenPassword as keyPassword } from '../support/golden.ts'

const dump = createHash('sha256')
  .update(await readFile(join(golden, 'expected-dump.sql')))
  .digest('hex')
const lines = (await readFile(join(golden, 'expected-files.sha256'), 'utf8')).trimEnd().split('\n')
const documents = Object.fromEntries(lines.map((line) => [line.slice(66), line.slice(0, 64)]))
const everything = { 'dump/dump.sql': dump, ...documents }

let root: string
let engine: Engine
let client: EngineClient

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'arche-labbook-'))
  await cp(golden, join(root, 'media'), { recursive: true })
  engine = await openOn(join(root, 'home'))
  client = await engine.connect()
  await client.operator.set({ next: 'operator' })
})

afterEach(async () => {
  await engine.close()
  await rm(root, { recursive: true, force: true })
})

async function sums(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    found[path.slice(folder.length + 1)] = createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
  }
  return found
}

async function restored(
  medium: string,
  artifact: string,
  password?: string,
  only: string[] = [],
): Promise<{ preview: RestorePreview; found: Record<string, string> }> {
  const into = join(root, 'restored')
  const given = password === undefined ? {} : { keyPassword: password }
  const inspection = await client.restore.inspect({ medium: join(root, 'media', medium), artifact, ...given })
  const preview = await client.restore.preview({ inspection: inspection.id, into, only, existing: 'skip' })
  const { id } = await client.restore.start({ preview: preview.id })
  expect(await endOf(client, id)).toMatchObject({ outcome: 'success' })
  return { preview, found: await sums(into) }
}

describe('media of LabBook', () => {
  it('restores 3.0 and 2.9 whole, with the key password', async () => {
    expect((await restored('v30', b30, keyPassword)).found).toEqual(everything)
    await rm(join(root, 'restored'), { recursive: true })
    const { preview, found } = await restored('v29', b29, keyPassword)
    expect(found).toEqual(everything)
    expect(preview.findings).toEqual([])
    // These archives do not say what they hold: not known is not none.
    expect([preview.files, preview.bytes]).toEqual([undefined, undefined])
  })

  it('restores 2.5 without a password, and says that it has no documents', async () => {
    const { preview, found } = await restored('v25', b25)
    expect(found).toEqual({ 'dump/dump.sql': dump })
    expect(preview.findings.map((finding) => finding.code)).toEqual(['documents-missing'])
  })

  it('tells them apart on one medium', async () => {
    const { artifacts } = await client.artifact.list({ medium: join(root, 'media/mixed') })
    expect(artifacts.map((artifact) => [artifact.name, artifact.format])).toEqual([
      [b29, '2.x'],
      [b25, '2.x'],
    ])
    expect((await restored('mixed', b25)).found).toEqual({ 'dump/dump.sql': dump })
    await rm(join(root, 'restored'), { recursive: true })
    expect((await restored('mixed', b29, keyPassword)).found).toEqual(everything)
  })

  it('asks for the key password where it is needed, before anything is written', async () => {
    const medium = join(root, 'media/v29')
    await expect(client.restore.inspect({ medium, artifact: b29 })).rejects.toMatchObject({ code: 'secret-missing' })
    await expect(client.restore.inspect({ medium, artifact: b29, keyPassword: 'wrong' })).rejects.toMatchObject({
      code: 'wrong-password',
    })
  })

  it('lists the contents of an old backup and restores only what was chosen', async () => {
    const medium = join(root, 'media/v29')
    const inspection = await client.restore.inspect({ medium, artifact: b29, keyPassword, full: true })
    expect(inspection).toMatchObject({ format: '2.9', complete: true, files: 9 })
    const { entries } = await client.restore.browse({ inspection: inspection.id, folder: '' })
    expect(entries.map((entry) => [entry.name, entry.files])).toEqual([
      ['dump', 1],
      ['report', 5],
      ['resource', 1],
      ['upload', 2],
    ])
  })

  it('restores an older 2.9 with the documents, says when they are not there, and the database alone when they are damaged', async () => {
    const shelf = join(root, 'media/v29/SIGL_sauvegardes')
    const older = b29.replace('2019-10-07', '2019-10-06')
    await cp(join(shelf, b29), join(shelf, older))
    expect((await restored('v29', older, keyPassword)).found).toEqual(everything)
    await rm(join(root, 'restored'), { recursive: true })

    const documents = join(shelf, 'files.tar.gz.gpg')
    await truncate(documents, 2000)
    const medium = join(root, 'media/v29')
    const inspection = await client.restore.inspect({ medium, artifact: older, keyPassword, full: true })
    expect(inspection).toMatchObject({ format: '2.9', files: 1 })
    const { preview, found } = await restored('v29', older, keyPassword, ['dump'])
    expect(found).toEqual({ 'dump/dump.sql': dump })
    expect(preview.findings).toMatchObject([{ code: 'documents-damaged', level: 'warning' }])
    await rm(join(root, 'restored'), { recursive: true })

    await rm(documents)
    const without = await restored('v29', older, keyPassword)
    expect(without.found).toEqual({ 'dump/dump.sql': dump })
    expect(without.preview.findings).toMatchObject([{ code: 'documents-missing', details: { reason: 'labbook-29' } }])
  })
})

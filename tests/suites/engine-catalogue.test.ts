// The search over all backups through a whole engine: fed when a backup is made, forgetting what is removed, rebuilt from the places when it was lost.
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Run } from '../../core/api/model.ts'
import type { PackFormat } from '../../core/api/plan.ts'
import type { Engine, EngineClient } from '../../core/engine/engine.ts'
import { endOf, openOn, prepareHome, stateThat } from '../support/engine.ts'

const operatorPassword = 'operator pass'
const keyPassword = 'clé très longue 鍵'

let template: string
let root: string
let engine: Engine
let client: EngineClient
let bugs: unknown[]

const home = () => join(root, 'home')
const stick = () => join(root, 'stick')
const docs = () => join(root, 'Docs é')

async function open(): Promise<void> {
  engine = await openOn(home(), { onBug: (error) => bugs.push(error) })
  client = await engine.connect()
  await client.operator.unlock({ password: operatorPassword })
}

async function again(between: () => Promise<unknown> = async () => undefined): Promise<void> {
  await engine.close()
  await between()
  await open()
}

beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), 'arche-catalogue-'))
  await prepareHome(template, operatorPassword, keyPassword)
})

afterAll(() => rm(template, { recursive: true, force: true }))

beforeEach(async () => {
  bugs = []
  root = await mkdtemp(join(tmpdir(), 'arche-catalogue-'))
  await cp(template, home(), { recursive: true })
  await mkdir(stick())
  await mkdir(join(docs(), 'Impôts'), { recursive: true })
  await writeFile(join(docs(), 'Impôts', 'Déclaration 2025.pdf'), 'first')
  await writeFile(join(docs(), 'letter.txt'), 'dear')
  await open()
  await client.medium.init({ medium: stick(), name: 'STICK' })
})

afterEach(async () => {
  await engine.close()
  await rm(root, { recursive: true, force: true })
  expect(bugs).toEqual([])
})

async function plan(format: PackFormat = 'tar.gz.gpg', name = 'Docs'): Promise<string> {
  const source = { kind: 'folders' as const, paths: [docs()], exclude: [] }
  const method = { kind: 'archive' as const, format, compression: 'balanced' as const }
  const { id } = await client.plan.save({ name, source, destinations: [{ place: { kind: 'medium' } }], method })
  return id
}

async function backUp(planId: string): Promise<Run & { artifact: string }> {
  const { id } = await client.backup.start({ planId, medium: stick() })
  const run = await endOf(client, id)
  expect(run).toMatchObject({ outcome: 'success' })
  return run as Run & { artifact: string }
}

const names = async (text: string, more: { plan?: string; before?: string } = {}) =>
  (await client.catalogue.search({ text, ...more })).files.map(({ path }) => path)

async function remove(artifact: string): Promise<void> {
  const preview = await client.artifact.previewRemoval({ medium: stick(), artifacts: [artifact] })
  const { id } = await client.artifact.remove({ preview: preview.id, last: true })
  expect(await endOf(client, id)).toMatchObject({ outcome: 'success' })
}

describe('the search', () => {
  it('finds a file of a backup that was just made, where it stood and where it lies', async () => {
    const run = await backUp(await plan())
    const { files, total } = await client.catalogue.search({ text: 'declaration IMPOTS' })
    expect(total).toBe(1)
    const medium = run.medium?.id
    expect(files).toEqual([
      {
        subject: 'Docs',
        host: expect.any(String),
        path: 'Docs é/Impôts/Déclaration 2025.pdf',
        origin: join(docs(), 'Impôts', 'Déclaration 2025.pdf'),
        type: 'file',
        size: 5,
        mtime: expect.any(Number),
        versions: 1,
        backup: {
          artifact: run.artifact,
          madeAt: expect.any(String),
          places: [{ medium, name: 'STICK', here: true }],
        },
      },
    ])
    expect(await client.catalogue.missing({})).toEqual({ subjects: ['Docs'], missing: [] })
    // The folder itself, and all that is in it.
    expect(await names('impots')).toEqual(['Docs é/Impôts', 'Docs é/Impôts/Déclaration 2025.pdf'])
    expect(await names('nothing like it')).toEqual([])
  })

  it('tells the versions of a file, the backups in which each stands, and what stood at a time', async () => {
    const planId = await plan()
    const [first, second] = [await backUp(planId), await backUp(planId)]
    await writeFile(join(docs(), 'letter.txt'), 'dear all')
    const third = await backUp(planId)
    const [file] = (await client.catalogue.search({ text: 'letter' })).files
    expect(file).toMatchObject({ size: 8, versions: 2, backup: { artifact: third.artifact } })
    const { versions, origin } = await client.catalogue.versions({
      subject: 'Docs',
      host: file?.host ?? '',
      path: file?.path ?? '',
    })
    expect(origin).toBe(join(docs(), 'letter.txt'))
    expect(versions.map(({ size, backups }) => [size, backups.map(({ artifact }) => artifact)])).toEqual([
      [8, [third.artifact]],
      [4, [second.artifact, first.artifact]],
    ])
    const before = versions[1]?.backups[0]?.madeAt ?? ''
    const [then] = (await client.catalogue.search({ text: 'letter', before })).files
    expect(then).toMatchObject({ size: 4, versions: 2, backup: { artifact: second.artifact } })
    expect(await names('letter', { before: '2026-03-01T00:00:00Z' })).toEqual([])
    expect(await names('letter', { plan: 'Others' })).toEqual([])
    expect(await names('letter', { plan: 'Docs' })).toEqual(['Docs é/letter.txt'])
    // A table is kept once: three backups take little more than one.
    expect((await readdir(join(home(), 'catalogue'))).filter((name) => name.endsWith('.table'))).toHaveLength(1)
    expect(await readdir(join(home(), 'catalogue', 'arrivals'))).toEqual([])
  })

  it('brings back files of several backups one after the other, also into a folder that the first one makes', async () => {
    const planId = await plan()
    const first = await backUp(planId)
    await rm(join(docs(), 'letter.txt'))
    await writeFile(join(docs(), 'new.txt'), 'new')
    const second = await backUp(planId)
    const into = join(root, 'back')
    const preview = async (artifact: string, path: string) => {
      const { id } = await client.restore.inspect({ medium: stick(), artifact, keyPassword })
      return (await client.restore.preview({ inspection: id, into, only: [path], existing: 'replace' })).id
    }
    const [one, other] = [
      await preview(first.artifact, 'Docs é/letter.txt'),
      await preview(second.artifact, 'Docs é/new.txt'),
    ]
    const { id } = await client.restore.start({ preview: one, next: [other] })
    expect(await endOf(client, id)).toMatchObject({ outcome: 'success', artifact: first.artifact })
    const state = await stateThat(
      client,
      ({ runs }) => runs.filter((run) => run.kind === 'restore' && run.outcome).length === 2,
    )
    expect(state.runs[0]).toMatchObject({ kind: 'restore', artifact: second.artifact, outcome: 'success' })
    expect(await readFile(join(into, 'Docs é', 'letter.txt'), 'utf8')).toBe('dear')
    expect(await readFile(join(into, 'Docs é', 'new.txt'), 'utf8')).toBe('new')
  })

  it('forgets what was removed, also by another computer', async () => {
    const planId = await plan()
    const first = await backUp(planId)
    await rm(join(docs(), 'letter.txt'))
    const second = await backUp(planId)
    expect(await names('letter')).toEqual(['Docs é/letter.txt'])
    await remove(first.artifact)
    expect(await names('letter')).toEqual([])
    expect(await names('declaration')).toHaveLength(1)
    await again(() => rm(join(stick(), 'SIGL_sauvegardes', second.artifact)))
    await client.artifact.list({ medium: stick() })
    expect(await names('declaration')).toEqual([])
  })

  it('knows where the copies of a backup lie', async () => {
    const run = await backUp(await plan())
    await mkdir(join(root, 'second'))
    await client.medium.init({ medium: join(root, 'second'), name: 'SECOND' })
    const { id } = await client.copy.start({ from: stick(), artifact: run.artifact, to: join(root, 'second') })
    expect(await endOf(client, id)).toMatchObject({ outcome: 'success' })
    const places = async () =>
      (await client.catalogue.search({ text: 'letter' })).files[0]?.backup.places.map(({ name, here }) => [name, here])
    expect(await places()).toEqual([
      ['STICK', true],
      ['SECOND', true],
    ])
    await remove(run.artifact)
    expect(await places()).toEqual([['SECOND', true]])
    await again(() => rm(join(root, 'second'), { recursive: true }))
    expect(await places()).toEqual([['SECOND', false]])
  })

  it('is rebuilt from the contents indexes when it was lost, with the password of the key', async () => {
    const planId = await plan()
    await backUp(planId)
    await backUp(planId)
    await again(() => rm(join(home(), 'catalogue'), { recursive: true }))
    expect(await names('letter')).toEqual([])
    const { missing } = await client.catalogue.missing({})
    expect(missing).toMatchObject([{ medium: { name: 'STICK' }, closed: true }])
    expect(missing[0]?.artifacts).toHaveLength(2)
    await expect(client.catalogue.add({ medium: stick() })).rejects.toMatchObject({ code: 'secret-missing' })
    await expect(client.catalogue.add({ medium: stick(), keyPassword: 'wrong' })).rejects.toMatchObject({
      code: 'wrong-password',
    })
    const added = await client.catalogue.add({ medium: stick(), keyPassword })
    expect(added).toMatchObject({ without: [] })
    expect(added.learned).toHaveLength(2)
    const [file] = (await client.catalogue.search({ text: 'letter' })).files
    expect(file).toMatchObject({ versions: 1, origin: join(docs(), 'letter.txt') })
    expect((await client.catalogue.missing({})).missing).toEqual([])
  })

  it('says of which backups it has no names, and learns them from a look or a verification', async () => {
    const run = await backUp(await plan('tar.gz'))
    await again(async () => {
      await rm(join(home(), 'catalogue'), { recursive: true })
      await rm(join(stick(), 'SIGL_sauvegardes', 'contents'), { recursive: true })
    })
    expect(await client.catalogue.add({ medium: stick() })).toEqual({ learned: [], without: [run.artifact] })
    const { id } = await client.verify.start({ medium: stick(), artifacts: [run.artifact] })
    expect(await endOf(client, id)).toMatchObject({ outcome: 'success' })
    expect(await names('letter')).toEqual(['Docs é/letter.txt'])
    await again(() => rm(join(home(), 'catalogue'), { recursive: true }))
    await client.restore.inspect({ medium: stick(), artifact: run.artifact, full: true })
    expect(await names('letter')).toEqual(['Docs é/letter.txt'])
  })

  it('believes no damaged table, and what is damaged keeps no backup from being made', async () => {
    const planId = await plan()
    await backUp(planId)
    const [table = ''] = (await readdir(join(home(), 'catalogue'))).filter((name) => name.endsWith('.table'))
    const path = join(home(), 'catalogue', table)
    await again(async () => {
      const bytes = await readFile(path)
      bytes[40] = (bytes[40] as number) ^ 1
      await writeFile(path, bytes)
    })
    expect(await names('letter')).toEqual([])
    expect((await client.catalogue.missing({})).missing).toHaveLength(1)
    await backUp(planId)
    expect(await names('letter')).toEqual(['Docs é/letter.txt'])
    await again(() => writeFile(path, 'no table'))
    expect(await names('letter')).toEqual([])
    // Where nothing can be put, the backup is made, and says in its log that it will not be found.
    await engine.close()
    await rm(join(home(), 'catalogue'), { recursive: true })
    await open()
    await rm(join(home(), 'catalogue', 'arrivals'), { recursive: true })
    await writeFile(join(home(), 'catalogue', 'arrivals'), 'in the way')
    const run = await backUp(planId)
    const { lines } = await client.run.show({ id: run.id })
    expect(lines.map(({ problem }) => problem?.code)).toContain('search-unwritten')
    expect(run.warnings).toBe(0)
  })
})

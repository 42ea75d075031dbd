// Backups that a person removes, through the engine: shown first, weighed by what history knows, removed in a run, and counted no more.
import { execFileSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Run } from '../../core/api/model.ts'
import type { Engine, EngineClient } from '../../core/engine/engine.ts'
import { endOf, openOn, prepareHome } from '../support/engine.ts'
import { requireRoot } from '../support/root.ts'
import { tmpfsFolder, tool } from './fixtures/disks.ts'

let template: string
let root: string
let engine: Engine
let client: EngineClient
let bugs: unknown[] = []

const open = async () => {
  engine = await openOn(join(root, 'home'), { onBug: (error) => bugs.push(error) })
  client = await engine.connect()
  await client.operator.unlock({ password: 'operator' })
}

beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), 'arche-delete-'))
  await prepareHome(template, 'operator', 'key')
})

afterAll(() => rm(template, { recursive: true, force: true }))

beforeEach(async () => {
  bugs = []
  root = await mkdtemp(join(tmpdir(), 'arche-delete-'))
  await cp(template, join(root, 'home'), { recursive: true })
  for (const folder of ['stick', 'docs']) await mkdir(join(root, folder))
  await writeFile(join(root, 'docs', 'a.txt'), 'first')
  await open()
  await client.medium.init({ medium: join(root, 'stick'), name: 'STICK' })
})

afterEach(async () => {
  await engine.close()
  await rm(root, { recursive: true, force: true })
  expect(bugs).toEqual([])
})

const ended = (id: string) => endOf(client, id)
const stick = () => join(root, 'stick')
const shelf = (...names: string[]) => join(root, 'stick', 'SIGL_sauvegardes', ...names)

async function plan(): Promise<string> {
  const source = { kind: 'folders' as const, paths: [join(root, 'docs')], exclude: [] }
  return (await client.plan.save({ name: 'Docs', source, destinations: [{ place: { kind: 'medium' } }] })).id
}

async function backUp(planId: string, medium = stick()): Promise<Run> {
  return ended((await client.backup.start({ planId, medium })).id)
}

async function several(planId: string, count: number): Promise<string[]> {
  const names: string[] = []
  for (let at = 0; at < count; at += 1) names.push((await backUp(planId)).artifact ?? '')
  return names
}

async function onStick(): Promise<string[]> {
  return (await readdir(shelf())).filter((name) => name.startsWith('backup_')).sort()
}

describe('a backup that a person removes', () => {
  const look = (...artifacts: string[]) => client.artifact.previewRemoval({ medium: stick(), artifacts })
  const codes = async (...names: string[]) => (await look(...names)).findings.map(({ code }) => code)
  async function removed(names: readonly string[], last?: boolean): Promise<Run> {
    const { id } = await look(...names)
    return ended((await client.artifact.remove({ preview: id, ...(last ? { last } : {}) })).id)
  }

  it('is shown first, goes in a run of its own, and is told', async () => {
    const planId = await plan()
    const [first = '', second = '', third = ''] = await several(planId, 3)
    const preview = await look(first, third)
    expect(preview.artifacts.map(({ name }) => name)).toEqual([third, first])
    expect(preview).toMatchObject({ findings: [], medium: { name: 'STICK' } })
    expect(preview.freed).toBe(preview.artifacts.reduce((sum, { size }) => sum + size, 0))
    expect(await onStick()).toHaveLength(3)
    const run = await ended((await client.artifact.remove({ preview: preview.id })).id)
    expect(run).toMatchObject({
      ...{ kind: 'prune', outcome: 'success', subject: 'Docs', planId, warnings: 0 },
      ...{ removed: [first, third], files: 2, bytes: preview.freed },
    })
    expect(await onStick()).toEqual([second])
    execFileSync('sha256sum', ['--strict', '-c', 'SHA256SUMS'], { cwd: shelf(), stdio: 'ignore' })
    expect((await readFile(shelf('SHA256SUMS'), 'utf8')).trimEnd().split('\n')).toHaveLength(1)
    const { lines } = await client.run.show({ id: run.id })
    expect(lines.flatMap(({ problem }) => (problem ? [[problem.code, problem.details.name]] : []))).toEqual([
      ['backup-deleted', first],
      ['backup-deleted', third],
    ])
    await expect(client.artifact.remove({ preview: preview.id })).rejects.toMatchObject({ code: 'not-found' })
    const stranger = await engine.connect()
    await expect(stranger.artifact.remove({ preview: preview.id })).rejects.toMatchObject({ code: 'operator-needed' })
  })

  it('that is the last good one goes only when a person has said so, and protects nobody any more', async () => {
    const planId = await plan()
    const [only = ''] = await several(planId, 1)
    expect((await client.app.state({})).protection).toMatchObject({ level: 'protected' })
    const preview = await look(only)
    expect(preview.findings).toEqual([
      { level: 'warning', code: 'delete-last', details: { subject: 'Docs', name: 'STICK' } },
    ])
    await expect(client.artifact.remove({ preview: preview.id })).rejects.toMatchObject({ code: 'delete-last' })
    expect(await onStick()).toEqual([only])
    expect(await removed([only], true)).toMatchObject({ outcome: 'success', removed: [only] })
    expect(await onStick()).toEqual([])
    const gone = { level: 'unprotected', reason: 'never' }
    await vi.waitFor(async () => expect((await client.app.state({})).protection).toMatchObject(gone))
    await engine.close()
    await open()
    expect((await client.app.state({})).protection).toMatchObject(gone)
    // The plan goes on as if there had been none, its rules included.
    await client.keep.save({ planId, keep: { last: 1 } })
    expect(await backUp(planId)).toMatchObject({ outcome: 'success', removed: [] })
    expect((await client.app.state({})).protection).toMatchObject({ level: 'protected' })
  })

  it('is looked at anew: what has become the last one meanwhile is refused', async () => {
    const [first = '', second = ''] = await several(await plan(), 2)
    const seen = await look(first)
    expect(seen.findings).toEqual([])
    await removed([second])
    await expect(client.artifact.remove({ preview: seen.id, last: true })).rejects.toMatchObject({ code: 'changed' })
    const bytes = await readFile(shelf(first))
    const now = await look(first)
    await writeFile(shelf(first), bytes.subarray(1))
    const { id } = await client.artifact.remove({ preview: now.id, last: true })
    expect(await ended(id)).toMatchObject({ outcome: 'error', failure: { code: 'changed' } })
    expect(await onStick()).toEqual([first])
  })

  it('says where another good one is, as far as this computer knows', async () => {
    const planId = await plan()
    const other = join(root, 'disk')
    await mkdir(other)
    await client.medium.init({ medium: other, name: 'DISK' })
    const there = await backUp(planId, other)
    const [here = ''] = await several(planId, 1)
    expect((await look(here)).findings).toMatchObject([
      { code: 'delete-last-here', details: { elsewhere: 'DISK', time: there.startedAt } },
    ])
    const onDisk = await client.artifact.previewRemoval({ medium: other, artifacts: [there.artifact ?? ''] })
    await ended((await client.artifact.remove({ preview: onDisk.id })).id)
    expect(await codes(here)).toEqual(['delete-last'])
  })

  it('is told where somebody else made it, and refused while it is pinned, not there, or another run goes on', async () => {
    const planId = await plan()
    const names = await several(planId, 2)
    const [first = ''] = names
    const labbook = 'backup_v30_SIGL_2026-03-02_12h00m00s.tar.gz.gpg'
    await writeFile(shelf(labbook), 'of somebody else')
    expect(await codes(labbook)).toEqual(['delete-last', 'delete-foreign'])
    await expect(look('SHA256SUMS')).rejects.toMatchObject({ code: 'not-found' })
    await expect(look('../x')).rejects.toMatchObject({ code: 'not-found' })
    await client.artifact.pin({ medium: stick(), artifact: first, pinned: true })
    const pinned = await look(...names)
    expect(pinned.findings[0]).toEqual({ level: 'error', code: 'backup-pinned', details: { name: first } })
    const refused = { code: 'backup-pinned' }
    await expect(client.artifact.remove({ preview: pinned.id, last: true })).rejects.toMatchObject(refused)
    await client.artifact.pin({ medium: stick(), artifact: first, pinned: false })
    const preview = await look(first)
    const { id } = await client.backup.start({ planId, medium: stick() })
    await expect(client.artifact.remove({ preview: preview.id })).rejects.toMatchObject({ code: 'place-busy' })
    const { artifact = '' } = await ended(id)
    expect(await onStick()).toEqual([...names, artifact, labbook].sort())
  })

  it('is refused on a medium that can only be read, before a run begins', async () => {
    requireRoot()
    const medium = tmpfsFolder(4)
    await client.medium.init({ medium, name: 'SMALL' })
    const planId = await plan()
    const { artifact = '' } = await backUp(planId, medium)
    await backUp(planId, medium)
    tool('mount', '-o', 'remount,ro', medium)
    const preview = await client.artifact.previewRemoval({ medium, artifacts: [artifact] })
    expect(preview.findings).toMatchObject([{ level: 'error', code: 'medium-read-only' }])
    const refused = { code: 'medium-read-only' }
    await expect(client.artifact.remove({ preview: preview.id })).rejects.toMatchObject(refused)
    expect((await client.run.history({})).map(({ kind }) => kind)).toEqual(['backup', 'backup'])
  })
})

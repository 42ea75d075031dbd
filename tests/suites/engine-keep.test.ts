// How long backups are kept, through the engine: rules after a backup and by hand, pins, several plans and computers on one medium, and what
// restores put aside.

import { execFileSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Run } from '../../core/api/model.ts'
import type { Keep, Plan } from '../../core/api/plan.ts'
import type { Engine, EngineClient } from '../../core/engine/engine.ts'
import { endOf, openOn, prepareHome } from '../support/engine.ts'

const keyPassword = 'clé très longue 鍵'
const day = 24 * 3600 * 1000

let template: string
let root: string
let engine: Engine
let client: EngineClient
let bugs: unknown[] = []
/** How far the engine's clock is ahead of the real one, in ms. */
let ahead = 0

const open = (home: string) => openOn(home, { now: () => Date.now() + ahead, onBug: (error) => bugs.push(error) })

beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), 'arche-keep-'))
  await prepareHome(template, 'operator', keyPassword)
})

afterAll(() => rm(template, { recursive: true, force: true }))

beforeEach(async () => {
  bugs = []
  ahead = 0
  root = await mkdtemp(join(tmpdir(), 'arche-keep-'))
  await cp(template, join(root, 'home'), { recursive: true })
  await mkdir(join(root, 'stick'))
  await mkdir(join(root, 'docs'))
  await writeFile(join(root, 'docs', 'a.txt'), 'first')
  engine = await open(join(root, 'home'))
  client = await engine.connect()
  await client.operator.unlock({ password: 'operator' })
  await client.medium.init({ medium: join(root, 'stick'), name: 'STICK' })
})

afterEach(async () => {
  await engine.close()
  await rm(root, { recursive: true, force: true })
  expect(bugs).toEqual([])
})

const ended = (id: string, from = client) => endOf(from, id)

async function plan(name: string, keep?: Keep): Promise<string> {
  const source = { kind: 'folders' as const, paths: [join(root, 'docs')], exclude: [] }
  const { id } = await client.plan.save({ name, source, destinations: [{ place: { kind: 'medium' } }] })
  if (keep) await client.keep.save({ planId: id, keep })
  return id
}

const stick = () => join(root, 'stick')
const shelf = (...names: string[]) => join(root, 'stick', 'SIGL_sauvegardes', ...names)

async function backUp(planId: string, from = client): Promise<Run> {
  const { id } = await from.backup.start({ planId, medium: stick() })
  return ended(id, from)
}

async function several(planId: string, count: number): Promise<string[]> {
  const names: string[] = []
  for (let at = 0; at < count; at += 1) names.push((await backUp(planId)).artifact ?? '')
  return names
}

async function onStick(): Promise<string[]> {
  return (await readdir(shelf())).filter((name) => name.startsWith('backup_')).sort()
}

/** GNU coreutils agrees: every line has its file, and every file is as it was written. */
async function checksOut(): Promise<void> {
  execFileSync('sha256sum', ['--strict', '-c', 'SHA256SUMS'], { cwd: shelf(), stdio: 'ignore' })
  const lines = (await readFile(shelf('SHA256SUMS'), 'utf8')).trimEnd().split('\n')
  expect(lines.map((line) => line.slice(66)).sort()).toEqual(await onStick())
}

async function applied(planId: string): Promise<Run> {
  const { id } = await client.keep.preview({ planId, medium: stick() })
  return ended((await client.keep.apply({ preview: id })).id)
}

const rulesOf = ({ destinations }: Plan) => destinations[0]?.keep

describe('rules of a plan', () => {
  it('are applied once the new backup has been read back, and told', async () => {
    const planId = await plan('Docs')
    const before = await several(planId, 3)
    expect(await onStick()).toEqual(before)
    expect(rulesOf(await client.keep.save({ planId, keep: { last: 2 } }))).toEqual({ last: 2 })
    const run = await backUp(planId)
    expect(run).toMatchObject({ outcome: 'success', warnings: 0, removed: [before[0], before[1]] })
    expect(run.operations.map(({ name }) => name)).toEqual([
      'prepare',
      'estimate',
      'archive',
      'copy-keys',
      'verify',
      'prune',
    ]) // prettier-ignore
    expect(await onStick()).toEqual([before[2], run.artifact])
    await checksOut()
    const { lines } = await client.run.show({ id: run.id })
    const told = lines.flatMap(({ problem, level }) => (problem ? [[level, problem.code, problem.details.name]] : []))
    expect(told).toEqual([
      ['info', 'backup-removed', before[0]],
      ['info', 'backup-removed', before[1]],
    ])
    // Saving the plan anew does not forget them; taking them away keeps everything again.
    const { plans } = await client.app.state({})
    const saved = await client.plan.save({ ...(plans[0] as (typeof plans)[number]), name: 'Renamed' })
    expect(rulesOf(saved)).toEqual({ last: 2 })
    expect(rulesOf(await client.keep.save({ planId, keep: null }))).toBeUndefined()
    expect((await backUp(planId)).removed).toBeUndefined()
    expect(await onStick()).toHaveLength(3)
  })

  it('are not applied after a failed backup', async () => {
    const planId = await plan('Docs', { last: 1 })
    await backUp(planId)
    await client.keep.save({ planId, keep: null })
    const names = await several(planId, 2)
    await client.keep.save({ planId, keep: { last: 1 } })
    await rm(join(root, 'docs'), { recursive: true })
    expect(await backUp(planId)).toMatchObject({ outcome: 'error' })
    expect(await onStick()).toEqual(expect.arrayContaining(names))
    expect(await onStick()).toHaveLength(3)
  })

  it('leave two plans, LabBook and other computers on the same medium alone', async () => {
    const docs = await plan('Docs', { last: 1 })
    const twin = await plan('Twin')
    const others = await several(twin, 2)
    const old = 'backup_SIGL_2018-04-13_15h58m51s.tar.gz'
    const labbook = 'backup_v30_SIGL_2026-03-02_12h00m00s.tar.gz.gpg'
    for (const name of [old, labbook]) await writeFile(shelf(name), 'of somebody else')

    // Another computer with a plan of the same name.
    const other = await open(join(root, 'other'))
    const there = await other.connect()
    await there.operator.set({ next: 'x' })
    await there.key.create({ password: 'y' })
    const source = { kind: 'folders' as const, paths: [join(root, 'docs')], exclude: [] }
    const same = await there.plan.save({ name: 'Docs', source, destinations: [{ place: { kind: 'medium' } }] })
    const foreign = (await backUp(same.id, there)).artifact ?? ''
    await other.close()

    const [first, second] = await several(docs, 2)
    const left = await onStick()
    expect(left).not.toContain(first)
    expect(left).toEqual([...others, old, labbook, foreign, second].sort())
    const preview = await client.keep.preview({ planId: docs, medium: stick() })
    expect(preview).toMatchObject({ remove: [], others: 4 })
    expect(preview.keep.map(({ artifact, reasons }) => [artifact.name, reasons])).toEqual([
      [second, ['last']],
      [foreign, ['foreign']],
    ])
  })

  it('that are merely tried show what would go, and are refused when something else would go by then', async () => {
    const planId = await plan('Docs')
    const names = await several(planId, 4)
    const preview = await client.keep.preview({ planId, medium: stick(), keep: { last: 1 } })
    expect(preview.remove.map(({ artifact, reason }) => [artifact.name, reason])).toEqual(
      names
        .slice(0, 3)
        .reverse()
        .map((name) => [name, 'too-many']),
    ) // prettier-ignore
    expect(preview.freed).toBe(preview.remove.reduce((sum, { artifact }) => sum + artifact.size, 0))
    expect(await onStick()).toEqual(names)
    await client.artifact.pin({ medium: stick(), artifact: names[0] ?? '', pinned: true })
    const refused = await ended((await client.keep.apply({ preview: preview.id })).id)
    expect(refused).toMatchObject({ kind: 'prune', outcome: 'error', failure: { code: 'changed' } })
    expect(await onStick()).toEqual(names)

    await client.keep.save({ planId, keep: { last: 1 } })
    const run = await applied(planId)
    expect(run).toMatchObject({ kind: 'prune', outcome: 'success', subject: 'Docs', removed: [names[1], names[2]] })
    expect(await onStick()).toEqual([names[0], names[3]])
    await checksOut()
    await expect(applied(planId)).rejects.toMatchObject({ code: 'nothing-selected' })
    const stranger = await engine.connect()
    await expect(stranger.keep.save({ planId, keep: null })).rejects.toMatchObject({ code: 'operator-needed' })
    await expect(
      stranger.artifact.pin({ medium: stick(), artifact: names[0] ?? '', pinned: false }),
    ).rejects.toMatchObject({ code: 'operator-needed' }) // prettier-ignore
  })

  it('do nothing when the clock of this computer stands before a backup', async () => {
    const planId = await plan('Docs')
    await several(planId, 3)
    ahead = -30 * day
    const preview = await client.keep.preview({ planId, medium: stick(), keep: { last: 1 } })
    expect(preview).toMatchObject({
      remove: [],
      heldBack: { code: 'keep-held-back', details: { reason: 'clock-back' } },
    })
    ahead = 0
    await client.operator.unlock({ password: 'operator' })
    await writeFile(shelf('backup_v30_Other_2091-01-01_00h00m00s.tar.gz.gpg'), '')
    await client.keep.save({ planId, keep: { last: 1 } })
    const run = await backUp(planId)
    expect(run).toMatchObject({ outcome: 'warning', removed: [] })
    expect(await onStick()).toHaveLength(5)
  })

  it('do not count a backup that a verification found damaged, and keep it', async () => {
    const planId = await plan('Docs')
    const [first = '', second = '', third = ''] = await several(planId, 3)
    const bytes = await readFile(shelf(third))
    bytes[100] = (bytes[100] ?? 0) ^ 1
    await writeFile(shelf(third), bytes)
    const { id } = await client.verify.start({ medium: stick(), artifacts: [third] })
    expect(await ended(id)).toMatchObject({ outcome: 'error' })
    expect((await client.keep.preview({ planId, medium: stick(), keep: { last: 1 } })).heldBack).toBeDefined()
    await client.keep.save({ planId, keep: { last: 2 } })
    const run = await backUp(planId)
    expect(run.removed).toEqual([first])
    expect(await onStick()).toEqual([second, third, run.artifact])
  })
})

describe('pins', () => {
  it('lie on the medium: another computer sees them, and no rule removes the backup', async () => {
    const planId = await plan('Docs', { last: 1 })
    const [first = ''] = await several(planId, 1)
    await client.artifact.pin({ medium: stick(), artifact: first, pinned: true })
    await several(planId, 2)
    expect(await onStick()).toHaveLength(2)
    expect(await readFile(shelf('PINNED'), 'utf8')).toBe(
      `# Backups that Arche never removes by itself: one file name a line.\n${first}\n`,
    )
    const other = await open(join(root, 'other'))
    const { artifacts } = await (await other.connect()).artifact.list({ medium: stick() })
    expect(artifacts.map(({ name, pinned }) => [name === first, pinned])).toEqual([
      [false, undefined],
      [true, true],
    ])
    await other.close()
    await client.artifact.pin({ medium: stick(), artifact: first, pinned: false })
    expect(await readdir(shelf())).not.toContain('PINNED')
    expect((await backUp(planId)).removed).toContain(first)
    await expect(client.artifact.pin({ medium: stick(), artifact: first, pinned: true })).rejects.toMatchObject({
      code: 'not-found',
    })
  })

  it('and notes of several people at once are all kept', async () => {
    const medium = stick()
    const names = await several(await plan('Docs', { last: 5 }), 4)
    await Promise.all(names.map((artifact) => client.artifact.note({ medium, artifact, note: artifact })))
    const { artifacts } = await client.artifact.list({ medium })
    expect(artifacts.map(({ note }) => note)).toEqual(artifacts.map(({ name }) => name))
  })

  it('have a neighbour in notes: text beside the backup, which other computers show and rules remove with it', async () => {
    const planId = await plan('Docs', { last: 1 })
    const [first = ''] = await several(planId, 1)
    const note = 'before the move \u202e'
    await client.artifact.note({ medium: stick(), artifact: first, note })
    expect(await readFile(shelf('NOTES'), 'utf8')).toContain(`\n${first}\t${note}\n`)
    const other = await open(join(root, 'other'))
    const { artifacts } = await (await other.connect()).artifact.list({ medium: stick() })
    expect(artifacts.map((one) => one.note)).toEqual([note])
    await other.close()
    for (const bad of ['', 'x'.repeat(201), 'two\nlines'])
      await expect(client.artifact.note({ medium: stick(), artifact: first, note: bad })).rejects.toMatchObject({
        code: 'bad-input',
      })
    expect((await backUp(planId)).removed).toContain(first)
    expect(await readdir(shelf())).not.toContain('NOTES')
    await expect(client.artifact.note({ medium: stick(), artifact: first, note: 'late' })).rejects.toMatchObject({
      code: 'not-found',
    })
  })

  it('and notes that cannot be read hide nothing, and are not written over', async () => {
    const planId = await plan('Docs', { last: 5 })
    const [first = ''] = await several(planId, 1)
    await writeFile(shelf('NOTES'), '\0\0')
    const { artifacts, odd } = await client.artifact.list({ medium: stick() })
    expect(artifacts).toHaveLength(1)
    expect(odd).toMatchObject([{ code: 'beside-unreadable', details: { name: 'NOTES' } }])
    await expect(client.artifact.note({ medium: stick(), artifact: first, note: 'x' })).rejects.toMatchObject({
      code: 'damaged',
    })
    expect(await readFile(shelf('NOTES'), 'utf8')).toBe('\0\0')
  })

  it('that cannot be read keep everything, and are told', async () => {
    const planId = await plan('Docs', { last: 1 })
    await backUp(planId)
    await writeFile(shelf('PINNED'), '')
    const run = await backUp(planId)
    expect(run).toMatchObject({ outcome: 'warning', complete: true, removed: [] })
    expect((await client.app.state({})).protection).toMatchObject({ reason: 'not-removed' })
    expect(await onStick()).toHaveLength(2)
    expect((await client.artifact.list({ medium: stick() })).artifacts).toHaveLength(2)
    await expect(client.keep.preview({ planId, medium: stick() })).rejects.toMatchObject({ code: 'damaged' })
  })
})

describe('what restores put aside', () => {
  async function restore(text: string): Promise<Run> {
    const { artifacts } = await client.artifact.list({ medium: stick() })
    await writeFile(join(root, 'docs', 'a.txt'), text)
    const artifact = artifacts[0]?.name ?? ''
    const inspection = await client.restore.inspect({ medium: stick(), artifact, keyPassword })
    const preview = await client.restore.preview({ inspection: inspection.id, existing: 'replace' })
    const run = await ended((await client.restore.start({ preview: preview.id })).id)
    expect(run.outcome).toBe('success')
    return run
  }
  const aside = async () => (await readdir(join(root, 'docs'))).filter((name) => name.startsWith('.arche-'))
  const journals = () => readdir(join(root, 'home', 'journals'))

  it('is listed, and removed when a person wants it, but for the newest', async () => {
    await backUp(await plan('Docs'))
    const [one, two, three] = [await restore('1'), await restore('2'), await restore('3')]
    const list = await client.safety.list({})
    expect(list.map(({ id, removable }) => [id, removable])).toEqual([
      [three.id, false],
      [two.id, true],
      [one.id, true],
    ])
    expect(list[2]).toMatchObject({ subject: 'Docs', folders: one.safety?.folders, time: one.startedAt })
    await expect(client.safety.remove({ ids: [one.id, three.id] })).rejects.toMatchObject({ code: 'changed' })
    expect(await aside()).toHaveLength(3)
    // Somebody's own file in the folder stays.
    await writeFile(join(two.safety?.folders[0] ?? '', 'mine.txt'), 'mine')
    expect(await client.safety.remove({ ids: [one.id, two.id] })).toEqual({ removed: 2, freed: 2 })
    expect(await aside()).toHaveLength(2)
    expect(await readdir(two.safety?.folders[0] ?? '')).toEqual(['mine.txt'])
    expect((await journals()).filter((name) => name.endsWith('.jsonl'))).toHaveLength(1)
    expect((await client.safety.list({})).map(({ id }) => id)).toEqual([three.id])
    const { run } = await client.run.show({ id: one.id })
    expect(run.safety?.removedAt).toBeDefined()
    await expect(client.restore.undo({ id: one.id })).rejects.toMatchObject({ code: 'not-found' })
    expect(await ended((await client.restore.undo({ id: three.id })).id)).toMatchObject({ outcome: 'success' })
    expect(await readFile(join(root, 'docs', 'a.txt'), 'utf8')).toBe('3')
  })

  it('goes by its age at the next start, and a removal that was cut off is finished', async () => {
    await backUp(await plan('Docs'))
    const [one, two] = [await restore('1'), await restore('2')]
    const again = async () => {
      await engine.close()
      engine = await open(join(root, 'home'))
      client = await engine.connect()
      await client.operator.unlock({ password: 'operator' })
      // Closing waits for what was begun at the start.
      await engine.close()
      engine = await open(join(root, 'home'))
      client = await engine.connect()
      await client.operator.unlock({ password: 'operator' })
    }
    ahead = 29 * day
    await again()
    expect(await aside()).toHaveLength(2)
    // After so long a silence it may be the clock.
    ahead = 4000 * day
    await again()
    expect(await aside()).toHaveLength(2)
    await client.settings.save({ safetyDays: 0 })
    ahead = 31 * day
    await again()
    expect(await aside()).toHaveLength(2)
    expect((await client.safety.list({}))[1]).not.toHaveProperty('due')
    await client.settings.save({ safetyDays: 30 })
    await again()
    await vi.waitFor(async () => expect(await aside()).toHaveLength(1), { timeout: 120_000 })
    expect((await client.run.show({ id: one.id })).run.safety?.removedAt).toBeDefined()
    expect((await client.run.show({ id: two.id })).run.safety?.removedAt).toBeUndefined()

    // Killed after the mark, before the files: the next start goes on.
    const three = await restore('3')
    await engine.close()
    const history = join(root, 'home', 'history.jsonl')
    const safety = { ...two.safety, removedAt: two.startedAt }
    await writeFile(history, `${await readFile(history, 'utf8')}${JSON.stringify({ ...two, safety })}\n`)
    await again()
    const newest = [three.safety?.folders[0]?.split('/').at(-1)]
    await vi.waitFor(async () => expect(await aside()).toEqual(newest), { timeout: 120_000 })
  })
})

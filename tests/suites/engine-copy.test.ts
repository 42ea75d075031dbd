// Copies through the contract of a whole engine: what a plan makes reaches its other destinations as it is, by itself or by hand.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { AppState, Run } from '../../core/api/model.ts'
import type { Engine, EngineClient, Host } from '../../core/engine/engine.ts'
import { endOf, openOn, prepareHome, stateThat } from '../support/engine.ts'
import { startMailServer } from '../support/mail-server.ts'

const operatorPassword = 'operator pass'
const keyPassword = 'key pass'

let root: string
let template: string
let engine: Engine
let client: EngineClient
let bugs: unknown[] = []
let ahead = 0

beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), 'arche-copy-'))
  await prepareHome(template, operatorPassword, keyPassword)
})

afterAll(() => rmSync(template, { recursive: true, force: true }))

beforeEach(() => {
  bugs = []
  ahead = 0
  root = mkdtempSync(join(tmpdir(), 'arche-copy-'))
  cpSync(template, join(root, 'home'), { recursive: true })
  for (const folder of ['Docs', 'first', 'second', 'third']) mkdirSync(join(root, folder))
  writeFileSync(join(root, 'Docs', 'a.txt'), 'first')
})

afterEach(async () => {
  await engine.close()
  rmSync(root, { recursive: true, force: true })
  expect(bugs).toEqual([])
})

/** `schedules`: copies begin by themselves. */
async function begin(more: Partial<Host> = {}): Promise<void> {
  const onBug = (error: unknown) => void bugs.push(error)
  const now = () => Date.now() + ahead
  engine = await openOn(join(root, 'home'), { onBug, now, settle: 0, ...more })
  client = await engine.connect()
  await client.operator.unlock({ password: operatorPassword })
}

const at = (name: string, ...parts: string[]) => join(root, name, ...parts)
const shelf = (name: string, ...parts: string[]) => at(name, 'SIGL_sauvegardes', ...parts)
const backups = (name: string) =>
  readdirSync(shelf(name))
    .filter((file) => file.startsWith('backup_'))
    .sort()

async function place(name: string): Promise<string> {
  const { id } = await client.medium.init({ medium: at(name), name: name.toUpperCase() })
  if (id === undefined) throw new Error('no id')
  return id
}

/** A plan that writes to the first of these folders and is copied to the others. */
async function plan(...names: string[]): Promise<string> {
  const destinations: { place: { kind: 'medium'; id: string } }[] = []
  for (const name of names) destinations.push({ place: { kind: 'medium', id: await place(name) } })
  const source = { kind: 'folders' as const, paths: [at('Docs')], exclude: [] }
  return (await client.plan.save({ name: 'Docs', source, destinations })).id
}

async function backUp(planId: string): Promise<Run> {
  return endOf(client, (await client.backup.start({ planId })).id)
}

const until = (fits: (state: AppState) => boolean) => stateThat(client, fits)

const copiesOf = ({ schedules }: AppState) => schedules[0]?.copies ?? []
const done = (state: AppState) => {
  const copies = copiesOf(state)
  const ended = state.runs.every(({ outcome }) => outcome !== undefined)
  return ended && copies.length > 0 && copies.every((copy) => copy.state === 'done')
}

/** Restores the newest backup that lies there into a folder, and gives the text of the file. */
async function restored(from: string): Promise<string> {
  const { artifacts } = await client.artifact.list({ medium: at(from) })
  const artifact = artifacts[0]?.name ?? ''
  const { id: inspection, listedFrom } = await client.restore.inspect({
    medium: at(from),
    artifact,
    keyPassword,
    full: true,
  })
  expect(listedFrom).toBe('index')
  const into = at('out')
  const { id: preview } = await client.restore.preview({ inspection, into, existing: 'replace' })
  expect((await endOf(client, (await client.restore.start({ preview })).id)).outcome).toBe('success')
  return readFileSync(join(into, 'Docs', 'a.txt'), 'utf8')
}

const sha = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

describe('copies by themselves', () => {
  it('reach every other destination as they are, are noted there, and restore when the first is gone', async () => {
    await begin({ schedules: true })
    const planId = await plan('first', 'second', 'third')
    const run = await backUp(planId)
    const artifact = run.artifact ?? ''
    const state = await until(done)
    const copies = state.runs.filter(({ kind }) => kind === 'copy')
    expect(copies).toHaveLength(2)
    for (const copy of copies)
      expect(copy).toMatchObject({
        outcome: 'success',
        trigger: 'scheduled',
        planId,
        artifact,
        sha256: run.sha256,
        stored: run.stored,
        madeAt: run.startedAt,
        from: { name: 'FIRST' },
      })
    expect(copies.map(({ medium }) => medium?.name).sort()).toEqual(['SECOND', 'THIRD'])
    for (const name of ['second', 'third']) {
      expect(sha(shelf(name, artifact))).toBe(run.sha256)
      execFileSync('sha256sum', ['--strict', '-c', 'SHA256SUMS'], { cwd: shelf(name), stdio: 'ignore' })
      expect(readdirSync(shelf(name)).some((file) => file.startsWith('kpri.'))).toBe(true)
    }
    const [listed] = (await client.artifact.list({ medium: at('third') })).artifacts
    expect(listed).toMatchObject({ name: artifact, sha256: run.sha256, verifiedAt: expect.any(String) })
    rmSync(at('first'), { recursive: true })
    rmSync(at('second'), { recursive: true })
    expect(await restored('third')).toBe('first')
  })

  it('wait for a place that is away without holding up the others, and are made when it comes', async () => {
    await begin({ schedules: true })
    const planId = await plan('first', 'second', 'third')
    renameSync(at('second'), at('away'))
    await backUp(planId)
    const [second, third] = copiesOf(await until((state) => copiesOf(state)[1]?.state === 'done'))
    expect(second).toMatchObject({ name: 'SECOND', state: 'waiting', reason: { code: 'medium-absent' } })
    expect(third).toMatchObject({ name: 'THIRD', state: 'done', newest: expect.any(String) })
    // After a restart too: what is due follows from history alone.
    await engine.close()
    renameSync(at('away'), at('second'))
    await begin({ schedules: true })
    await until(done)
    expect(backups('second')).toEqual(backups('first'))
  })

  it('alarm once a place has lacked them for a week, and say which', async () => {
    await begin({ schedules: true })
    const planId = await plan('first', 'second')
    await backUp(planId)
    await until(done)
    renameSync(at('second'), at('away'))
    ahead += 3600_000
    await client.operator.unlock({ password: operatorPassword })
    const run = await backUp(planId)
    await until((state) => copiesOf(state)[0]?.state === 'waiting')
    expect((await client.app.state({})).alarms).toEqual([])
    ahead += 8 * 24 * 3600_000
    engine.wake()
    const { alarms } = await until((state) => state.alarms.length > 0)
    expect(alarms).toMatchObject([{ kind: 'copy-late', place: 'SECOND', since: run.startedAt }])
    // By mail too, once: also to whom it stands since before mail was set up, and over a restart.
    const server = await startMailServer()
    onTestFinished(() => server.close())
    await client.operator.unlock({ password: operatorPassword })
    const who = { address: 'anna@example.org', language: 'fr' as const, events: ['missed' as const], report: false }
    const account = { host: '127.0.0.1', port: server.port, security: 'none' as const, from: 'arche@example.org' }
    const settings = { ...account, recipients: [who], report: { day: 5, at: '12:00' } }
    await client.mail.save({ settings })
    engine.wake()
    const [mail] = await server.seen(1)
    expect(mail?.text).toContain('n’ont pas été copiées vers SECOND')
    await engine.close()
    await begin({ schedules: true })
    await until((state) => state.alarms.length > 0)
    engine.wake()
    await engine.close()
    expect(server.received).toHaveLength(1)
    await begin({ schedules: true })
  })

  it('follow the rules of their own place', async () => {
    await begin({ schedules: true })
    const planId = await plan('first', 'second')
    const [saved] = (await client.app.state({})).plans
    const [first, second] = saved?.destinations ?? []
    await client.keep.save({ planId, destination: first?.id, keep: { last: 1 } })
    await client.keep.save({ planId, destination: second?.id, keep: { last: 2 } })
    for (let count = 0; count < 4; count += 1) {
      await backUp(planId)
      await until(done)
    }
    expect(backups('first')).toHaveLength(1)
    expect(backups('second')).toHaveLength(2)
    expect(backups('second')).toContain(backups('first')[0])
    execFileSync('sha256sum', ['--strict', '-c', 'SHA256SUMS'], { cwd: shelf('second'), stdio: 'ignore' })
  })

  it('never take what has changed since it was made', async () => {
    await begin()
    const planId = await plan('first', 'second')
    const { artifact = '' } = await backUp(planId)
    const bytes = readFileSync(shelf('first', artifact))
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
    writeFileSync(shelf('first', artifact), bytes)
    const run = await endOf(client, (await client.copy.start({ planId, to: at('second') })).id)
    expect(run).toMatchObject({ outcome: 'error', failure: { code: 'damaged', details: { name: artifact } } })
    expect(backups('second')).toEqual([])
    expect(readdirSync(shelf('second')).filter((name) => name.startsWith('.arche-part'))).toEqual([])
  })
})

describe('a copy by hand', () => {
  it('of any backup that lies somewhere; twice is once', async () => {
    await begin()
    const planId = await plan('first')
    const older = (await backUp(planId)).artifact ?? ''
    await backUp(planId)
    await place('second')
    const copy = async (artifact: string, from = 'first', to = 'second') =>
      endOf(client, (await client.copy.start({ from: at(from), artifact, to: at(to) })).id)
    expect(await copy(older)).toMatchObject({ outcome: 'success', artifact: older, planId })
    const { mtimeMs } = statSync(shelf('second', older))
    expect(await copy(older)).toMatchObject({ outcome: 'success' })
    expect(statSync(shelf('second', older)).mtimeMs).toBe(mtimeMs)
    expect(backups('second')).toEqual([older])
    // A copy of the copy, when what it came from is gone.
    await place('third')
    rmSync(at('first'), { recursive: true })
    expect(await copy(older, 'second', 'third')).toMatchObject({ outcome: 'success', madeAt: expect.any(String) })
    expect(sha(shelf('third', older))).toBe(sha(shelf('second', older)))
  })

  it('costs nothing: where a person copies to, or what is older, no rule is applied', async () => {
    await begin()
    const planId = await plan('first', 'second')
    const [saved] = (await client.app.state({})).plans
    for (const { id } of saved?.destinations ?? [])
      await client.keep.save({ planId, destination: id, keep: { last: 1 } })
    await place('third')
    const kept: string[] = []
    for (let count = 0; count < 3; count += 1) {
      kept.push((await backUp(planId)).artifact ?? '')
      const { id } = await client.copy.start({ planId, to: at('third') })
      expect(await endOf(client, id)).toMatchObject({ outcome: 'success' })
    }
    expect(backups('first')).toEqual([kept[2]])
    expect(backups('third')).toEqual(kept.toSorted())
    // The newest first, then an older one that somebody wants there too.
    await endOf(client, (await client.copy.start({ planId, to: at('second') })).id)
    const older = { from: at('third'), artifact: kept[0] ?? '', to: at('second') }
    const run = await endOf(client, (await client.copy.start(older)).id)
    expect(run).toMatchObject({ outcome: 'success' })
    expect(run.removed).toBeUndefined()
    expect(backups('second')).toEqual([kept[0], kept[2]].toSorted())
  })

  it('is refused where it makes no sense', async () => {
    await begin()
    const planId = await plan('first')
    const { artifact = '' } = await backUp(planId)
    const start = (more: { artifact?: string; to?: string }) =>
      client.copy.start({ from: at('first'), artifact, to: at('second'), ...more })
    await expect(start({})).rejects.toMatchObject({ code: 'not-initialised' })
    await place('second')
    await expect(start({ to: at('first') })).rejects.toMatchObject({ code: 'copy-same-place' })
    await expect(start({ artifact: artifact.replace('Docs', 'Dogs') })).rejects.toMatchObject({ code: 'not-found' })
    writeFileSync(shelf('second', artifact), 'something else')
    const run = await endOf(client, (await start({})).id)
    expect(run).toMatchObject({ outcome: 'error', failure: { code: 'exists', details: { name: artifact } } })
    expect(readFileSync(shelf('second', artifact), 'utf8')).toBe('something else')
    const none = await client.plan.save({
      name: 'None',
      source: { kind: 'folders', paths: [at('Docs')], exclude: [] },
      destinations: [{ place: { kind: 'medium' } }],
    })
    await expect(client.copy.start({ planId: none.id, to: at('second') })).rejects.toMatchObject({ code: 'no-backups' })
  })
})

describe('destinations', () => {
  it('keep their rules when a plan is saved anew, and are refused where they contradict each other', async () => {
    await begin()
    const planId = await plan('first', 'second')
    const [saved] = (await client.app.state({})).plans
    const [first, second] = saved?.destinations ?? []
    if (!saved || !first || !second) throw new Error('no plan')
    await client.keep.save({ planId, destination: second.id, keep: { last: 9 } })
    const swapped = await client.plan.save({ ...saved, destinations: [second, first] })
    expect(swapped.destinations).toEqual([
      { ...second, via: 'run', keep: { last: 9 } },
      { ...first, via: 'copy' },
    ])
    // A place that is put before the others brings no rules of theirs with it.
    const third = { place: { kind: 'medium' as const, id: await place('third') } }
    const { destinations } = await client.plan.save({ ...swapped, destinations: [third, ...swapped.destinations] })
    expect(destinations.map(({ id, keep }) => [id === second.id || id === first.id, keep])).toEqual([
      [false, undefined],
      [true, { last: 9 }],
      [true, undefined],
    ])
    const any = { place: { kind: 'medium' as const } }
    for (const destinations of [[first, any], [first, { place: first.place }], []])
      await expect(client.plan.save({ ...saved, destinations })).rejects.toMatchObject({ code: 'bad-input' })
    await expect(
      client.keep.save({ planId, destination: '00000000-0000-4000-8000-000000000000', keep: null }),
    ).rejects.toMatchObject({ code: 'not-found' })
  })

  it('any medium is never the one that gets the copies', async () => {
    await begin()
    const id = await place('second')
    const { id: planId } = await client.plan.save({
      name: 'Docs',
      source: { kind: 'folders', paths: [at('Docs')], exclude: [] },
      destinations: [{ place: { kind: 'medium' } }, { place: { kind: 'medium', id } }],
    })
    await expect(client.backup.start({ planId })).rejects.toMatchObject({ code: 'no-medium' })
    await place('first')
    expect((await backUp(planId)).medium).toMatchObject({ name: 'FIRST' })
  })
})

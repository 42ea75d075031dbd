// Schedules through the engine's contract, with a real worker and a folder as medium: only the clock is the test's own.
import { cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { AppState } from '../../core/api/model.ts'
import type { ScheduleDraft } from '../../core/api/schedule.ts'
import type { Engine, EngineClient, Host } from '../../core/engine/engine.ts'
import { conditions } from '../support/conditions.ts'
import { openOn, prepareHome, stateThat } from '../support/engine.ts'

const operatorPassword = 'operator pass'
const hour = 3600_000

let root: string
let template: string
let engine: Engine
let client: EngineClient
let bugs: unknown[] = []
/** How far the clock of the test is ahead, in ms. */
let ahead = 0
const now = () => Date.now() + ahead

beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), 'arche-schedule-'))
  await prepareHome(template, operatorPassword, 'key pass')
})

afterAll(() => rm(template, { recursive: true, force: true }))

beforeEach(async () => {
  bugs = []
  // The same time of the day whenever the test runs: an hour after noon, tomorrow.
  ahead = new Date(Date.now() + 24 * hour).setHours(13, 0, 0, 0) - Date.now()
  root = await mkdtemp(join(tmpdir(), 'arche-schedule-'))
  await cp(template, join(root, 'home'), { recursive: true })
  for (const folder of ['Docs', 'stick', 'other']) await mkdir(join(root, folder))
  await writeFile(join(root, 'Docs', 'a.txt'), 'first')
  await begin()
})

afterEach(async () => {
  await engine.close()
  await rm(root, { recursive: true, force: true })
  expect(bugs).toEqual([])
})

async function begin(more: Partial<Host> = {}): Promise<void> {
  const onBug = (error: unknown) => void bugs.push(error)
  engine = await openOn(join(root, 'home'), { onBug, now, schedules: true, settle: 0, ...more })
  client = await engine.connect()
  await client.operator.unlock({ password: operatorPassword })
}

const until = (fits: (state: AppState) => boolean) => stateThat(client, fits)

async function pass(hours: number): Promise<void> {
  ahead += hours * hour
  await client.operator.unlock({ password: operatorPassword })
  engine.wake()
}

const daily: ScheduleDraft['when'] = { kind: 'daily', at: '12:00' }

async function setUp(when: ScheduleDraft['when'] = daily, more: Partial<ScheduleDraft> = {}): Promise<string> {
  const stick = await client.medium.init({ medium: join(root, 'stick'), name: 'STICK' })
  const plan = await client.plan.save({
    name: 'Docs',
    source: { kind: 'folders', paths: [join(root, 'Docs')], exclude: [] },
    destinations: [{ place: { kind: 'medium', ...(stick.id === undefined ? {} : { id: stick.id }) } }],
  })
  await client.schedule.save({ planId: plan.id, schedule: { ...conditions, when, ...more } })
  return plan.id
}

describe('a schedule', () => {
  it('is carried out when its time comes, and the history says for which', async () => {
    const planId = await setUp()
    const before = await until(({ schedules }) => schedules[0]?.nextDue !== undefined)
    expect(before.schedules).toMatchObject([{ planId, state: 'planned' }])
    expect(before.runs).toEqual([])
    const { times } = await client.schedule.preview({ schedule: daily, count: 2 })
    expect(times[0]).toBe(before.schedules[0]?.nextDue)
    await pass(25)
    const { runs, protection } = await until((state) => state.runs.some(({ outcome }) => outcome === 'success'))
    expect(runs).toMatchObject([{ kind: 'backup', trigger: 'scheduled', planId, dueAt: times[0], attempt: 1 }])
    expect(protection).toMatchObject({ level: 'protected' })
    expect(await readdir(join(root, 'stick', 'SIGL_sauvegardes'))).toContain(runs[0]?.artifact)
  })

  it('that was missed for days is made up once after a restart, and the rest is recorded', async () => {
    await setUp()
    await engine.close()
    ahead += 5 * 24 * hour
    await begin()
    const { runs } = await until((state) => state.runs.some(({ outcome }) => outcome === 'success'))
    expect(runs.map(({ outcome, dues }) => [outcome, dues])).toEqual([
      ['success', undefined],
      ['missed', 4],
    ])
    expect(runs[1]).toMatchObject({ failure: { code: 'not-running' }, trigger: 'scheduled' })
    await engine.close()
    await begin()
    await until(({ schedules }) => schedules[0]?.state === 'planned')
    expect(await client.run.history({})).toHaveLength(2)
  })

  it('waits for its medium and starts by itself when it comes', async () => {
    await setUp()
    await rename(join(root, 'stick'), join(root, 'away'))
    await pass(24.5)
    const waiting = await until(({ schedules }) => schedules[0]?.state === 'waiting')
    expect(waiting.schedules[0]).toMatchObject({ reason: { code: 'medium-absent', details: { name: 'STICK' } } })
    expect(waiting.schedules[0]?.medium).toMatchObject({ due: { name: 'STICK' } })
    expect((await until(({ alarms }) => alarms.length > 0)).alarms).toMatchObject([{ kind: 'medium-needed' }])
    await rename(join(root, 'away'), join(root, 'stick'))
    engine.wake()
    const { runs, alarms } = await until((state) => state.runs[0]?.outcome === 'success')
    expect(runs).toHaveLength(1)
    expect(alarms).toEqual([])
  })

  it('records a backup whose medium never came as missed, and alarms when the last success is old', async () => {
    await setUp(daily, { mediumWindowHours: 1 })
    await rename(join(root, 'stick'), join(root, 'away'))
    await pass(24)
    await until(({ schedules }) => schedules[0]?.state === 'waiting')
    await pass(24)
    await until(({ runs }) => runs.some(({ outcome }) => outcome === 'missed'))
    await pass(24)
    const { runs, alarms, protection } = await until((state) => state.alarms.some(({ kind }) => kind === 'no-success'))
    expect(runs.every(({ outcome, failure }) => outcome === 'missed' && failure?.code === 'medium-absent')).toBe(true)
    expect(alarms.map(({ kind }) => kind)).toContain('missed')
    expect(protection).toMatchObject({ level: 'unprotected' })
  })

  it('alarms quietly once a person has seen it, until there is news or that is taken back, and stays unprotected', async () => {
    await setUp(daily, { mediumWindowHours: 1 })
    await rename(join(root, 'stick'), join(root, 'away'))
    const missed = (state: AppState) => state.alarms.find(({ kind }) => kind === 'missed')
    await pass(24)
    await until(({ schedules }) => schedules[0]?.state === 'waiting')
    await pass(24)
    await until(({ runs }) => runs.some(({ outcome }) => outcome === 'missed'))
    await pass(24)
    const before = await until(({ alarms }) => alarms.some(({ kind }) => kind === 'no-success'))
    const alarm = missed(before)
    if (!alarm) throw new Error('no alarm')
    const seen = { planId: alarm.planId, kind: alarm.kind, since: alarm.since }
    await client.plan.acknowledge({ ...seen, acknowledged: true })
    const after = await client.app.state({})
    expect(missed(after)?.acknowledgedAt).toBeDefined()
    expect(after.alarms).toHaveLength(before.alarms.length)
    expect([after.protection, after.rows]).toEqual([before.protection, before.rows])
    const wrong = client.plan.acknowledge({ ...seen, since: '2020-01-01T00:00:00.000Z', acknowledged: true })
    await expect(wrong).rejects.toMatchObject({ code: 'changed' })
    await client.plan.acknowledge({ ...seen, acknowledged: false })
    expect(missed(await client.app.state({}))?.acknowledgedAt).toBeUndefined()
    await client.plan.acknowledge({ ...seen, acknowledged: true })
    await pass(24)
    const news = await until((state) => (missed(state)?.since ?? alarm.since) !== alarm.since)
    expect(missed(news)?.acknowledgedAt).toBeUndefined()
  })

  it('is recorded as failed where a person has to decide between media', async () => {
    await setUp()
    await client.medium.init({ medium: join(root, 'other'), name: 'OTHER' })
    const [plan] = (await client.app.state({})).plans
    if (!plan) throw new Error('no plan')
    await client.plan.save({
      id: plan.id,
      name: plan.name,
      source: plan.source,
      destinations: [{ place: { kind: 'medium' } }],
    })
    await pass(25)
    const { runs, alarms } = await until((state) => state.alarms.length > 0 && state.runs.length > 0)
    expect(runs).toMatchObject([{ outcome: 'error', failure: { code: 'several-media' } }])
    expect(JSON.stringify(runs[0]?.failure?.details.found)).toContain('OTHER')
    expect(alarms).toMatchObject([{ kind: 'failed', subject: 'Docs' }])
  })

  it('takes the medium of a rotation that is due, by hand too', async () => {
    const planId = await setUp()
    const other = await client.medium.init({ medium: join(root, 'other'), name: 'OTHER' })
    const [plan] = (await client.app.state({})).plans
    const first = plan?.destinations[0]?.place.id
    if (!plan || !first || !other.id) throw new Error('no media')
    const destinations = [{ place: { kind: 'medium' as const, rotation: [first, other.id] } }]
    await client.plan.save({ id: planId, name: plan.name, source: plan.source, destinations })
    const { id } = await client.backup.start({ planId })
    await until(({ runs }) => runs.some((run) => run.id === id && run.outcome === 'success'))
    await pass(25)
    const { runs, schedules } = await until(
      (state) => state.runs.filter(({ outcome }) => outcome === 'success').length === 2,
    )
    expect(runs.map(({ medium }) => medium?.name)).toEqual(['OTHER', 'STICK'])
    expect(schedules[0]?.medium?.ages.map(({ name }) => name)).toEqual(['STICK', 'OTHER'])
  })

  it('waits where the system says so, and not where it does not tell', async () => {
    await engine.close()
    let battery: boolean | undefined = true
    await begin({ onBattery: async () => battery, onMetered: async () => undefined })
    await setUp(daily, { mainsPower: true, unmetered: true })
    await pass(25)
    const { schedules } = await until((state) => state.schedules[0]?.state === 'waiting')
    expect(schedules[0]).toMatchObject({ reason: { code: 'on-battery' } })
    battery = undefined
    engine.wake()
    await until(({ runs }) => runs[0]?.outcome === 'success')
  })

  it('rests during a pause, which ends by itself, and is made up then', async () => {
    await setUp()
    await expect(client.schedule.pause({ until: new Date(now() + 8 * 24 * hour).toISOString() })).rejects.toMatchObject(
      {
        code: 'bad-input',
      },
    )
    await client.schedule.pause({ until: new Date(now() + 30 * hour).toISOString() })
    await pass(26)
    const { paused, schedules } = await until((state) => state.schedules[0]?.state === 'paused')
    expect(paused).not.toBeNull()
    expect(schedules[0]?.dueAt).toBeDefined()
    await pass(5)
    const after = await until(({ runs }) => runs.some(({ outcome }) => outcome === 'success'))
    expect(after.paused).toBeNull()
  })

  it('can be resumed and removed', async () => {
    const planId = await setUp()
    await client.schedule.pause({})
    expect((await client.app.state({})).paused).not.toBeNull()
    await client.schedule.resume({})
    expect((await client.app.state({})).paused).toBeNull()
    expect(await client.schedule.save({ planId, schedule: null })).not.toHaveProperty('schedule')
    await until(({ schedules }) => schedules[0]?.state === 'inactive')
    await pass(100)
    expect(await client.run.history({})).toEqual([])
    await client.operator.lock({})
    const refused = client.schedule.save({ planId, schedule: { ...conditions, when: daily } })
    await expect(refused).rejects.toMatchObject({ code: 'operator-needed' })
  })

  it('is not carried out by a command of the terminal, which says so', async () => {
    await setUp()
    await engine.close()
    await begin({ schedules: false })
    await pass(25)
    const { schedules } = await until((state) => state.schedules[0]?.dueAt !== undefined)
    expect(schedules[0]?.reason).toMatchObject({ code: 'nobody-schedules' })
    expect(schedules[0]?.state).toBe('waiting')
    expect(await client.run.history({})).toEqual([])
  })

  it('survives a change of the plan, and is not taken over with an imported plan', async () => {
    const planId = await setUp()
    const [plan] = (await client.app.state({})).plans
    if (!plan) throw new Error('no plan')
    const saved = await client.plan.save({
      id: planId,
      name: 'Renamed',
      source: plan.source,
      destinations: plan.destinations,
    })
    expect(saved.schedule).toEqual(plan.schedule)
    const { json } = await client.plan.export({})
    await client.plan.remove({ id: planId })
    expect(await client.plan.import({ json })).toMatchObject([{ name: 'Renamed' }])
    await until(({ schedules }) => schedules[0]?.state === 'inactive')
  })
})

// Plans through the contract of a whole engine: what a file of plans would change here, and reading it.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Keep, Plan } from '../../core/api/plan.ts'
import { changedParts } from '../../core/api/plan-change.ts'
import type { Engine, EngineClient } from '../../core/engine/engine.ts'
import { conditions } from '../support/conditions.ts'
import { openOn } from '../support/engine.ts'
import { temporaryFolder } from './fixtures/temp-folder.ts'

let engine: Engine
let client: EngineClient
let bugs: unknown[]

beforeEach(async () => {
  bugs = []
  engine = await openOn(join(temporaryFolder(), 'home'), { onBug: (error) => bugs.push(error) })
  client = await engine.connect()
  await client.operator.set({ next: 'operator pass' })
})

afterEach(async () => {
  await engine.close()
  expect(bugs).toEqual([])
})

async function setUp(): Promise<string> {
  await client.operator.unlock({ password: 'operator pass' })
  const plan = await client.plan.save({
    name: 'Docs',
    source: { kind: 'folders', paths: ['/home/me/Docs'], exclude: [] },
    destinations: [{ place: { kind: 'medium' } }],
  })
  return plan.id
}

const kept = ({ destinations }: Pick<Plan, 'destinations'>, keep: Keep) => destinations.map((one) => ({ ...one, keep }))

it('keeps the rules that a destination comes with, until its own method changes them', async () => {
  await setUp()
  const source = { kind: 'folders' as const, paths: ['/home/me/Other'], exclude: [] }
  const place = { kind: 'medium' as const }
  const plan = await client.plan.save({ name: 'Other', source, destinations: [{ place, keep: { last: 3 } }] })
  expect(plan.destinations).toMatchObject([{ place, keep: { last: 3 } }])
  const again = await client.plan.save({ ...plan, destinations: [{ place, keep: { last: 1 } }] })
  expect(again.destinations).toEqual(plan.destinations)
})

describe('plans from a file', () => {
  const fileOf = (plans: object[]) => JSON.stringify({ arche: 'plans', version: 2, plans })

  it('replace nothing that nobody has looked at, and keep what is this computer’s', async () => {
    const planId = await setUp()
    const schedule = { when: { kind: 'daily' as const, at: '03:00' }, ...conditions }
    await client.schedule.save({ planId, schedule })
    const [here] = (await client.app.state({})).plans
    const { schedule: _, ...plan } = here as Plan
    const restart = { kind: 'command' as const, command: 'touch /nowhere' }
    // Another computer's plan of the same name: it would take the place of the one here, with its history and schedule.
    const other = {
      ...plan,
      id: '11111111-1111-4111-8111-111111111111',
      restart,
      destinations: kept(plan, { last: 1 }),
      ping: 'http://x.example/y',
    }
    const json = fileOf([other])
    await expect(client.plan.import({ json })).rejects.toMatchObject({ code: 'exists', details: { name: 'Docs' } })
    const { changes, seen } = await client.plan.compare({ json })
    expect(changes).toEqual([{ plan: { ...here, restart, destinations: kept(plan, { last: 1 }) }, before: here }])
    expect(changes.map(changedParts)).toEqual([['destinations', 'restart']])
    expect((await client.app.state({})).plans).toEqual([here])
    // What was looked at is not what is there any more.
    await client.keep.save({ planId, keep: { last: 7 } })
    await expect(client.plan.import({ json, seen })).rejects.toMatchObject({ code: 'changed' })
    const again = await client.plan.compare({ json })
    expect(await client.plan.import({ json, seen: again.seen })).toEqual([
      { ...here, restart, destinations: kept(plan, { last: 1 }) },
    ])
    expect((await client.app.state({})).plans).toHaveLength(1)
    // Twice is once.
    expect((await client.plan.compare({ json })).changes.flatMap(changedParts)).toEqual([])
    await client.plan.import({ json })
  })

  it('are refused where they contradict each other or hold what is not known', async () => {
    const planId = await setUp()
    const [plan] = (await client.app.state({})).plans
    const [a, b] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222']
    const exists = { code: 'exists' }
    const twice = fileOf([
      { ...plan, id: a, name: 'New' },
      { ...plan, id: b, name: 'New' },
    ])
    await expect(client.plan.compare({ json: twice })).rejects.toMatchObject(exists)
    await client.plan.import({ json: fileOf([{ ...plan, id: a, name: 'Other' }]) })
    const both = fileOf([{ ...plan, id: planId, name: 'Other' }])
    await expect(client.plan.compare({ json: both })).rejects.toMatchObject(exists)
    const unknown = fileOf([{ ...plan, id: b, name: 'New', retention: 3 }])
    await expect(client.plan.import({ json: unknown })).rejects.toMatchObject({
      code: 'bad-input',
      details: { reason: 'plans.0.retention' },
    })
    expect((await client.app.state({})).plans.map(({ name }) => name)).toEqual(['Docs', 'Other'])
  })

  it('that Arche 0.1 exported are taken over, and those of a later Arche refused', async () => {
    const json = await readFile(join(import.meta.dirname, '../golden/v0.1/exported.json'), 'utf8')
    const plans = await client.plan.import({ json })
    expect(plans.map(({ name, destinations: [first] }) => [name, first?.keep, first?.via])).toEqual([
      ['Photos', { last: 5, monthly: 12 }, 'run'],
      ['Travel', { daily: 7 }, 'run'],
      ['Any', { last: 3 }, 'run'],
      ['SIGL', undefined, 'run'],
      ['Databases', undefined, 'run'],
    ])
    const later = JSON.stringify({ ...JSON.parse(json), version: 3 })
    await expect(client.plan.import({ json: later })).rejects.toMatchObject({ code: 'unsupported-format' })
    expect((await client.app.state({})).plans).toEqual(plans)
  })
})

// What Arche 0.1 wrote (tests/golden/v0.1): its configuration, its exports and its history are read as they were meant.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { destinationOn } from '../../core/api/destination.ts'
import { Run } from '../../core/api/model.ts'
import { Plan } from '../../core/api/plan.ts'
import { openConfig } from '../../core/config/config.ts'
import { plansOfVersion1 } from '../../core/config/version1.ts'

const golden = join(import.meta.dirname, '../golden/v0.1')
const stick = '6a7ce86e-b04e-40ba-ad1a-f26237e1f64b'
const second = '14bdf74d-e3cc-407f-91fe-84769a69551c'

function home(): string {
  const folder = mkdtempSync(join(tmpdir(), 'arche-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(join(golden, 'home'), folder, { recursive: true })
  return folder
}

describe('the configuration of 0.1', () => {
  it('has its one place and its rules as the first destination of each plan', async () => {
    const { current } = await openConfig(home())
    const shown = current.plans.map(({ id, name, destinations }) => [name, destinations, id] as const)
    const first = (id: string, place: object, keep?: object) => [
      { id, place: { kind: 'medium', ...place }, via: 'run', ...(keep ? { keep } : {}) },
    ]
    expect(shown.map(([name, destinations]) => [name, destinations])).toEqual([
      ['Photos', first(shown[0]?.[2] ?? '', { id: stick }, { last: 5, monthly: 12 })],
      ['Travel', first(shown[1]?.[2] ?? '', {}, { daily: 7 })],
      ['Any', first(shown[2]?.[2] ?? '', { rotation: [stick, second] }, { last: 3 })],
      ['SIGL', first(shown[3]?.[2] ?? '', {})],
      ['Databases', first(shown[4]?.[2] ?? '', {})],
    ])
    const [photos] = current.plans
    expect(photos?.schedule?.when).toEqual({ kind: 'weekly', days: [1, 5], at: '20:00' })
    expect(photos && destinationOn(photos, second).keep).toEqual({ last: 5, monthly: 12 })
  })

  it('is written with the next change, and the file of before stays beside it', async () => {
    const folder = home()
    const before = readFileSync(join(folder, 'config.json'), 'utf8')
    const config = await openConfig(folder)
    expect(readFileSync(join(folder, 'config.json'), 'utf8')).toBe(before)
    await config.update((current) => ({ ...current, settings: { ...current.settings, welcomed: true } }))
    expect(readFileSync(join(folder, 'config.json.bak'), 'utf8')).toBe(before)
    const again = await openConfig(folder)
    expect(again.current).toEqual(config.current)
    expect(again.current.version).toBe(2)
  })

  it('with a part that is not known is refused, not shortened', async () => {
    const folder = home()
    const content = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))
    delete content.checksum
    content.plans[0].kep = { last: 3 }
    writeFileSync(join(folder, 'config.json'), JSON.stringify(content))
    await expect(openConfig(folder)).rejects.toMatchObject({
      code: 'config-damaged',
      details: { reason: 'plans.0.kep' },
    })
  })
})

it('the plans that 0.1 exported are the same ones', async () => {
  const exported = JSON.parse(readFileSync(join(golden, 'exported.json'), 'utf8'))
  const plans = Plan.array().parse(plansOfVersion1(exported.plans))
  const { current } = await openConfig(home())
  expect(plans).toEqual(current.plans.map(({ ping: _, ...plan }) => plan))
})

it('the history of 0.1 is read', () => {
  const lines = readFileSync(join(golden, 'home/history.jsonl'), 'utf8').trimEnd().split('\n')
  const runs = lines.map((line) => JSON.parse(line)).filter((line) => line.run ?? line.id)
  expect(runs.length).toBeGreaterThan(3)
  for (const line of runs) expect(Run.safeParse(line.run ?? line).success).toBe(true)
})

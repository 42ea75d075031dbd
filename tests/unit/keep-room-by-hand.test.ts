// Room that a person wants: over many places, plans and wishes nothing goes that must stay, nothing in vain, and no more than is needed.
import { describe, expect, it } from 'vitest'
import type { Artifact } from '../../core/api/model.ts'
import type { Keep } from '../../core/api/plan.ts'
import type { KeepFacts, Made } from '../../core/keep/keep.ts'
import { type PlanThere, roomByHand, stillMakesRoom } from '../../core/keep/room-by-hand.ts'
import { artifactName } from '../../core/targets/names.ts'
import { randomNumbers } from '../suites/fixtures/streams.ts'

const day = 24 * 3600 * 1000
const now = Date.parse('2026-03-31T12:00:00Z')

interface There {
  readonly plan: PlanThere
  readonly artifacts: readonly Artifact[]
}

/** A plan with a backup of each of these sizes, newest first; `late`: days between now and the newest. */
function planWith(
  planId: string,
  sizes: readonly number[],
  keep?: Keep,
  facts: Partial<KeepFacts> = {},
  late = 1,
): There {
  const both = sizes.map((size, at) => {
    const time = now - (at + late) * day
    const sha256 = String(at % 10).repeat(64)
    const name = artifactName(planId, new Date(time))
    const iso = new Date(time).toISOString()
    const artifact: Artifact = { name, subject: planId, time: iso, size, sha256, format: '3.0' }
    return { artifact, made: { name, sha256, size, time } satisfies Made }
  })
  return {
    plan: { planId, keep, facts: { made: both.map(({ made }) => made), bad: [], ...facts } },
    artifacts: both.map(({ artifact }) => artifact),
  }
}

function on(all: readonly There[], pins: readonly string[] = []) {
  const there = { artifacts: all.flatMap(({ artifacts }) => artifacts), pins: new Set(pins), now, zone: 'UTC' }
  return { plans: all.map(({ plan }) => plan), there }
}

function wanted(all: readonly There[], need: number, free = 0, pins: readonly string[] = []) {
  const { plans, there } = on(all, pins)
  return roomByHand(plans, there, { need, free })
}

const names = (found: ReturnType<typeof roomByHand>) => found.going.map(({ artifact }) => artifact.name)
const nameOf = ({ artifacts }: There, at: number) => artifacts[at]?.name ?? ''

describe('room that a person wants', () => {
  const docs = planWith('Docs', [10, 10, 10, 10, 10])
  const mail = planWith('Mail', [10, 10, 10], undefined, {}, 10)

  it('is made by the oldest of all plans, whatever their rules keep, newest told first', () => {
    expect(names(wanted([docs, mail], 10))).toEqual([nameOf(mail, 2)])
    expect(names(wanted([docs, mail], 25))).toEqual([nameOf(docs, 3), nameOf(docs, 4), nameOf(mail, 2)])
    expect(wanted([docs, mail], 10, 10)).toMatchObject({ going: [], enough: true, could: 40 })
  })

  it('is first made by what the rules of a plan let go anyway', () => {
    const thin = planWith('Docs', [10, 10, 10, 10, 10], { last: 4 })
    expect(names(wanted([thin, mail], 10))).toEqual([nameOf(thin, 4)])
  })

  it('takes nothing where all of it would not do, and says how much it could', () => {
    expect(wanted([docs, mail], 41)).toEqual({ going: [], could: 40, enough: false, heldBack: [] })
  })

  it('takes nothing of a plan that waits for a person, and says so', () => {
    const held = planWith('Mail', [10, 10, 10], undefined, { held: 'newest' }, 10)
    const found = wanted([docs, held], 10)
    expect(names(found)).toEqual([nameOf(docs, 4)])
    expect(found.heldBack).toEqual([{ planId: 'Mail', reason: 'loss', name: 'newest' }])
  })

  it('is asked about anew: what is pinned, held back, not needed or not enough any more is refused', () => {
    const chosen = names(wanted([docs], 20))
    const { plans, there } = on([docs])
    const ask = (given: Parameters<typeof stillMakesRoom>[2], over = {}, all = plans) =>
      stillMakesRoom(chosen, all, given, { need: 20, free: 0, ...over })
    expect(ask(there)).toBe(true)
    expect(ask({ ...there, pins: new Set(chosen.slice(0, 1)) })).toBe(false)
    expect(ask({ ...there, inUse: new Set(chosen.slice(1)) })).toBe(false)
    expect(ask({ ...there, artifacts: there.artifacts.slice(0, 4) })).toBe(false)
    expect(ask(there, { free: 20 })).toBe(false)
    expect(ask(there, { need: 21 })).toBe(false)
    const held = plans.map((plan) => ({ ...plan, facts: { ...plan.facts, held: 'newest' } }))
    expect(ask(there, {}, held)).toBe(false)
  })

  it('over many places: the two newest good ones of each plan and pinned ones stay, none in vain, none too many', () => {
    const random = randomNumbers(7)
    const upTo = (most: number) => random() % most
    for (let round = 0; round < 2000; round += 1) {
      const all = Array.from({ length: 1 + upTo(3) }, (_, at) => {
        const sizes = Array.from({ length: upTo(8) }, () => 1 + upTo(20))
        const keep: Keep | undefined = [undefined, { last: 1 + upTo(4) }, { untilFull: true as const }][upTo(3)]
        const made = planWith(`Plan${at}`, sizes, keep, {}, 1 + upTo(20))
        const bad = made.artifacts.flatMap(({ name }, of) => (of > 0 && upTo(6) === 0 ? [name] : []))
        return { ...made, plan: { ...made.plan, facts: { ...made.plan.facts, bad } } }
      })
      const pins = all.flatMap(({ artifacts }) => artifacts.flatMap(({ name }) => (upTo(5) === 0 ? [name] : [])))
      const [need, free] = [1 + upTo(150), upTo(60)]
      const found = wanted(all, need, free, pins)
      const going = new Set(names(found))
      const freed = found.going.reduce((sum, { artifact }) => sum + artifact.size, 0)
      expect(found.enough).toBe(free + found.could >= need)
      if (!found.enough || free >= need) expect(going.size).toBe(0)
      else expect(free + freed).toBeGreaterThanOrEqual(need)
      for (const { plan, artifacts } of all) {
        const good = artifacts.filter(({ name }) => !plan.facts.bad.includes(name))
        for (const { name } of good.slice(0, 2)) expect(going.has(name)).toBe(false)
        for (const name of plan.facts.bad) expect(going.has(name)).toBe(false)
      }
      for (const name of pins) expect(going.has(name)).toBe(false)
      const { plans, there } = on(all, pins)
      if (going.size > 0) expect(stillMakesRoom([...going], plans, there, { need, free })).toBe(true)
    }
  })
})

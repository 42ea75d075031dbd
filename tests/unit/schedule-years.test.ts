// Two years of a computer that sleeps, is switched off, crashes, travels, and whose media and mains come and go, drawn from a seed that is shown:
// every due time is carried out, made up, or recorded as missed or skipped, and none is dealt with twice; what does not run says why.
import { describe, expect, it } from 'vitest'
import { firstOf, placeIdsOf } from '../../core/api/destination.ts'
import { nextDue } from '../../core/api/due.ts'
import type { Run } from '../../core/api/model.ts'
import type { Plan } from '../../core/api/plan.ts'
import type { Schedule } from '../../core/api/schedule.ts'
import type { Decision } from '../../core/schedule/scene.ts'
import { figure, rounds } from '../support/campaign.ts'
import { type Course, day, hour, medium, minute, plan, randomFrom, settle, World } from '../support/schedule-world.ts'

const begin = Date.parse('2026-01-01T10:00:00Z')
const zones = [
  'Europe/Paris',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'Africa/Cairo',
  'Pacific/Apia',
]

/** The due times that came while somebody was looking, or since the last look; by plan. */
class Expectation {
  readonly dues = new Map<string, Set<number>>()
  /** Due times that a restart in another zone may see in the time before it. */
  readonly possible = new Set<number>()
  readonly #seen = new Map<string, number>()

  look({ now, zone, plans }: World): void {
    for (const { id, schedule } of plans) {
      if (!schedule) continue
      const known = this.dues.get(id) ?? new Set()
      this.dues.set(id, known)
      const from = this.#seen.get(id) ?? Date.parse(schedule.savedAt)
      for (const due of duesBetween(schedule.when, from, now, zone)) known.add(due)
      this.#seen.set(id, Math.max(from, now))
    }
  }

  /** History says what was done, but not in which zone: what was only waited for is due by the clock in force from now on. */
  restart(world: World): void {
    for (const one of world.plans) {
      const { schedule } = one
      if (!schedule) continue
      const dealt = world
        .runsOf(one)
        .slice(-60)
        .map(({ dueAt }) => Date.parse(dueAt ?? ''))
      const last = Math.max(Date.parse(schedule.savedAt), ...dealt.filter((due) => due <= world.now))
      const now = new Set(duesBetween(schedule.when, last, world.now, world.zone))
      const known = this.dues.get(one.id)
      for (const due of known ?? []) if (due > last && !now.has(due) && known?.delete(due)) this.possible.add(due)
      for (const due of now) this.possible.add(due)
      this.#seen.set(one.id, Math.min(this.#seen.get(one.id) ?? last, world.now))
    }
  }
}

function duesBetween(when: Schedule, from: number, to: number, zone: string): number[] {
  const dues: number[] = []
  for (let due = nextDue(when, from, zone); due !== undefined && due <= to; due = nextDue(when, due, zone))
    dues.push(due)
  return dues
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}

function plansOf(sticks: { red: string; blue: string; disk: string }): Plan[] {
  const disk = { kind: 'medium' as const, id: sticks.disk }
  return [
    plan('daily', { kind: 'daily', at: '02:30' }, begin),
    plan(
      'rotation',
      { kind: 'weekly', days: [1, 5], at: '18:00' },
      begin,
      { mediumWindowHours: 30 },
      {
        kind: 'medium',
        rotation: [sticks.red, sticks.blue],
      },
    ),
    plan('hours', { kind: 'hours', every: 7, from: '07:15' }, begin, { retries: 1 }, disk),
    plan('monthly', { kind: 'monthly', day: 31, at: '00:00' }, begin, { mainsPower: true }, disk),
    plan(
      'careful',
      { kind: 'daily', at: '12:00' },
      begin,
      {
        mainsPower: true,
        unmetered: true,
        window: { from: '22:00', to: '13:00' },
        retries: 0,
      },
      disk,
    ),
    plan('arrival', { kind: 'medium' }, begin, {}, { kind: 'medium', id: sticks.red }),
  ]
}

/** Whatever is shown as waiting has a reason that holds, and whatever holds nothing up has begun. */
function judge(world: World, { states, actions }: Decision): void {
  const { now, awakeSince } = world
  check(world.wakeAt === undefined || world.wakeAt > now, 'wakes in the past')
  const begins = actions.filter(({ kind }) => kind === 'start').length
  check(world.active.length + begins <= 2, 'too many at once')
  if (actions.length > 0) return
  for (const { planId, state, reason, until, dueAt } of states) {
    const plan = world.plans.find(({ id }) => id === planId) as Plan
    const { schedule } = plan
    const named = placeIdsOf(firstOf(plan).place)
    const wakes = until === undefined || state === 'running' || (world.wakeAt ?? Number.NaN) <= Date.parse(until)
    check(wakes, `${state} sleeps too long`)
    if (state === 'running')
      check(
        world.active.some(({ run }) => run.planId === planId),
        'does not run',
      )
    if (state === 'paused') check((world.pausedUntil ?? 0) > now, 'is not paused')
    if (state !== 'waiting') continue
    check(Date.parse(dueAt ?? '') <= now, 'is not due')
    const holds = {
      'made-up-soon': now < awakeSince + settle,
      'on-battery': world.onBattery && schedule?.mainsPower,
      metered: world.metered && schedule?.unmetered,
      'outside-window': schedule?.window !== undefined,
      // Two at once on different media, one on each.
      'another-running': world.active.length === 2,
      'place-busy': world.active.length > 0,
      'medium-absent': !world.media.some(({ id }) => named.includes(id ?? '')),
      'no-medium': world.media.length === 0,
    } as Record<string, unknown>
    check(holds[reason?.code ?? ''] === true, `waits for ${reason?.code}`)
  }
}

/** Everything that was noted about each due time. */
function byDue(dues: ReadonlySet<number>, runs: readonly Run[]): Map<number, Run[]> {
  const found = new Map([...dues].map((due): [number, Run[]] => [due, []]))
  for (const run of runs) {
    const [from, to] = [Date.parse(run.dueFrom ?? run.dueAt ?? ''), Date.parse(run.dueAt ?? '')]
    if (from === to) found.get(to)?.push(run)
    else for (const [due, list] of found) if (from <= due && due <= to) list.push(run)
  }
  return found
}

/** One record, or tries of which only the last one may be good and each one had a reason to be followed by another. */
function dealtWithOnce(due: number, dealt: readonly Run[], seed: string): void {
  const story = dealt.map(({ outcome, attempt, failure }) => [outcome, attempt, failure?.code].join(' '))
  const what = `${seed}: ${new Date(due).toISOString()}: ${story.join(', ')}`
  check(dealt.length > 0, what)
  check(dealt.length === 1 || !dealt.some(({ outcome }) => outcome === 'missed' || outcome === 'skipped'), what)
  check(new Set(dealt.map(({ attempt }) => attempt)).size === dealt.length, what)
  for (const { outcome, failure } of dealt.slice(0, -1)) {
    const mayFollow = { error: 'medium-gone', cancelled: 'interrupted', abandoned: undefined } as Record<
      string,
      unknown
    >
    check(outcome !== undefined && outcome in mayFollow && mayFollow[outcome] === failure?.code, what)
  }
}

function live(seed: number) {
  const random = randomFrom(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const [red, blue, disk] = [medium('RED'), medium('BLUE'), medium('DISK', true)]
  const expected = new Expectation()
  const course = (): Course => {
    const luck = random()
    if (luck < 0.8) return { takes: (1 + random() * 90) * minute, end: { outcome: 'success' } }
    if (luck < 0.9)
      return { takes: 3 * minute, end: { outcome: 'error', failure: { code: 'medium-gone', details: {} } } }
    if (luck < 0.95) return { takes: 1, end: { outcome: 'error', failure: { code: 'no-space', details: {} } } }
    return { takes: 9 * minute, end: { outcome: 'cancelled', failure: { code: 'cancelled', details: {} } } }
  }
  const ids = { red: red.id ?? '', blue: blue.id ?? '', disk: disk.id ?? '' }
  const world = new World(plansOf(ids), [red, blue, disk], begin, course, (now, decision) => {
    expected.look(now)
    judge(now, decision)
  })
  world.zone = 'Europe/Paris'
  world.media = [disk]
  expected.restart(world)
  world.open()
  const toggle = (one: typeof red) => {
    const there = world.media.includes(one)
    world.media = there ? world.media.filter((other) => other !== one) : [...world.media, one]
  }
  const away = () => Math.round(random() ** 3 * 4 * day)
  const events: (() => void)[] = [
    () => toggle(red),
    () => toggle(red),
    () => toggle(blue),
    () => toggle(pick([red, blue, disk])),
    () => {
      world.onBattery = !world.onBattery
    },
    () => {
      world.metered = random() < 0.3
    },
    () => {
      // Closed lid: time passes, nothing is seen, a backup under way goes on later.
      const slept = away()
      world.up = false
      world.now += slept
      for (const one of world.active) one.endsAt += slept
      if (random() < 0.2) world.zone = pick(zones)
      world.up = true
      world.wake()
    },
    () => {
      if (random() < 0.5) world.kill()
      else world.close()
      world.now += away()
      expected.restart(world)
      world.open()
    },
    () => {
      if (random() < 0.2) world.zone = pick(zones)
    },
    () => {
      if (random() < 0.2) world.pausedUntil = Math.round(world.now + random() * 2 * day)
      else world.pausedUntil = undefined
    },
    () => {
      if (random() < 0.3) world.backUpByHand(pick(world.plans))
    },
    () => {
      if (random() < 0.8) return
      world.now += (random() * 2 - 1) * 5 * hour
      expected.restart(world)
      world.wake()
    },
  ]
  const end = begin + 2 * 365 * day
  while (world.now < end) {
    world.passTo(world.now + -Math.log(1 - random()) * 7 * hour)
    pick(events)()
    world.look()
  }
  // A last quiet stretch, so that what is under way comes to an end.
  world.media = [disk]
  world.pausedUntil = undefined
  world.passTo(world.now + 3 * day)
  return { world, expected }
}

describe('two years', () => {
  const drawn = Array.from({ length: rounds(1, 400) }, () => Math.floor(Math.random() * 2 ** 31))
  it.each([2026, ...drawn])('with the seed %i lose no due time and repeat none', (seed) => {
    const { world, expected } = live(seed)
    let good = 0
    for (const one of world.plans) {
      const runs = world.runsOf(one).filter(({ dueAt }) => dueAt !== undefined)
      const dues = expected.dues.get(one.id) ?? new Set<number>()
      for (const [due, dealt] of byDue(dues, runs))
        if (due < world.now - 2 * day) dealtWithOnce(due, dealt, `seed ${seed}, ${one.name}`)
      good += runs.filter(({ outcome }) => outcome === 'success').length
      if (one.schedule?.when.kind === 'medium') continue
      const extra = runs
        .map(({ dueAt }) => Date.parse(dueAt ?? ''))
        .filter((due) => !dues.has(due) && !expected.possible.has(due))
      expect(
        extra.map((due) => new Date(due)),
        `seed ${seed}, ${one.name}`,
      ).toEqual([])
    }
    expect(good, `seed ${seed}`).toBeGreaterThan(500)
    figure('years', 2)
    figure('backups', good)
  })
})

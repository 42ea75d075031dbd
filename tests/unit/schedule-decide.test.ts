// What a schedule does in the situations of a life with media, mains and people: one plan, one decision at a time, on a clock of the test's own.
import { describe, expect, it } from 'vitest'
import type { Medium, Run } from '../../core/api/model.ts'
import type { Plan, Where } from '../../core/api/plan.ts'
import type { PlanSchedule, Schedule } from '../../core/api/schedule.ts'
import { type Course, day, hour, medium, minute, plan, World } from '../support/schedule-world.ts'

const begin = Date.parse('2026-06-01T10:00:00Z')
const noon = Date.parse('2026-06-01T12:00:00Z')
const success: Course = { takes: 5 * minute, end: { outcome: 'success' } }
const failure = (code: 'medium-gone' | 'no-space' | 'place-unreachable'): Course => ({
  takes: minute,
  end: { outcome: 'error', failure: { code, details: {} } },
})

const [red, blue] = [medium('RED'), medium('BLUE')]

interface Life {
  readonly world: World
  readonly plan: Plan
  /** Outcome, due time and problem of every run, oldest first. */
  story(): string[]
}

function life(
  when: Schedule = { kind: 'daily', at: '12:00' },
  more: Partial<PlanSchedule> = {},
  place: Where = { kind: 'medium' },
  courses: Course[] = [],
): Life {
  const one = plan('docs', when, begin, more, place)
  const world = new World([one], [red, blue], begin, () => courses.shift() ?? success)
  world.media = [red]
  world.open()
  return { world, plan: one, story: () => world.runsOf(one).map(told) }
}

function told({ outcome, dueAt, failure: why, attempt, dues, medium: on }: Run): string {
  const parts = [
    outcome,
    dueAt?.slice(5, 16),
    why?.code,
    attempt && attempt > 1 ? `try ${attempt}` : '',
    dues && `${dues} dues`,
  ]
  return [...parts, on?.name].filter(Boolean).join(' ')
}

describe('a due time', () => {
  it('is carried out in its very moment', () => {
    const { world, plan: one, story } = life()
    world.passTo(noon - 1)
    expect(story()).toEqual([])
    world.passTo(noon)
    expect(world.stateOf(one)).toMatchObject({ state: 'running', dueAt: '2026-06-01T12:00:00.000Z' })
    world.passTo(noon + hour)
    expect(story()).toEqual(['success 06-01T12:00 RED'])
  })

  it('is skipped while the backup before it is still running', () => {
    const { world, story } = life({ kind: 'hours', every: 1, from: '00:00' }, {}, undefined, [
      { ...success, takes: 90 * minute },
    ])
    world.passTo(noon + 30 * minute)
    expect(story().slice(0, 3)).toEqual(['success 06-01T11:00 RED', 'skipped 06-01T12:00 still-running'])
  })

  it('of another plan waits until the work on its medium has ended, and says for what', () => {
    const { world, story } = life({ kind: 'daily', at: '12:00' }, {}, undefined, [{ ...success, takes: 3 * hour }])
    const other = plan('other', { kind: 'daily', at: '12:30' }, begin)
    world.plans.push(other)
    world.passTo(noon + hour)
    expect(world.stateOf(other)).toMatchObject({
      state: 'waiting',
      reason: { code: 'place-busy', details: { name: 'RED', subject: 'docs' } },
    })
    world.passTo(noon + 4 * hour)
    expect([...story(), ...world.runsOf(other).map(told)]).toEqual([
      'success 06-01T12:00 RED',
      'success 06-01T12:30 RED',
    ])
  })

  it('that came while one waited is not carried out where a backup was made by hand since', () => {
    const { world, plan: one, story } = life()
    world.media = []
    world.passTo(noon + hour)
    world.media = [red]
    world.backUpByHand(one)
    world.passTo(noon + 2 * hour)
    expect(story()).toEqual(['success', 'skipped 06-01T12:00 done-by-hand'])
  })

  it('does not become due again when the clock is set back a little, and does when it had been a year ahead', () => {
    const { world, plan: one, story } = life()
    world.passTo(noon + hour)
    world.now = noon - hour
    world.wake()
    world.passTo(noon + hour)
    expect(story()).toEqual(['success 06-01T12:00 RED'])
    world.now += 365 * day
    world.wake()
    world.passTo(world.now + hour)
    world.now = noon + 2 * hour
    world.wake()
    world.passTo(noon + 5 * day + hour)
    expect(story().filter((line) => line.startsWith('success 06-0'))).toHaveLength(7)
    expect(world.alarms(one)).toEqual([])
  })

  it('counts from now on when the schedule was saved by a clock that was ahead', () => {
    const { world, story } = life()
    world.now = begin - 40 * day
    world.wake()
    world.passTo(begin - 39 * day + 3 * hour)
    expect(story()).toEqual(['success 04-22T12:00 RED', 'success 04-23T12:00 RED'])
  })
})

describe('a failed backup', () => {
  it('is tried again with growing pauses, and alarms only when that has come to its end', () => {
    const {
      world,
      plan: one,
      story,
    } = life({ kind: 'daily', at: '12:00' }, {}, undefined, Array(9).fill(failure('medium-gone')))
    world.passTo(noon + 2 * minute)
    expect(world.stateOf(one)).toMatchObject({ state: 'retrying', until: '2026-06-01T12:06:00.000Z' })
    expect(world.alarms(one)).toEqual([])
    world.passTo(noon + 12 * hour)
    expect(story()).toEqual(['', ' try 2', ' try 3', ' try 4'].map((nth) => `error 06-01T12:00 medium-gone${nth} RED`))
    const starts = world.runsOf(one).map(({ startedAt }) => (Date.parse(startedAt) - noon) / minute)
    expect(starts).toEqual([0, 6, 22, 68])
    expect(world.alarms(one)).toMatchObject([{ kind: 'failed', problem: { code: 'medium-gone' } }])
    world.passTo(noon + day + hour)
    expect(story()).toHaveLength(8)
  })

  it('is not tried again for a reason that does not pass', () => {
    const { world, plan: one, story } = life({ kind: 'daily', at: '12:00' }, {}, undefined, [failure('no-space')])
    world.passTo(noon + 20 * hour)
    expect(story()).toEqual(['error 06-01T12:00 no-space RED'])
    expect(world.alarms(one)).toMatchObject([{ kind: 'failed', since: '2026-06-01T12:00:00.000Z' }])
    world.passTo(noon + 25 * hour)
    expect(world.alarms(one)).toEqual([])
  })

  it('alarms when it was killed, and is made up once the computer is back', () => {
    const { world, plan: one, story } = life({ kind: 'daily', at: '12:00' }, { retries: 0 })
    world.passTo(noon + minute)
    world.kill()
    world.now += 3 * hour
    world.open()
    expect(world.alarms(one)).toMatchObject([{ kind: 'failed' }])
    world.passTo(noon + 5 * hour)
    expect(story()).toEqual(['abandoned 06-01T12:00 RED', 'success 06-01T12:00 try 2 RED'])
    expect(world.alarms(one)).toEqual([])
  })

  it('is made up when Arche was closed in the middle of it', () => {
    const { world, story } = life({ kind: 'daily', at: '12:00' }, { retries: 0 })
    world.passTo(noon + minute)
    world.close()
    world.now += 3 * hour
    world.open()
    world.passTo(noon + 5 * hour)
    expect(story()).toEqual(['cancelled 06-01T12:00 interrupted RED', 'success 06-01T12:00 try 2 RED'])
  })
})

describe('a computer that was off', () => {
  it('makes up once, a little later, and records the rest in one line', () => {
    const { world, plan: one, story } = life()
    world.close()
    world.now += 10 * day
    world.open()
    expect(world.stateOf(one)).toMatchObject({ state: 'waiting', reason: { code: 'made-up-soon' } })
    expect(world.runsOf(one)).toMatchObject([{ outcome: 'missed', dueFrom: '2026-06-01T12:00:00.000Z', dues: 9 }])
    expect(world.alarms(one).map(({ kind }) => kind)).toEqual(['no-success'])
    world.passTo(world.now + hour)
    expect(story()).toEqual(['missed 06-09T12:00 not-running 9 dues', 'success 06-10T12:00 RED'])
    expect(world.alarms(one)).toEqual([])
  })
})

describe('the medium', () => {
  it('is asked for before the due time and at it, waited for, and given up at the end of the window', () => {
    const { world, plan: one, story } = life()
    world.media = []
    world.passTo(noon - 31 * minute)
    expect(world.stateOf(one)).toMatchObject({ state: 'planned' })
    world.passTo(noon - 30 * minute)
    expect(world.stateOf(one)).toMatchObject({ state: 'reminder', reason: { code: 'no-medium' } })
    expect(world.alarms(one)).toEqual([])
    world.passTo(noon)
    expect(world.stateOf(one)).toMatchObject({ state: 'waiting', until: '2026-06-02T00:00:00.000Z' })
    expect(world.alarms(one)).toMatchObject([{ kind: 'medium-needed' }])
    world.passTo(noon + 12 * hour)
    expect(story()).toEqual(['missed 06-01T12:00 no-medium'])
  })

  it('starts the backup by itself when it comes within the window', () => {
    const { world, story } = life()
    world.media = []
    world.passTo(noon + 3 * hour)
    world.media = [red]
    world.look()
    world.passTo(noon + 4 * hour)
    expect(story()).toEqual(['success 06-01T12:00 RED'])
  })

  it('may be away for a while after a young success without an alarm, and not for longer', () => {
    const { world, plan: one } = life()
    world.passTo(noon + hour)
    world.media = []
    world.passTo(noon + 37 * hour)
    expect(world.runsOf(one).map(({ outcome }) => outcome)).toEqual(['success', 'missed'])
    expect(world.alarms(one)).toEqual([])
    world.passTo(noon + 49 * hour)
    const kinds = world.alarms(one).map(({ kind }) => kind)
    expect(kinds).toContain('no-success')
    expect(kinds).toContain('missed')
  })

  it('is the one that the plan names, whatever else is connected', () => {
    const { world, story } = life({ kind: 'daily', at: '12:00' }, {}, { kind: 'medium', id: blue.id ?? '' })
    world.passTo(noon + hour)
    expect(story()).toEqual([])
    world.media = [red, blue]
    world.look()
    world.passTo(noon + 2 * hour)
    expect(story()).toEqual(['success 06-01T12:00 BLUE'])
  })

  it('is a place in the network only where the plan names it: then it counts as there, and a server that is away is a failure that may pass', () => {
    const nas: Medium = { ...medium('NAS'), kind: 'sftp', path: 'sftp://me@nas/srv', removable: false }
    const unnamed = life()
    unnamed.world.media = [nas]
    unnamed.world.passTo(noon)
    expect(unnamed.world.stateOf(unnamed.plan)).toMatchObject({ state: 'waiting', reason: { code: 'no-medium' } })
    unnamed.world.media = [nas, red]
    unnamed.world.look()
    unnamed.world.passTo(noon + hour)
    expect(unnamed.story()).toEqual(['success 06-01T12:00 RED'])
    const place: Where = { kind: 'medium', id: nas.id ?? '' }
    const named = life({ kind: 'daily', at: '12:00' }, {}, place, [failure('place-unreachable')])
    named.world.media = [red, nas]
    named.world.passTo(noon + hour)
    expect(named.story()).toEqual(['error 06-01T12:00 place-unreachable NAS', 'success 06-01T12:00 try 2 NAS'])
  })

  it('has to be told apart by a person where several would do: an error that names them', () => {
    const { world, plan: one, story } = life()
    world.media = [red, blue]
    world.passTo(noon + hour)
    expect(story()).toEqual(['error 06-01T12:00 several-media'])
    expect(world.runsOf(one)[0]?.failure?.details.found).toEqual(['RED (/media/RED)', 'BLUE (/media/BLUE)'])
  })

  it('is the one with the oldest backup in a rotation, which is asked for by name', () => {
    const rotation = [red.id ?? '', blue.id ?? '']
    const { world, plan: one, story } = life({ kind: 'daily', at: '12:00' }, {}, { kind: 'medium', rotation })
    world.passTo(noon + hour)
    expect(world.stateOf(one).medium).toMatchObject({
      due: { name: 'BLUE' },
      ages: [{ name: 'RED' }, { name: 'BLUE' }],
    })
    world.passTo(noon + day - minute)
    expect(world.stateOf(one)).toMatchObject({ state: 'reminder', reason: { details: { name: 'BLUE' } } })
    world.media = [red, blue]
    world.passTo(noon + 2 * day + hour)
    // A backup on another medium of the rotation is better than none.
    world.media = [blue]
    world.passTo(noon + 3 * day + hour)
    world.passTo(noon + 4 * day + hour)
    expect(story().map((line) => line.split(' ').at(-1))).toEqual(['RED', 'BLUE', 'RED', 'BLUE', 'BLUE'])
  })

  it('can be the schedule itself: on its arrival, once a day', () => {
    const { world, plan: one, story } = life({ kind: 'medium' }, {}, { kind: 'medium', id: blue.id ?? '' })
    world.passTo(noon)
    expect(world.stateOf(one)).not.toHaveProperty('nextDue')
    for (const moment of [noon, noon + 2 * hour, noon + day]) {
      world.passTo(moment)
      world.media = [blue]
      world.look()
      world.passTo(moment + hour)
      world.media = []
      world.look()
    }
    expect(story()).toEqual(['success 06-01T12:00 BLUE', 'success 06-02T12:00 BLUE'])
  })
})

describe('conditions', () => {
  it('are waited for, visibly, one after the other', () => {
    const window = { from: '14:00', to: '16:00' }
    const {
      world,
      plan: one,
      story,
    } = life({ kind: 'daily', at: '12:00' }, { mainsPower: true, unmetered: true, window })
    const reason = () => world.stateOf(one).reason?.code
    world.onBattery = true
    world.metered = true
    world.passTo(noon + hour)
    expect(reason()).toBe('on-battery')
    world.onBattery = false
    world.look()
    expect(reason()).toBe('metered')
    world.metered = false
    world.look()
    expect(reason()).toBe('outside-window')
    expect(world.stateOf(one).until).toBe('2026-06-01T14:00:00.000Z')
    world.passTo(noon + 3 * hour)
    expect(story()).toEqual(['success 06-01T12:00 RED'])
    expect(world.runsOf(one)[0]?.startedAt).toBe('2026-06-01T14:00:00.000Z')
  })

  it('no longer count after some days; what they held up is recorded with its reason', () => {
    const { world, story } = life({ kind: 'daily', at: '12:00' }, { mainsPower: true, anywayAfterDays: 2 })
    world.onBattery = true
    world.passTo(noon + 2 * day + hour)
    expect(story()).toEqual([
      'missed 06-01T12:00 on-battery',
      'missed 06-02T12:00 on-battery',
      'success 06-03T12:00 RED',
    ])
  })

  it('include a pause, after which the last due time is made up', () => {
    const { world, plan: one, story } = life({ kind: 'hours', every: 6, from: '00:00' })
    world.pausedUntil = begin + 20 * hour
    world.look()
    world.passTo(noon + hour)
    expect(world.stateOf(one)).toMatchObject({ state: 'paused', until: '2026-06-02T06:00:00.000Z' })
    world.passTo(begin + 21 * hour)
    expect(story()).toEqual(['missed 06-02T00:00 schedule-paused 3 dues', 'success 06-02T06:00 RED'])
  })
})

describe('alarms', () => {
  it('count from the creation of a plan that never had a success, and for a weekly one from its due time', () => {
    const { world, plan: one } = life({ kind: 'weekly', days: [1], at: '12:00' }, { retries: 0 })
    world.passTo(noon + 3 * day)
    expect(world.alarms(one)).toEqual([])
    world.media = []
    world.passTo(noon + 8 * day + hour)
    expect(world.alarms(one)).toMatchObject([{ kind: 'missed' }, { kind: 'no-success', days: 8 }])
    const never = life({ kind: 'daily', at: '12:00' })
    never.world.media = []
    never.world.passTo(begin + 2 * day - minute)
    expect(never.world.alarms(never.plan).map(({ kind }) => kind)).not.toContain('no-success')
    never.world.passTo(begin + 2 * day)
    expect(never.world.alarms(never.plan)).toContainEqual(
      expect.objectContaining({ kind: 'no-success', days: 2, since: new Date(begin).toISOString() }),
    )
  })
})

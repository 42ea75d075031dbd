// A computer with its clock, zone, power, media and people, for two simulated years: the schedules' decisions are asked for as the engine does it,
// and what they want is done by a make-believe runner. Knows nothing of how decisions are made.
import { randomUUID } from 'node:crypto'
import { alarmsOf } from '../../core/api/alarms.ts'
import { inTheWay, usesOfBackup } from '../../core/api/lanes.ts'
import type { KnownMedium, Medium, Run } from '../../core/api/model.ts'
import type { Plan, Where } from '../../core/api/plan.ts'
import type { Alarm, PlanSchedule, Schedule, ScheduleState } from '../../core/api/schedule.ts'
import { createLedger } from '../../core/history/ledger.ts'
import { newRun } from '../../core/history/record.ts'
import { decide } from '../../core/schedule/decide.ts'
import type { Looked } from '../../core/schedule/outstanding.ts'
import type { Action, Decision, Ongoing } from '../../core/schedule/scene.ts'
import { recordOf } from '../../core/schedule/scheduler.ts'
import { conditions } from './conditions.ts'

export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour
export const settle = 2 * minute

/** Random numbers that a seed brings back (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

export function plan(
  name: string,
  when: Schedule,
  savedAt: number,
  more: Partial<PlanSchedule> = {},
  place: Where = { kind: 'medium' },
): Plan {
  return {
    id: randomUUID(),
    name,
    source: { kind: 'folders', paths: ['/a'], exclude: [] },
    method: { kind: 'archive', format: 'tar.gz.gpg' },
    destinations: [{ id: randomUUID(), place, via: 'run' }],
    createdAt: new Date(savedAt).toISOString(),
    schedule: {
      when,
      ...conditions,
      savedAt: new Date(savedAt).toISOString(),
      ...more,
    },
  }
}

export function medium(name: string, fixed = false): Medium {
  return {
    path: `/media/${name}`,
    name,
    id: randomUUID(),
    removable: !fixed,
    system: false,
    readOnly: false,
    initialised: true,
    fixed,
  }
}

/** How a backup goes: how long it takes, and how it ends. */
export interface Course {
  readonly takes: number
  readonly end: Pick<Run, 'outcome' | 'failure'>
}

interface Working extends Ongoing {
  readonly run: Run
  endsAt: number
  readonly end: Course['end']
}

export class World {
  #now = 0
  zone = 'UTC'
  onBattery = false
  metered = false
  pausedUntil: number | undefined
  media: Medium[] = []
  /** An engine is running, and the computer is awake. */
  up = false
  /** Runs that are going on. */
  active: Working[] = []
  readonly plans: Plan[]
  readonly known: KnownMedium[]
  /** By plan, every run in the order of starts, in its last state. */
  readonly #runs = new Map<string, Map<string, Run>>()
  states: ScheduleState[] = []
  awakeSince = 0
  /** Decided at the last look. */
  wakeAt: number | undefined
  readonly #ledger = createLedger()
  #looked: ReadonlyMap<string, Looked> = new Map()
  readonly #course: () => Course
  readonly #see: (world: World, decision: Decision) => void

  constructor(
    plans: Plan[],
    sticks: readonly Medium[],
    now: number,
    course: () => Course,
    see: (world: World, decision: Decision) => void = () => undefined,
  ) {
    this.plans = plans
    this.now = now
    this.#course = course
    this.#see = see
    const seenAt = new Date(now).toISOString()
    this.known = sticks.flatMap(({ id, name, path }) => (id === undefined ? [] : [{ id, name, path, seenAt }]))
  }

  /** What the computer's clock says, whole ms since 1970. */
  get now(): number {
    return this.#now
  }

  set now(moment: number) {
    this.#now = Math.round(moment)
  }

  /** An engine is opened: what a killed one left is abandoned. */
  open(): void {
    this.up = true
    this.awakeSince = this.now
    this.states = []
    this.#looked = new Map()
    for (const { run: left } of this.active)
      this.note({
        ...left,
        outcome: 'abandoned',
        endedAt: new Date(Math.max(this.now, Date.parse(left.startedAt))).toISOString(),
      })
    this.active = []
    this.look()
  }

  /** The engine is ended in good order. */
  close(): void {
    for (const one of this.active)
      this.#end(one, { outcome: 'cancelled', failure: { code: 'interrupted', details: {} } })
    this.up = false
  }

  kill(): void {
    this.up = false
  }

  wake(): void {
    this.awakeSince = this.now
    this.look()
  }

  backUpByHand(of: Plan): void {
    const [on] = this.media
    if (this.active.length > 0 || !on) return
    this.#begin(newRun('backup', { subject: of.name, planId: of.id, trigger: 'manual' }, this.now), on)
    this.look()
  }

  /** As long as time passes without anything else happening: runs end, alarms ring. */
  passTo(moment: number): void {
    while (this.up) {
      const next = Math.min(...this.active.map(({ endsAt }) => endsAt), this.wakeAt ?? Number.POSITIVE_INFINITY)
      if (next > moment) break
      this.now = Math.max(this.now, next)
      for (const one of this.active) if (one.endsAt <= this.now) this.#end(one, one.end)
      this.look()
    }
    this.now = Math.max(this.now, moment)
  }

  /** Decides, and does what was decided, until nothing is left to do. */
  look(): void {
    if (!this.up) return
    for (let round = 0; ; round += 1) {
      if (round > 20) throw new Error('decisions go round in circles')
      const decision = decide(
        {
          plans: this.plans,
          accountOf: this.#ledger.of,
          media: this.media,
          known: this.known,
          active: this.active,
          onBattery: this.onBattery,
          metered: this.metered,
          pausedUntil: this.pausedUntil,
          zone: this.zone,
          awakeSince: this.awakeSince,
          settle,
          acts: true,
          before: this.states,
          looked: this.#looked,
        },
        this.now,
      )
      this.states = decision.states
      this.#looked = decision.looked
      this.wakeAt = decision.wakeAt
      this.#see(this, decision)
      for (const action of decision.actions) this.#do(action)
      if (decision.actions.length === 0) return
    }
  }

  stateOf(one: Plan): ScheduleState {
    const state = this.states.find(({ planId }) => planId === one.id)
    if (!state) throw new Error('no state')
    return state
  }

  runsOf(one: Plan): Run[] {
    return [...(this.#runs.get(one.id)?.values() ?? [])]
  }

  lastGood(one: Plan): Run | undefined {
    return this.#ledger.of(one.id).lastGood
  }

  alarms(one: Plan): Alarm[] {
    const state = this.states.find(({ planId }) => planId === one.id)
    return alarmsOf(one, { ...this.#ledger.of(one.id), state }, this.now, this.zone)
  }

  note(run: Run): void {
    const known = this.#runs.get(run.planId ?? '') ?? new Map<string, Run>()
    this.#runs.set(run.planId ?? '', known.set(run.id, run))
    this.#ledger.note(run)
  }

  #do(action: Action): void {
    if (action.kind === 'record') this.note(recordOf(action, this.now))
    else if (action.kind === 'start') {
      const { plan: of, dueAt, attempt, medium: on } = action
      const uses = usesOfBackup(of.id, on)
      if (inTheWay(uses, this.active)) throw new Error('started while another one is in the way')
      if (!this.media.includes(on)) throw new Error('started without its medium')
      const about = { subject: of.name, planId: of.id, medium: on, trigger: 'scheduled' as const, attempt }
      this.#begin(newRun('backup', { ...about, dueAt: new Date(dueAt).toISOString() }, this.now), on)
    } else {
      const at = this.plans.findIndex(({ id }) => id === action.plan.id)
      const { schedule } = action.plan
      if (schedule)
        this.plans[at] = { ...action.plan, schedule: { ...schedule, savedAt: new Date(this.now).toISOString() } }
    }
  }

  #begin(run: Run, on: Medium): void {
    const { takes, end } = this.#course()
    this.note(run)
    const uses = usesOfBackup(run.planId ?? '', on)
    this.active = [...this.active, { run, uses, endsAt: Math.round(this.now + takes), end }]
  }

  #end(one: Working, end: Course['end']): void {
    this.note({ ...one.run, ...end, endedAt: new Date(this.now).toISOString() })
    this.active = this.active.filter((other) => other !== one)
  }
}

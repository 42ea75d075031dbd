// The schedules at work: looks at the world, has it decided what is due (decide.ts), carries that out, and sleeps until the next moment.
// Guarantees: one look at a time; only the owner of the data folder gets here, and before anything is started or recorded it is asked again
// whether it still is; whatever was done is in the history before the next look. After sleep, a jump of the clock or a late start everything
// is looked at anew. node-schedule is the alarm clock only: it decides nothing.
import type { Job } from 'node-schedule'
import { Failure, type Problem, toProblem } from '../api/failure.ts'
import type { Medium, Run } from '../api/model.ts'
import type { ScheduleState } from '../api/schedule.ts'
import { newRun } from '../history/record.ts'
import { decide } from './decide.ts'
import type { Looked } from './outstanding.ts'
import type { Action, Decision, Scene } from './scene.ts'

/** Between two looks at the clock, in ms: a sleep or a jump is noticed after that at the latest. */
const tick = 20_000

/** A clock that went this much more or less far than time did has jumped, in ms. */
const jump = 10_000

/** After a bug or a full disk: not again before the next tick. */
const tooOften = 50

type Start = Extract<Action, { kind: 'start' }>
type Copy = Extract<Action, { kind: 'copy' }>

export interface SchedulerMeans {
  readonly now: () => number
  /** What is known at this moment; asks the system for what the plans' conditions need. */
  readonly look: () => Promise<Omit<Scene, 'awakeSince' | 'before' | 'looked'>>
  /** Tells what the schedules are up to. */
  readonly publish: (states: ScheduleState[]) => void
  /** Begins a backup. Failure: it could not begin. */
  readonly start: (action: Start) => Promise<void>
  /** Begins a copy. Failure: it could not begin. */
  readonly copy: (action: Copy) => Promise<void>
  /** Puts an ended run into the history. */
  readonly record: (run: Run) => Promise<void>
  /** A schedule's times count from now on. */
  readonly rebase: (planId: string) => Promise<void>
  /** The media are not what they were thought to be. */
  readonly lookAtMedia: () => Promise<void>
  /** This process still owns the data folder. */
  readonly owns: () => Promise<boolean>
  /** An alarm clock keeps the process alive: only one that stays sets it. */
  readonly rings: boolean
  readonly onBug: (error: unknown) => void
}

export class Scheduler {
  /** Resolves once the first look has been told, or has failed. */
  readonly looked: Promise<void>
  readonly #means: SchedulerMeans
  readonly #stopClock: () => void
  #awakeSince: number
  #states: ScheduleState[] = []
  #looked: ReadonlyMap<string, Looked> = new Map()
  #alarm: Job | undefined
  #closed = false
  #asked = false
  #busy = false
  #looking: Promise<void> = Promise.resolve()

  constructor(means: SchedulerMeans) {
    this.#means = means
    this.#awakeSince = means.now()
    this.#stopClock = watchClock(means.now, (jumped) => (jumped ? this.wake() : this.poke()))
    this.poke()
    this.looked = this.#looking
  }

  /** Something may have changed: looks again. */
  poke(): void {
    this.#asked = true
    if (this.#closed || this.#busy) return
    this.#busy = true
    this.#looking = this.#rounds()
      .catch(this.#means.onBug)
      .finally(() => {
        this.#busy = false
        if (this.#asked) this.poke()
      })
  }

  /** The computer has just come up, or its clock has been set. */
  wake(): void {
    this.#awakeSince = this.#means.now()
    this.poke()
  }

  /** Resolves once nothing more will be started. */
  async close(): Promise<void> {
    this.#closed = true
    this.#stopClock()
    this.#alarm?.cancel()
    await this.#looking
  }

  async #rounds(): Promise<void> {
    for (let left = tooOften; this.#asked && !this.#closed && left > 0; left -= 1) {
      this.#asked = false
      const { actions, wakeAt } = await this.#look()
      for (const action of actions) {
        if (this.#closed || !(await this.#means.owns())) return
        if (await this.#carryOut(action)) this.#asked = true
      }
      await this.#setAlarm(wakeAt)
    }
    this.#asked = false
  }

  async #look(): Promise<Decision> {
    const { look, now, publish } = this.#means
    const scene = { ...(await look()), awakeSince: this.#awakeSince, before: this.#states, looked: this.#looked }
    const decision = decide(scene, now())
    this.#states = decision.states
    this.#looked = decision.looked
    publish(decision.states)
    return decision
  }

  /** True: the world has changed by it. */
  async #carryOut(action: Action): Promise<boolean> {
    const { rebase, record, now } = this.#means
    if (action.kind === 'start') return this.#begin(action)
    if (action.kind === 'copy') return this.#beginCopy(action)
    if (action.kind === 'rebase') await rebase(action.plan.id)
    else await record(recordOf(action, now()))
    return true
  }

  async #begin(action: Start): Promise<boolean> {
    const { start, record, lookAtMedia, now, onBug } = this.#means
    try {
      await start(action)
    } catch (error) {
      if (!(error instanceof Failure)) onBug(error)
      const problem = toProblem(error)
      // Somebody was faster, or the medium has just gone: then it waits.
      if (isInTheWay(problem)) return false
      if (problem.code === 'no-medium' || problem.code === 'not-found') {
        await lookAtMedia()
        return false
      }
      const { plan, dueAt, attempt } = action
      await record(recordOf({ kind: 'record', plan, outcome: 'error', dueAt, attempt, problem }, now()))
    }
    return true
  }

  async #beginCopy(action: Copy): Promise<boolean> {
    const { copy, record, lookAtMedia, now, onBug } = this.#means
    try {
      await copy(action)
    } catch (error) {
      if (!(error instanceof Failure)) onBug(error)
      const failure = toProblem(error)
      if (isInTheWay(failure)) return false
      if (failure.code === 'no-medium') {
        await lookAtMedia()
        return false
      }
      const { plan, to } = action
      const { artifact } = action.backup
      const about = {
        subject: plan.name,
        planId: plan.id,
        trigger: 'scheduled' as const,
        medium: mediumOf(to),
        artifact,
      }
      const at = new Date(now()).toISOString()
      await record({ ...newRun('copy', about, now()), endedAt: at, outcome: 'error', failure })
    }
    return true
  }

  async #setAlarm(at: number | undefined): Promise<void> {
    this.#alarm?.cancel()
    this.#alarm = undefined
    if (at === undefined || !this.#means.rings) return
    // Loaded by the first process that stays: a command that ends again has no use for it.
    const { default: nodeSchedule } = await import('node-schedule')
    if (this.#closed) return
    const delay = Math.max(at - this.#means.now(), 0) + 1
    this.#alarm = nodeSchedule.scheduleJob(new Date(Date.now() + delay), () => this.poke())
  }
}

/** Tells every few seconds; true: the clock did not go as time did. Timers do not run while a computer sleeps. The result ends it. */
function watchClock(now: () => number, tell: (jumped: boolean) => void): () => void {
  let seen = { clock: now(), time: performance.now() }
  const timer = setInterval(() => {
    const before = seen
    seen = { clock: now(), time: performance.now() }
    const passed = seen.time - before.time
    tell(passed > tick + jump || Math.abs(seen.clock - before.clock - passed) > jump)
  }, tick).unref()
  return () => clearInterval(timer)
}

function isInTheWay({ code }: Problem): boolean {
  return code === 'busy' || code === 'place-busy'
}

function mediumOf({ id, name, path }: Medium): NonNullable<Run['medium']> {
  return { name, path, ...(id === undefined ? {} : { id }) }
}

/** A due time that came to nothing, as history keeps it. */
export function recordOf(action: Extract<Action, { kind: 'record' }>, now: number): Run {
  const { plan, outcome, dueAt, from, count, attempt, problem } = action
  const at = new Date(now).toISOString()
  return {
    ...newRun('backup', { subject: plan.name, planId: plan.id, trigger: 'scheduled' }, now),
    dueAt: new Date(dueAt).toISOString(),
    ...(from === undefined ? {} : { dueFrom: new Date(from).toISOString() }),
    ...(count === undefined ? {} : { dues: count }),
    ...(attempt === undefined ? {} : { attempt }),
    endedAt: at,
    outcome,
    failure: problem,
  }
}

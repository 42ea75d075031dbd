// What a decision of the schedules rests on, and what comes of it: plain values. Decided in decide.ts and copies.ts, carried out by scheduler.ts.
import type { Problem } from '../api/failure.ts'
import type { Held, InTheWay } from '../api/lanes.ts'
import type { KnownMedium, Medium, Run } from '../api/model.ts'
import type { Destination, Plan } from '../api/plan.ts'
import type { ScheduleState } from '../api/schedule.ts'
import type { Account } from '../history/ledger.ts'
import type { Looked } from './outstanding.ts'

/** A run that is going on, and what it occupies. */
export interface Ongoing extends Held {
  readonly run: Pick<Run, 'kind' | 'planId' | 'subject' | 'startedAt' | 'medium'>
}

/** Everything that a decision rests on. Times in ms since 1970. */
export interface Scene {
  readonly plans: readonly Plan[]
  readonly accountOf: (planId: string) => Account
  readonly media: readonly Medium[]
  readonly known: readonly KnownMedium[]
  /** Runs that are going on. */
  readonly active: readonly Ongoing[]
  /** Where the system does not tell: undefined. */
  readonly onBattery: boolean | undefined
  readonly metered: boolean | undefined
  /** The end of a pause, also of a past one. */
  readonly pausedUntil: number | undefined
  readonly zone: string
  /** Since when the clock has been followed without a gap. */
  readonly awakeSince: number
  /** How long after that missed backups are made up. */
  readonly settle: number
  /** False: this process looks only. */
  readonly acts: boolean
  /** What was decided before, if this process did. */
  readonly before: readonly ScheduleState[]
  /** By plan id, what the last look left. */
  readonly looked: ReadonlyMap<string, Looked>
}

export type Action =
  | {
      readonly kind: 'start'
      readonly plan: Plan
      readonly dueAt: number
      readonly attempt: number
      readonly medium: Medium
    }
  | CopyStart
  /** A record for the history. `from`, `count`: the first of several due times that it stands for, and how many. */
  | {
      readonly kind: 'record'
      readonly plan: Plan
      readonly outcome: 'missed' | 'skipped' | 'error'
      readonly dueAt: number
      readonly from?: number
      readonly count?: number
      readonly attempt?: number
      readonly problem: Problem
    }
  /** The clock was set back to before the schedule was saved: due times count from now on. */
  | { readonly kind: 'rebase'; readonly plan: Plan }

export interface Decision {
  readonly states: ScheduleState[]
  readonly actions: Action[]
  /** Decide again then, even if nothing happens; undefined: only when something happens. */
  readonly wakeAt: number | undefined
  /** For the next scene. */
  readonly looked: ReadonlyMap<string, Looked>
}

/** The newest good backup of a plan goes to one of its other destinations. */
export interface CopyStart {
  readonly kind: 'copy'
  readonly plan: Plan
  readonly destination: Destination
  readonly backup: Run & { readonly artifact: string }
  readonly from: Medium
  readonly to: Medium
}

/** What a schedule waits for, in its own words. */
export function waitsFor({ code, details }: InTheWay): Problem {
  return { code: code === 'busy' ? 'another-running' : code, details: { ...details } }
}

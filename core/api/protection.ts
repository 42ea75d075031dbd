// "Am I protected?" as a pure function of what is known: the answer of the main screen, the tray and the terminal's `status`.
// Guarantees: never green on old news: green needs a good backup of every plan within the last day, or, where a schedule is active, one since
// the last due time; more than a day past a due time without one is red. Computed from history, so a run that crashed counts as what it is.
// Takes no action.
import { isGood } from './alarms.ts'
import { nextDue } from './due.ts'
import { isLacking, isSaved, removedSince } from './loss.ts'
import type { KeyInfo, Protection, Run } from './model.ts'
import type { Plan } from './plan.ts'
import { keyNeeded } from './recipe.ts'
import type { PlanSchedule, ScheduleState } from './schedule.ts'

const day = 24 * 3600 * 1000
/** A backup started once a day is still fresh when the next one takes a while. */
const fresh = day + 2 * 3600 * 1000
/** A backup that is due may take a while to begin and to end. */
const underWay = 2 * 3600 * 1000

export interface Known {
  operatorSet: boolean
  keys: readonly KeyInfo[]
  /** The pair in use is lost or damaged. */
  keyTrouble?: object | null
  plans: readonly Plan[]
  /** Newest first. */
  runs: readonly Run[]
  schedules?: readonly ScheduleState[]
}

/** The answer at the time `now` (ms since 1970) in a time zone. The worst plan decides. */
export function protection(known: Known, now: number, zone = 'UTC'): Protection {
  if (!known.operatorSet) return { level: 'unset', reason: 'no-operator', action: 'setup' }
  if (keyNeeded(known.plans)) {
    if (known.keyTrouble) return { level: 'unprotected', reason: 'key-trouble' }
    if (!known.keys.some((key) => key.kind === 'own' && key.active))
      return { level: 'unset', reason: 'no-key', action: 'key' }
  }
  if (known.plans.length === 0) return { level: 'unset', reason: 'no-plan', action: 'setup' }
  const answers = known.plans.map((plan) => ofPlan(plan, known, { now, zone }))
  return answers.reduce((worst, answer) => (severity(answer) > severity(worst) ? answer : worst))
}

function severity(answer: Protection): number {
  return ['protected', 'attention', 'unprotected', 'unset'].indexOf(answer.level)
}

interface Clock {
  readonly now: number
  readonly zone: string
}

function ofPlan(plan: Plan, known: Known, clock: Clock): Protection {
  const own = known.runs.filter((run) => run.kind === 'backup' && run.planId === plan.id)
  const removed = removedSince(known.runs)
  // What the clock puts into the future is of unknown age.
  const good = own.find((run) => !removed.has(run) && isGood(run) && Date.parse(run.startedAt) <= clock.now + day)
  const running = own.some((run) => run.outcome === undefined)
  if (!good)
    return running
      ? { level: 'attention', reason: 'running-first' }
      : { level: 'unprotected', reason: 'never', action: 'backup' }
  const since = good.endedAt ?? good.startedAt
  const old =
    plan.schedule && plan.schedule.when.kind !== 'medium'
      ? late(plan.schedule, good, running || isAway(plan, known), clock)
      : aged(clock.now - Date.parse(since))
  if (old?.level === 'unprotected') return { ...old, since, action: 'backup' }
  const newest = own.find(isSaved)
  if (newest && isLacking(newest)) return { level: 'attention', reason: 'loss', since, action: 'show-run' }
  if (old) return { ...old, since, action: 'backup' }
  const last = own.find((run) => isGood(run) || run.outcome === 'error' || run.outcome === 'abandoned')
  if (last && !isGood(last)) return { level: 'attention', reason: 'last-failed', since, action: 'show-run' }
  if (isAway(plan, known)) return { level: 'attention', reason: 'medium-away', since, action: 'backup' }
  if (good.outcome === 'warning')
    return { level: 'attention', reason: good.complete ? 'not-removed' : 'omissions', since, action: 'show-run' }
  const young = clock.now - Date.parse(since) <= fresh
  return { level: 'protected', reason: young ? 'recent-success' : 'on-schedule', since }
}

type Old = Pick<Protection, 'level' | 'reason'> | undefined

/** Without due times: by the age of the last good backup alone. */
function aged(age: number): Old {
  if (age > 7 * day) return { level: 'unprotected', reason: 'very-old' }
  return age > fresh ? { level: 'attention', reason: 'old' } : undefined
}

/** `excused`: it is running, or there is more to say than that it is due. */
function late({ when }: PlanSchedule, good: Run, excused: boolean, { now, zone }: Clock): Old {
  const due = nextDue(when, Date.parse(good.startedAt), zone) ?? Number.POSITIVE_INFINITY
  if (now > due + day) return { level: 'unprotected', reason: 'overdue' }
  return now > due + underWay && !excused ? { level: 'attention', reason: 'due' } : undefined
}

/** Due, and its medium is not there. */
function isAway(plan: Plan, { schedules = [] }: Known): boolean {
  const state = schedules.find((one) => one.planId === plan.id)
  const code = state?.state === 'waiting' ? state.reason?.code : undefined
  return code === 'medium-absent' || code === 'no-medium'
}

// "Am I protected?" as a pure function of what is known: the answer of the main screen, the tray and the terminal's `status`.
// Guarantees: never green on old news: green needs a good backup of every plan within the last day, or, where a schedule is active, one since
// the last due time; more than a day past a due time without one is red. Computed from history, so a run that crashed counts as what it is.
// Takes no action.
import { isGood } from './alarms.ts'
import { nextDue } from './due.ts'
import { isLacking, isSaved, removedSince } from './loss.ts'
import type { KeyInfo, Run } from './model.ts'
import type { Plan } from './plan.ts'
import type { Protection } from './protection-model.ts'
import { keyNeeded } from './recipe.ts'
import type { PlanSchedule, ScheduleState } from './schedule.ts'

const day = 24 * 3600 * 1000
/** A backup started once a day is still fresh when the next one takes a while. */
const fresh = day + 2 * 3600 * 1000
/** A backup that is due may take a while to begin and to end. */
const underWay = 2 * 3600 * 1000

export interface Known {
  keys: readonly KeyInfo[]
  /** The pair in use is lost or damaged. */
  keyTrouble?: object | null
  plans: readonly Plan[]
  /** Newest first. */
  runs: readonly Run[]
  schedules?: readonly ScheduleState[]
}

/** Whether one plan is protected. */
export interface Answer {
  readonly planId: string
  readonly protection: Protection
}

/** The answer for each plan at the time `now` (ms since 1970) in a time zone. */
export function answersOf(known: Known, now: number, zone = 'UTC'): Answer[] {
  return known.plans.map((plan) => ({
    planId: plan.id,
    protection: notSetUp(known, [plan]) ?? ofPlan(plan, known, { now, zone }),
  }))
}

/** What follows from the answers of all plans, and from nothing else: the worst one decides, and says whose it is where there are several. */
export function headlineOf(answers: readonly Answer[], known: Known): Protection {
  const [first, ...others] = answers
  if (!first) return notSetUp(known, []) ?? { level: 'unset', reason: 'no-plan', action: 'setup' }
  const worst = others.reduce(
    (found, answer) => (severity(answer.protection) > severity(found.protection) ? answer : found),
    first,
  )
  if (others.length === 0) return worst.protection
  const good = answers.filter(({ protection: { level } }) => level === 'protected').length
  return { ...worst.protection, planId: worst.planId, plans: { protected: good, of: answers.length } }
}

/** Both in one: the answer for all plans together. */
export function protection(known: Known, now: number, zone = 'UTC'): Protection {
  return headlineOf(answersOf(known, now, zone), known)
}

/** What keeps these plans from any backup. */
function notSetUp({ keys, keyTrouble }: Known, plans: readonly Plan[]): Protection | undefined {
  if (!keyNeeded(plans)) return undefined
  if (keyTrouble) return { level: 'unprotected', reason: 'key-trouble' }
  const active = keys.some((key) => key.kind === 'own' && key.active)
  // Without a plan the first steps lead to both.
  return active || plans.length === 0 ? undefined : { level: 'unset', reason: 'no-key', action: 'key' }
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

// Alarms of a plan, as a pure function of what history says about it and of the clock: nobody has to raise them, so a crash cannot swallow one.
// Guarantees: a failed or killed backup, a missed one and a long time without success alarm until the next good backup; quiet while a failed
// one is still being tried again, and while a medium is away for a good reason and the last success is young. One that lacks something alarms until a person has looked.
// Tells nobody: windows, tray and mail read them from the state.
import { nextDue } from './due.ts'
import type { FailureCode } from './failure.ts'
import { isLacking, isRefused, isSaved } from './loss.ts'
import type { Run } from './model.ts'
import type { Plan } from './plan.ts'
import type { Alarm, PlanSchedule, ScheduleState, SpaceState } from './schedule.ts'

const minute = 60_000
const day = 24 * 60 * minute

/** What is missed while a computer is off is made up soon after its start: until then it is no news. */
const makingUp = 30 * minute

/** Reasons that may pass without anybody changing anything. */
const passing: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'busy',
  'place-busy',
  'unreachable',
  'place-unreachable',
  'io',
  'internal',
  'changed',
  'engine-gone',
  'medium-gone',
  'medium-changed',
  'no-medium',
  'medium-absent',
  'temporary-space',
  'database-unreachable',
  'dump-failed',
  'tool-failed',
  'source-unreadable',
  // What is not mounted may be soon.
  'sources-empty',
  'interrupted',
])

/** Reasons why a backup may rightly wait for a while. */
const rightful: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'no-medium',
  'medium-absent',
  'on-battery',
  'metered',
  'outside-window',
  'schedule-paused',
])

export function isGood(run: Run): boolean {
  return run.outcome === 'success' || run.outcome === 'warning'
}

/** Milliseconds between the end of a failed try and the next one, by how many have failed. */
export function retryPause(failures: number): number {
  return ([5, 15, 45, 120, 360][Math.min(failures, 5) - 1] ?? 5) * minute
}

/**
 * When a scheduled backup is tried again, from its tries (newest first, all of one due time); undefined: not again. What was interrupted by closing
 * Arche does not count as a try; what a crash interrupted gets a second one whatever the plan says.
 */
export function retryAt(tries: readonly Run[], schedule: PlanSchedule): number | undefined {
  const [last] = tries
  if (!last?.endedAt) return undefined
  const ended = Date.parse(last.endedAt)
  if (last.outcome === 'cancelled') return last.failure?.code === 'interrupted' ? ended : undefined
  if (last.outcome !== 'error' && last.outcome !== 'abandoned') return undefined
  const failures = tries.filter((run) => run.outcome === 'error' || run.outcome === 'abandoned').length
  const most = last.outcome === 'abandoned' ? Math.max(1, schedule.retries) : schedule.retries
  const again = last.outcome === 'abandoned' || (last.failure !== undefined && passing.has(last.failure.code))
  return again && failures <= most ? ended + retryPause(failures) : undefined
}

/** What history says about a plan. */
export interface Facts {
  /** Its backups, newest start first. */
  readonly backups: readonly Run[]
  readonly lastGood: Run | undefined
  /** Its newest backup that exists. */
  readonly lastSaved?: Run | undefined
  readonly state: ScheduleState | undefined
  /** Its room on the places that are there. */
  readonly space?: readonly SpaceState[]
}

/** `now` in ms, `zone` as in due.ts. The worst first. */
export function alarmsOf(plan: Plan, facts: Facts, now: number, zone: string): Alarm[] {
  const about = { planId: plan.id, subject: plan.name }
  const found = [
    lacking(facts),
    failed(plan, facts, now),
    missed(plan, facts, now),
    silent(plan, facts, now, zone),
    needed(facts),
    uncopied(plan, facts, now),
    filling(facts, now),
  ]
  return found.flatMap((alarm) => (alarm ? [{ ...about, ...alarm }] : []))
}

type Found = Omit<Alarm, 'planId' | 'subject'>

/** Since the first of the backups that lack something, one after the other. */
function lacking({ backups, lastSaved }: Facts): Found | undefined {
  if (!lastSaved || !isLacking(lastSaved)) return undefined
  const saved = backups.filter(isSaved)
  const whole = saved.findIndex((run) => !isLacking(run))
  const first = saved.slice(0, whole < 0 ? saved.length : whole).at(-1) ?? lastSaved
  const losses = [...(lastSaved.losses ?? [])]
  return { kind: 'loss', since: first.startedAt, runId: lastSaved.id, losses }
}

function failed({ schedule }: Plan, { backups }: Facts, now: number): Found | undefined {
  const last = backups.find((run) => isGood(run) || run.outcome === 'error' || run.outcome === 'abandoned')
  if (!last || isGood(last)) return undefined
  // A person has seen that there is nothing to save.
  if (last.failure?.code === 'sources-empty' && !isRefused(last)) return undefined
  if (schedule && last.outcome === 'error' && last.dueAt !== undefined) {
    const next = retryAt(triesOf(last, backups), schedule)
    if (next !== undefined && now < next + makingUp) return undefined
  }
  const problem = last.failure ? { problem: last.failure } : {}
  return { kind: 'failed', since: last.startedAt, runId: last.id, ...problem }
}

function triesOf(run: Run, backups: readonly Run[]): Run[] {
  return backups.filter((other) => other.dueAt === run.dueAt && other.attempt !== undefined)
}

function missed({ schedule }: Plan, { backups, lastGood }: Facts, now: number): Found | undefined {
  const last = backups.find((run) => run.outcome !== 'skipped' && run.outcome !== 'cancelled')
  if (!schedule || last?.outcome !== 'missed') return undefined
  const code = last.failure?.code
  if (code === 'not-running' && now < Date.parse(last.startedAt) + makingUp) return undefined
  const good = known(lastGood, now)
  const age = good ? now - Date.parse(good.startedAt) : Number.POSITIVE_INFINITY
  // Hours that were missed today are no missed day.
  if (age < day) return undefined
  if (code !== undefined && rightful.has(code) && age < schedule.alarmAfterDays * day) return undefined
  const problem = last.failure ? { problem: last.failure } : {}
  return { kind: 'missed', since: last.dueAt ?? last.startedAt, runId: last.id, ...problem }
}

function silent({ schedule, createdAt }: Plan, { lastGood }: Facts, now: number, zone: string): Found | undefined {
  if (!schedule) return undefined
  const good = known(lastGood, now)
  const since = good?.endedAt ?? good?.startedAt ?? createdAt
  const age = now - Date.parse(since)
  if (age < schedule.alarmAfterDays * day) return undefined
  // A backup that is due once a week is not late after two days.
  const due = good && nextDue(schedule.when, Date.parse(good.startedAt), zone)
  if (due !== undefined && now < due + day) return undefined
  return { kind: 'no-success', since, days: Math.floor(age / day) }
}

/** A success that the clock puts into the future is of unknown age. */
function known(lastGood: Run | undefined, now: number): Run | undefined {
  return lastGood && Date.parse(lastGood.startedAt) <= now + day ? lastGood : undefined
}

/** Days that a place for copies may be away without an alarm: disks that are kept elsewhere come by once a week. */
const copyLate = 7

/** How many backups of a plan are kept at hand (history/ledger.ts): where they are all later, the first one that is not copied is older than they are. */
export const backupsKept = 60

/** Since the first backup that is not on the place; of several the one that has lacked longest. */
function uncopied({ createdAt }: Plan, { state, backups }: Facts, now: number): Found | undefined {
  const late = (state?.copies ?? []).flatMap(({ state: is, destination, name, newest = '', reason }) => {
    if (is === 'done' || is === 'none') return []
    // What the clock puts into the future is of unknown age.
    const copied = newest !== '' && Date.parse(newest) <= now + day ? newest : ''
    const first = backups.findLast((run) => isGood(run) && run.startedAt > copied)
    const oldest = backups.findLast(isGood)
    const all = backups.length >= backupsKept && first === oldest
    const since = all ? copied || createdAt : first?.startedAt
    if (since === undefined || now - Date.parse(since) < copyLate * day) return []
    const about = { place: name, placeId: destination, ...(newest === '' ? {} : { lastCopy: newest }) }
    return [{ kind: 'copy-late' as const, since, ...about, ...(reason ? { problem: reason } : {}) }]
  })
  return late.sort((one, other) => (one.since < other.since ? -1 : 1))[0]
}

/** Time enough to get another medium, or to set other rules: in days. */
const noticeOfFull = 14

/** Within the time that alarms, or so many days later. */
export function fillsUpBy({ full }: SpaceState, now: number, later = 0): boolean {
  return full !== undefined && Date.parse(full) - now < (noticeOfFull + later) * day
}

/** The place that will be full first. */
function filling({ space = [] }: Facts, now: number): Found | undefined {
  const soon = space.flatMap((one) => {
    const { full, name, place: placeId, since } = one
    if (full === undefined || !fillsUpBy(one, now)) return []
    return [{ full, alarm: { kind: 'filling' as const, since, place: name, placeId, days: daysUntil(full, now) } }]
  })
  return soon.sort((one, other) => (one.full < other.full ? -1 : 1))[0]?.alarm
}

function daysUntil(time: string, now: number): number {
  return Math.max(0, Math.floor((Date.parse(time) - now) / day))
}

function needed({ state }: Facts): Found | undefined {
  if (state?.state !== 'waiting' || state.dueAt === undefined || !state.reason) return undefined
  const { code } = state.reason
  return code === 'medium-absent' || code === 'no-medium'
    ? { kind: 'medium-needed', since: state.dueAt, problem: state.reason }
    : undefined
}

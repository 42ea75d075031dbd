// The rows of the overview: how each plan is, how its last days went and how large its backups are. Pure, from what history says.
// Guarantees: the headline of the overview follows from these rows and nothing else (protection.ts).
import { isGood } from './alarms.ts'
import { dayOf } from './due.ts'
import type { Run } from './model.ts'
import { type Answer, answersOf, headlineOf, type Known } from './protection.ts'
import type { DayOutcome, PlanRow, Protection } from './protection-model.ts'

/** What history has at hand of a plan. */
export interface Past {
  /** Newest start first. */
  readonly backups: readonly Run[]
  readonly lastGood: Run | undefined
  /** Quarter of an hour (ms since 1970) → the best of what began in it, or was due and missed. */
  readonly quarters: ReadonlyMap<number, DayOutcome>
  /** Id of a place → what lies there. */
  readonly lying: ReadonlyMap<string, readonly { readonly time: number }[]>
  readonly triedAt: string | undefined
}

const day = 24 * 3600 * 1000
/** How many days, and how many sizes, a row shows. */
export const rowLength = 14

/** From the worst to the best. */
const order: readonly DayOutcome[] = ['missed', 'failed', 'omissions', 'good']

export function better(one: DayOutcome | undefined, other: DayOutcome): DayOutcome {
  return one !== undefined && order.indexOf(one) >= order.indexOf(other) ? one : other
}

/** How a backup went; undefined: it goes on, or says nothing about the day (skipped, cancelled). */
export function dayOutcomeOf(run: Run): DayOutcome | undefined {
  if (isGood(run)) return run.outcome === 'success' || run.complete ? 'good' : 'omissions'
  if (run.outcome === 'error' || run.outcome === 'abandoned') return 'failed'
  return run.outcome === 'missed' ? 'missed' : undefined
}

/**
 * When a backup began; of one that was missed, when it was due: a line may stand for many due times, on every day where there were enough of them, for
 * the last `most` days. In ms since 1970.
 */
export function daysOfBackup({ startedAt, outcome, dueAt, dueFrom = dueAt, dues = 1 }: Run, most: number): number[] {
  if (outcome !== 'missed' || dueAt === undefined || dueFrom === undefined) return [Date.parse(startedAt)]
  const [from, to] = [Date.parse(dueFrom), Date.parse(dueAt)]
  const days = Math.min(Math.floor((to - from) / day), most)
  const between = dues > days ? Array.from({ length: days }, (_, at) => to - (at + 1) * day) : []
  return [from, ...between, to]
}

/** The rows of all plans, and the headline that follows from them. `now` in ms since 1970. */
export function overviewOf(
  known: Known,
  pastOf: (planId: string) => Past,
  now: number,
  zone: string,
): { readonly rows: PlanRow[]; readonly headline: Protection } {
  const answers = answersOf(known, now, zone)
  const rows = answers.map((answer) => rowOf(answer, pastOf(answer.planId), now, zone))
  return { rows, headline: headlineOf(rows, known) }
}

function rowOf({ planId, protection }: Answer, past: Past, now: number, zone: string): PlanRow {
  const { backups, lastGood, quarters, lying, triedAt } = past
  const sizes = backups.filter(isGood).slice(0, rowLength).reverse()
  const since = lastGood?.endedAt ?? lastGood?.startedAt
  return {
    planId,
    protection,
    days: daysOf(quarters, now, zone),
    sizes: sizes.map(({ stored }) => stored),
    ...(since === undefined ? {} : { lastGood: since }),
    places: currentPlaces(lying),
    ...(triedAt === undefined ? {} : { triedAt }),
  }
}

/** A drive that is taken out of the safe once a month still counts; one that was forgotten does not. */
const currentFor = 35 * day

/** Where the newest backup is not much older than the newest of all. */
function currentPlaces(lying: Past['lying']): string[] {
  const newest = [...lying].map(([id, there]) => ({ id, time: Math.max(...there.map(({ time }) => time), 0) }))
  const latest = Math.max(...newest.map(({ time }) => time), 0)
  return newest.flatMap(({ id, time }) => (time > 0 && latest - time <= currentFor ? [id] : []))
}

/** Days of the wall clock: one of them may have 23 or 25 hours. */
function daysOf(quarters: Past['quarters'], now: number, zone: string): (DayOutcome | null)[] {
  const today = dayOf(now, zone)
  const found: (DayOutcome | null)[] = Array.from({ length: rowLength }, () => null)
  for (const [quarter, outcome] of quarters) {
    const at = rowLength - 1 - (today - dayOf(quarter, zone)) / day
    if (at >= 0 && at < rowLength) found[at] = better(found[at] ?? undefined, outcome)
  }
  return found
}

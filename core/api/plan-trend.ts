// How the backups of a plan went in the last year: a result for each day, and the size and duration of the last good one of each. Pure.
import { z } from 'zod'
import { isGood } from './alarms.ts'
import { dayOf } from './due.ts'
import type { Run } from './model.ts'
import { better, dayOutcomeOf, daysOfBackup } from './plan-row.ts'
import { DayOutcome } from './protection-model.ts'

const day = 24 * 3600 * 1000
/** Days that are looked at, today included: each day of the calendar once, in a leap year too. */
export const trendDays = 366

/** A day of the wall clock, `YYYY-MM-DD`. */
const Day = z.iso.date()

export const PlanTrend = z.object({
  /** The first day that is looked at, and today. */
  from: Day,
  today: Day,
  /** In order; days on which nothing was due or made are left out. The best of a day counts. */
  days: z.array(z.object({ day: Day, outcome: DayOutcome, backups: z.number().int() })),
  /** The last good backup of each day, in order: bytes of its source and of its archive, seconds that it took. */
  points: z.array(
    z.object({ run: z.uuid(), day: Day, bytes: z.number(), stored: z.number(), seconds: z.number().nonnegative() }),
  ),
})
export type PlanTrend = z.infer<typeof PlanTrend>

/** `backups`: of one plan, newest start first, at least of the days that are looked at. `now` in ms since 1970. */
export function trendOf(backups: readonly Run[], now: number, zone: string): PlanTrend {
  const today = dayOf(now, zone)
  const from = today - (trendDays - 1) * day
  const days = new Map<number, { outcome: DayOutcome; backups: number }>()
  const points = new Map<number, PlanTrend['points'][number]>()
  for (const run of backups) {
    const outcome = dayOutcomeOf(run)
    if (outcome === undefined) continue
    for (const at of new Set(daysOfBackup(run, trendDays).map((time) => dayOf(time, zone)))) {
      if (at < from || at > today) continue
      const known = days.get(at)
      const backups = (known?.backups ?? 0) + (outcome === 'missed' ? 0 : 1)
      days.set(at, { outcome: better(known?.outcome, outcome), backups })
      if (isGood(run) && !points.has(at)) points.set(at, pointOf(run, at))
    }
  }
  const sorted = <T>(map: ReadonlyMap<number, T>) => [...map].sort(([one], [other]) => one - other)
  return {
    from: nameOf(from),
    today: nameOf(today),
    days: sorted(days).map(([at, one]) => ({ day: nameOf(at), ...one })),
    points: sorted(points).map(([, point]) => point),
  }
}

function pointOf({ id, bytes, stored, startedAt, endedAt = startedAt }: Run, at: number): PlanTrend['points'][number] {
  const seconds = Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)) / 1000
  return { run: id, day: nameOf(at), bytes, stored, seconds }
}

/** Of a day as `dayOf` gives it. */
function nameOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

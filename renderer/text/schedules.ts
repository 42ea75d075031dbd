// Which schedule the main screen speaks of, and when a plan's media last received a backup. Pure.
import type { AppState } from '../../core/api/model.ts'
import type { ScheduleState } from '../../core/api/schedule.ts'

/** The schedule to speak of first: what is going on or waited for, else the next one due. */
export function firstOf({ schedules }: Pick<AppState, 'schedules'>): ScheduleState | undefined {
  const urgency = ['running', 'waiting', 'retrying', 'reminder', 'paused', 'planned']
  const rank = (one: ScheduleState) => urgency.indexOf(one.state)
  const time = ({ nextDue }: ScheduleState) => (nextDue === undefined ? Number.POSITIVE_INFINITY : Date.parse(nextDue))
  return schedules
    .filter((one) => one.state !== 'inactive')
    .sort((a, b) => rank(a) - rank(b) || (time(a) < time(b) ? -1 : 1))[0]
}

/** When this medium last received a backup of this plan: what the engine says of the media of its schedule, else by the newest runs. */
export function lastOn(
  { runs, schedules }: Pick<AppState, 'runs' | 'schedules'>,
  planId: string,
  id: string,
): string | undefined {
  const said = schedules.find((one) => one.planId === planId)?.medium?.ages.find((one) => one.id === id)
  if (said) return said.lastBackup
  return runs.find(
    (one) =>
      one.kind === 'backup' &&
      one.planId === planId &&
      one.medium?.id === id &&
      (one.outcome === 'success' || one.outcome === 'warning'),
  )?.endedAt
}

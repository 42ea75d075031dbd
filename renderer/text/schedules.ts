// Which schedule the main screen speaks of, and which medium of several is due. Pure.
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

/** When this medium last received a backup of this computer, as far as it is known. */
export function lastOn({ runs, media }: Pick<AppState, 'runs' | 'media'>, id: string): string | undefined {
  const connected = media.find((medium) => medium.id === id)?.lastBackup
  const run = runs.find(
    (one) => one.kind === 'backup' && one.medium?.id === id && (one.outcome === 'success' || one.outcome === 'warning'),
  )
  const times = [connected, run?.endedAt].flatMap((time) => time ?? [])
  return times.sort((a, b) => Date.parse(b) - Date.parse(a))[0]
}

/** Of several in turn: the one without a backup, else the one with the oldest. */
export function dueOf(state: Pick<AppState, 'runs' | 'media'>, ids: readonly string[]): string | undefined {
  const age = (id: string) => Date.parse(lastOn(state, id) ?? '') || 0
  return [...ids].sort((a, b) => age(a) - age(b))[0]
}

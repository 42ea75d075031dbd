// For how long automatic backups can be paused, as tray and window offer it. Pure.
// Guarantees: every pause has an end, at most seven days ahead (the engine refuses more).

export const pauses = ['hour', 'tomorrow', 'week'] as const
export type Pause = (typeof pauses)[number]

const hour = 3600_000

/** When a pause that begins now ends; both in ms. A day ends at midnight on the wall clock here, a week seven times 24 hours later. */
export function endOfPause(pause: Pause, now: number): number {
  if (pause === 'hour') return now + hour
  if (pause === 'week') return now + 7 * 24 * hour
  const today = new Date(now)
  return new Date(today.getFullYear(), today.getMonth(), today.getDate() + 1).getTime()
}

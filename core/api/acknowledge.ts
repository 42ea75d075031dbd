// Alarms that a person has seen: what is known stays quiet until there is news.
// Guarantees: pure. Only noise ends: what the plans' rows and the headline say does not follow from it. What asks for a decision (loss.ts) cannot be put aside, and nothing
// stays quiet for longer than a week. Decision: a run that fails again, another missed time, a newer copy that is late again, or a place with less than three
// days left are news, days that pass are not.
import { isAcceptable } from './loss.ts'
import type { Alarm } from './schedule.ts'

const day = 24 * 3600 * 1000

/** How long an acknowledged alarm stays quiet at most, in days. */
export const quietDays = 7

/** With fewer days left, a place that fills up is news once more. */
const soonFull = 3

/** News (`newsOf`) → when a person has seen it. */
export type Acknowledged = Readonly<Record<string, string>>

export function isAcknowledgeable(alarm: Alarm): boolean {
  return !isAcceptable(alarm)
}

export function isAcknowledged({ acknowledgedAt }: Alarm): boolean {
  return acknowledgedAt !== undefined
}

/** What an alarm tells: the same for as long as it is the same matter, and no worse. */
function newsOf({ kind, planId, since, runId, placeId = '', lastCopy = '', days = 0 }: Alarm): string {
  if (kind === 'failed') return `${kind} ${planId} ${runId ?? since}`
  if (kind === 'copy-late') return `${kind} ${planId} ${placeId} ${lastCopy}`
  if (kind === 'filling') return `${kind} ${planId} ${placeId}${days < soonFull ? ' soon' : ''}`
  return `${kind} ${planId} ${since}`
}

/** A time that the clock puts into the future is not believed. `now` in ms. */
function isRecent(at: string, now: number): boolean {
  const age = now - Date.parse(at)
  return age >= -day && age < quietDays * day
}

/** The alarms, in their order, each with when it was acknowledged. */
export function withAcknowledged(alarms: readonly Alarm[], known: Acknowledged, now: number): Alarm[] {
  return alarms.map((alarm) => {
    const at = isAcknowledgeable(alarm) ? known[newsOf(alarm)] : undefined
    return at !== undefined && isRecent(at, now) ? { ...alarm, acknowledgedAt: at } : alarm
  })
}

/** With this alarm, or without it; what is too old to count is left out. */
export function acknowledge(known: Acknowledged, alarm: Alarm, acknowledged: boolean, now: number): Acknowledged {
  const { [newsOf(alarm)]: _, ...others } = known
  const recent = Object.fromEntries(Object.entries(others).filter(([, at]) => isRecent(at, now)))
  return acknowledged ? { ...recent, [newsOf(alarm)]: new Date(now).toISOString() } : recent
}

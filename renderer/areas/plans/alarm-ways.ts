// Where an alarm leads: the place that it is about, and the screens where something can be done about it. Pure.
import { placeIdsOf } from '../../../core/api/destination.ts'
import type { AppState } from '../../../core/api/model.ts'
import type { Alarm } from '../../../core/api/schedule.ts'
import type { Route } from '../../store.ts'
import type { Key } from '../../text/i18n.ts'

/** Its id; of several that take turns the one that is there. Undefined where none is concerned, or none is known any more. */
export function placeOfAlarm(
  { kind, planId, placeId, runId }: Alarm,
  { plans, media, runs }: Pick<AppState, 'plans' | 'media' | 'runs'>,
): string | undefined {
  if (kind !== 'copy-late') return placeId ?? runs.find(({ id }) => id === runId)?.medium?.id
  // It names the destination.
  const plan = plans.find(({ id }) => id === planId)
  const destination = plan?.destinations.find(({ id }) => id === placeId)
  const ids = destination ? placeIdsOf(destination.place) : []
  return ids.find((id) => media.some((medium) => medium.id === id)) ?? ids[0]
}

/** A backup did not fit, or soon will not. */
export function isFull({ kind, problem }: Alarm): boolean {
  return kind === 'filling' || problem?.code === 'no-space'
}

/** In the order in which one would; `place`: that of the alarm. A medium that is asked for is plugged in, which no screen does. */
export function waysOf(
  { kind, runId, planId }: Alarm,
  place: string | undefined,
  canBackUp: boolean,
): { to: Route; label: Key }[] {
  if (kind === 'medium-needed') return []
  if (runId !== undefined) return [{ to: { name: 'run', id: runId }, label: 'schedule.main.seeRun' }]
  if (place !== undefined) return [{ to: { name: 'place', id: place }, label: 'window.place.see' }]
  return canBackUp ? [{ to: { name: 'backup', plan: planId }, label: 'schedule.main.backUp' }] : []
}

// Places that plans may name: media that were made ready here or are connected, folders and servers that were configured. Pure.
// Guarantees: each one once, in the order of their names.
import type { AppState } from '../../core/api/model.ts'
import { visible } from '../../core/api/text/visible.ts'

type State = Pick<AppState, 'known' | 'media' | 'places'>

export interface NamedPlace {
  readonly id: string
  readonly name: string
}

/** What is configured or connected says its name best: what was seen before may have another one by now. */
export function knownPlaces({ known, media, places = [] }: State): NamedPlace[] {
  const ready = media.filter(({ initialised }) => initialised)
  const names = new Map<string, string>()
  for (const { id, name } of [...known, ...ready, ...places]) if (id !== undefined) names.set(id, name)
  return [...names].map(([id, name]) => ({ id, name })).sort((one, other) => one.name.localeCompare(other.name))
}

/** "STICK, NAS"; of a place that is not known here (a plan from another computer) the beginning of its id. */
export function namesOf(ids: readonly string[], state: State): string {
  const places = knownPlaces(state)
  return ids.map((id) => visible(places.find((one) => one.id === id)?.name ?? id.slice(0, 8))).join(', ')
}

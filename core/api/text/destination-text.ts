// The destinations of a plan in words, the same in window and terminal. Pure.
import { placeIdsOf } from '../destination.ts'
import type { Destination, Plan, Where } from '../plan.ts'
import { rulesInWords } from './keep-text.ts'
import type { Translate } from './text.ts'
import { visible } from './visible.ts'

/** Name of a place by its id; undefined where it is not known here. */
type NameOf = (id: string) => string | undefined

/** "STICK", "STICK, SECOND", "any medium that is ready". */
function placeInWords(place: Where, nameOf: NameOf, t: Translate): string {
  const names = placeIdsOf(place).map((id) => visible(nameOf(id) ?? id))
  return names.join(', ') || t('copy.any')
}

/** A line for each: "STICK: the 5 newest", "copy to NAS: all". */
export function destinationLines(plan: Plan, nameOf: NameOf, t: Translate): string[] {
  return plan.destinations.map((one) =>
    t('copy.kept', { place: destinationInWords(one, nameOf, t), rules: rulesInWords(one.keep, t) }),
  )
}

/** "STICK", "copy to NAS". */
export function destinationInWords({ place, via }: Destination, nameOf: NameOf, t: Translate): string {
  const names = placeInWords(place, nameOf, t)
  return via === 'copy' ? t('copy.copyTo', { names }) : names
}

/** The names of all its places, what the runs write to first. */
export function placesInWords(plan: Plan, nameOf: NameOf, t: Translate): string {
  return plan.destinations.map(({ place }) => placeInWords(place, nameOf, t)).join(' → ')
}

// The destinations of a plan: where its backups go, one or several, each with its own rules of retention. Pure.
// The first is written by the plan's runs; the others get copies of what was made, one by one, when their place is there.
import type { Destination, Plan, Where } from './plan.ts'

/** The one that the plan's runs write to. */
export function firstOf({ destinations }: Pick<Plan, 'destinations'>): Destination {
  const [first] = destinations
  if (!first) throw new Error('a plan has at least one destination')
  return first
}

/** Ids of the places that are named; none: any medium will do. */
export function placeIdsOf({ id, rotation }: Where): readonly string[] {
  return rotation ?? (id === undefined ? [] : [id])
}

/** Ids of the places that get copies: where the first destination is any medium, it is none of these. */
export function copyPlaceIds({
  destinations,
}: {
  readonly destinations: readonly { readonly place: Where }[]
}): readonly string[] {
  return destinations.slice(1).flatMap(({ place }) => placeIdsOf(place))
}

/** The destination whose rules hold for what the plan keeps on a place: the one that names it, else the first. */
export function destinationOn(plan: Pick<Plan, 'destinations'>, placeId: string | undefined): Destination {
  const named = plan.destinations.find(({ place }) => placeId !== undefined && placeIdsOf(place).includes(placeId))
  return named ?? firstOf(plan)
}

/** The plan with another destination in the place of the one with its id. */
export function withDestination<P extends Pick<Plan, 'destinations'>>(plan: P, changed: Destination): P {
  return { ...plan, destinations: plan.destinations.map((one) => (one.id === changed.id ? changed : one)) }
}

// Where a plan's backups go, as its form holds it, and the destinations that it becomes. Pure.
// Guarantees: what the form does not change stays as it was, ids and rotations included; no place can be chosen twice.
import { placeIdsOf } from '../../../core/api/destination.ts'
import type { Keep, Plan, PlanDraft, Where } from '../../../core/api/plan.ts'
import { answersOf, type KeepAnswers, keepOf, proposedAnswers, sameRules } from '../../parts/keep-answers.ts'

export interface DestinationAnswers {
  /** Absent of one that was added and not saved yet. */
  readonly id?: string
  readonly place: Where
  readonly keep: KeepAnswers
}

/** The first is what the plan's runs write to. */
export function destinationAnswersOf(plan: Plan | undefined): DestinationAnswers[] {
  if (!plan) return [{ place: { kind: 'medium' }, keep: proposedAnswers }]
  return plan.destinations.map(({ id, place, keep }) => ({ id, place, keep: answersOf(keep) }))
}

export function destinationsOf(all: readonly DestinationAnswers[]): PlanDraft['destinations'] {
  return all.map(({ id, place, keep }) => {
    const rules = keepOf(keep)
    return id === undefined ? { place, ...(rules ? { keep: rules } : {}) } : { place, id }
  })
}

/** False while the rules of one are incomplete. */
export function areComplete(all: readonly DestinationAnswers[]): boolean {
  return all.every(({ keep }) => keepOf(keep) !== undefined)
}

/** Rules that are not yet those of the saved plan, whose destinations are these ones in the same order. */
export function rulesToSave(
  all: readonly DestinationAnswers[],
  saved: Plan,
): { readonly destination: string; readonly keep: Keep | null }[] {
  return saved.destinations.flatMap(({ id, keep: before }, at) => {
    const answers = all[at]
    const keep = answers && keepOf(answers.keep)
    return keep === undefined || sameRules(keep, before) ? [] : [{ destination: id, keep }]
  })
}

/** Places that no destination but this one names. */
export function placesFor<P extends { readonly id: string }>(
  places: readonly P[],
  all: readonly DestinationAnswers[],
  self?: DestinationAnswers,
): P[] {
  const taken = new Set(all.filter((one) => one !== self).flatMap(({ place }) => placeIdsOf(place)))
  return places.filter(({ id }) => !taken.has(id))
}

/** Copies to one place, or to several in turn. */
export function withCopy(all: readonly DestinationAnswers[], [id, ...more]: readonly string[]): DestinationAnswers[] {
  if (id === undefined) return [...all]
  const which = more.length > 0 ? { rotation: [id, ...more] } : { id }
  return [...all, { place: { kind: 'medium', ...which }, keep: proposedAnswers }]
}

/** The one at this position with something changed. */
export function changedAt(
  all: readonly DestinationAnswers[],
  at: number,
  part: Partial<DestinationAnswers>,
): DestinationAnswers[] {
  return all.map((one, index) => (index === at ? { ...one, ...part } : one))
}

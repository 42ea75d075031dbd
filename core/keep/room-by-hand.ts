// Which backups of which plans would make room on a place because a person wants it: pure, from what lies there, the plans' rules and what is free.
// Guarantees: what a plan's own rules let go goes first, then the oldest of all; as few as are needed; none where all together would not do. Of each plan
// what room.ts lets stay stays: the two newest good ones, the newest that lacks nothing, pinned ones, what is being read, and all of a plan that is held back.
// Removes nothing (prune.ts).
import type { Artifact } from '../api/model.ts'
import { type HeldBack, type PruneInput, planPrune } from './keep.ts'
import { mayGo, type Wanted } from './room.ts'

/** A plan with backups there: its rules on that place, if any, and what history knows. */
export interface PlanThere extends Pick<PruneInput, 'keep' | 'facts'> {
  readonly planId: string
}

export interface RoomByHand {
  /** Newest first. */
  readonly going: readonly { readonly planId: string; readonly artifact: Artifact }[]
  /** Bytes that all together would free which may go. */
  readonly could: number
  /** There is, or would be, as much room as is wanted. */
  readonly enough: boolean
  readonly heldBack: readonly (HeldBack & { readonly planId: string })[]
}

/** One that may go. `idle`: the rules of its plan let it go anyway. */
interface Candidate {
  readonly planId: string
  readonly artifact: Artifact
  readonly time: number
  readonly idle: boolean
}

type There = Omit<PruneInput, 'keep' | 'facts'>

export function roomByHand(
  plans: readonly PlanThere[],
  there: There,
  { need, free }: Omit<Wanted, 'exact'>,
): RoomByHand {
  const looked = plans.map((plan) => ({ plan, ...mayGo({ ...there, facts: plan.facts }) }))
  const heldBack = looked.flatMap(({ plan, heldBack: held }) => (held ? [{ planId: plan.planId, ...held }] : []))
  const candidates = looked.flatMap(({ plan, may }) => candidatesOf(plan, may, there))
  const sorted = candidates.sort((one, other) => Number(other.idle) - Number(one.idle) || one.time - other.time)
  const going: Candidate[] = []
  let room = free
  for (const one of sorted) {
    if (room >= need) break
    going.push(one)
    room += one.artifact.size
  }
  const enough = room >= need
  const newestFirst = going.sort((one, other) => other.time - one.time)
  return {
    going: enough ? newestFirst.map(({ planId, artifact }) => ({ planId, artifact })) : [],
    could: candidates.reduce((sum, { artifact }) => sum + artifact.size, 0),
    enough,
    heldBack,
  }
}

/**
 * Whether exactly these still may go, and still make the room that was wanted: with what is known now. Nothing is needed any more where there is room without
 * them.
 */
export function stillMakesRoom(
  names: readonly string[],
  plans: readonly PlanThere[],
  there: There,
  { need, free }: Omit<Wanted, 'exact'>,
): boolean {
  const may = new Map(
    plans.flatMap(({ facts }) => mayGo({ ...there, facts }).may.map(({ artifact: { name, size } }) => [name, size])),
  )
  const freed = names.reduce((sum, name) => sum + (may.get(name) ?? Number.NEGATIVE_INFINITY), 0)
  return free < need && free + freed >= need
}

function candidatesOf(
  { planId, keep, facts }: PlanThere,
  may: ReturnType<typeof mayGo>['may'],
  there: There,
): Candidate[] {
  const idle = new Set(planPrune({ ...there, keep, facts }).remove.map(({ name }) => name))
  return may.map(({ artifact, time }) => ({ planId, artifact, time, idle: idle.has(artifact.name) }))
}

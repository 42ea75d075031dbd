// What runs occupy, and which of them wait for each other: pure rules over plain values.
// Guarantees: two runs that may disturb each other never go on together. Two writers of one place do; a reader and whatever may remove the backup
// that it reads; two backups of one plan; anything that replaces data, and a backup. Everything else goes on side by side.
import type { FailureCode } from './failure.ts'
import type { Run } from './model.ts'

/** A place as runs know it: by its marker's id where it has one. */
export interface LanePlace {
  readonly id?: string | undefined
  readonly path: string
  readonly name: string
}

/** One thing that a run occupies while it goes on. */
export type Use =
  | { readonly lane: 'place'; readonly place: LanePlace; readonly how: 'read'; readonly artifacts: readonly string[] }
  | {
      readonly lane: 'place'
      readonly place: LanePlace
      readonly how: 'write'
      /** It may remove any backup there but these; absent: it only adds. */
      readonly spares?: readonly string[]
    }
  /** The computer's own data. */
  | { readonly lane: 'data'; readonly how: 'read' | 'write' }
  /** What a plan's backup is compared with. */
  | { readonly lane: 'plan'; readonly planId: string }

/** A run that is going on, with what it occupies. */
export interface Held {
  readonly run: Pick<Run, 'subject'>
  readonly uses: readonly Use[]
}

/** Why something cannot begin now: `busy` {subject}, or `place-busy` {name, subject}. */
export interface InTheWay {
  readonly code: Extract<FailureCode, 'busy' | 'place-busy'>
  readonly details: { readonly subject: string; readonly name?: string }
}

/** What of the runs that are going on is in the way of one that would use these. */
export function inTheWay(wanted: readonly Use[], held: readonly Held[]): InTheWay | undefined {
  for (const { run, uses } of held) {
    for (const use of wanted) {
      if (!uses.some((other) => exclude(use, other))) continue
      const { subject } = run
      if (use.lane === 'place') return { code: 'place-busy', details: { name: use.place.name, subject } }
      return { code: 'busy', details: { subject } }
    }
  }
  return undefined
}

function exclude(one: Use, other: Use): boolean {
  if (one.lane === 'data') return other.lane === 'data' && (one.how === 'write' || other.how === 'write')
  if (one.lane === 'plan') return other.lane === 'plan' && one.planId === other.planId
  if (other.lane !== 'place' || !samePlace(one.place, other.place)) return false
  if (one.how === 'read') return other.how === 'write' && mayRemove(other, one)
  return other.how === 'write' || mayRemove(one, other)
}

function mayRemove(
  { spares }: Extract<Use, { how: 'write'; lane: 'place' }>,
  { artifacts }: Extract<Use, { how: 'read'; lane: 'place' }>,
): boolean {
  return spares !== undefined && artifacts.some((name) => !spares.includes(name))
}

function samePlace(one: Pick<LanePlace, 'id' | 'path'>, other: Pick<LanePlace, 'id' | 'path'>): boolean {
  return one.id !== undefined && other.id !== undefined ? one.id === other.id : one.path === other.path
}

/** What a backup of this plan occupies. `spares`: see Use. */
export function usesOfBackup(planId: string, place: LanePlace, spares?: readonly string[]): Use[] {
  return [
    { lane: 'plan', planId },
    { lane: 'data', how: 'read' },
    { lane: 'place', place, how: 'write', ...(spares ? { spares } : {}) },
  ]
}

/** What copying a backup from one place to another occupies. */
export function usesOfCopy(from: LanePlace, artifact: string, to: LanePlace, spares?: readonly string[]): Use[] {
  return [
    { lane: 'place', place: from, how: 'read', artifacts: [artifact] },
    { lane: 'place', place: to, how: 'write', ...(spares ? { spares } : {}) },
  ]
}

/** Names of the backups that are being read on a place: no rule removes them meanwhile. */
export function beingRead(place: Pick<LanePlace, 'id' | 'path'>, held: readonly Held[]): string[] {
  return held.flatMap(({ uses }) =>
    uses.flatMap((use) =>
      use.lane === 'place' && use.how === 'read' && samePlace(use.place, place) ? use.artifacts : [],
    ),
  )
}

/** Something that is going on reads or writes there. */
export function isInUse(place: Pick<LanePlace, 'id' | 'path'>, held: readonly Held[]): boolean {
  return held.some(({ uses }) => uses.some((use) => use.lane === 'place' && samePlace(use.place, place)))
}

/** Something that is going on reads or replaces data of this computer. */
export function touchesData(held: readonly Held[]): boolean {
  return held.some(({ uses }) => uses.some(({ lane }) => lane === 'data'))
}

/** What replaces data of this computer occupies. */
export const replaces: Use = { lane: 'data', how: 'write' }

// Which backups of a plan make room for the next one, where the plan keeps them until its place is full: pure, from what lies there and what is free.
// Guarantees: as few as are needed, the oldest first; none where all of them together would not do; never the two newest good ones, the newest that lacks
// nothing, pinned ones, or what this plan did not make here; nothing while the rules are held back (keep.ts), or while what comes is so small that it may
// lack what older ones have, which is known only once it was made. Removes nothing (prune.ts).
import { isGood } from '../api/alarms.ts'
import type { Run } from '../api/model.ts'
import type { Keep } from '../api/plan.ts'
import { type HeldBack, holdBack, type Judged, judge, type PruneInput } from './keep.ts'

/** Bytes. */
export interface Wanted {
  /** What the next backup will take, with something to spare. */
  readonly need: number
  readonly free: number
  /** It was made already: what it may lack is known. */
  readonly exact?: boolean
}

export interface RoomPlan {
  /** Newest first. */
  readonly remove: readonly { readonly name: string; readonly size: number; readonly reason: 'full' }[]
  /** Bytes that all together would free which may go. */
  readonly could: number
  /** `shrunk`: see above. */
  readonly heldBack?: HeldBack | { readonly reason: 'shrunk'; readonly name: string }
}

/** A backup of less than this share of the one before may lack something. */
const shrunk = 0.5

/** So many of the newest good ones stay: with the one that comes there are as many as age leaves (keep.ts). */
const fewest = 2

const nothing: RoomPlan = { remove: [], could: 0 }

export function planRoom(input: PruneInput, { need, free, exact }: Wanted): RoomPlan {
  if (!input.keep?.untilFull || free >= need) return nothing
  const { may, newest, heldBack } = mayGo(input)
  if (heldBack) return { ...nothing, heldBack }
  if (!exact && newest && need < newest.artifact.size * shrunk)
    return { ...nothing, heldBack: { reason: 'shrunk', name: newest.artifact.name } }
  const going: { name: string; size: number; reason: 'full' }[] = []
  let room = free
  for (const { artifact } of may) {
    if (room >= need) break
    const { name, size } = artifact
    going.unshift({ name, size, reason: 'full' })
    room += size
  }
  return { remove: room >= need ? going : [], could: may.reduce((sum, { artifact }) => sum + artifact.size, 0) }
}

interface MayGo {
  /** The oldest first. */
  readonly may: readonly Judged[]
  /** The newest good one. */
  readonly newest?: Judged | undefined
  readonly heldBack?: HeldBack
}

/** Which of a plan's backups may go where room is wanted, whatever its rules keep. */
export function mayGo({ artifacts, pins, inUse, facts, now }: Omit<PruneInput, 'keep' | 'zone'>): MayGo {
  const own = new Map(facts.made.map((made) => [made.name, made]))
  const bad = new Set(facts.bad)
  const judged = artifacts.map((artifact) => judge(artifact, own.get(artifact.name), bad))
  const heldBack = holdBack(judged, facts, now)
  if (heldBack) return { may: [], heldBack }
  const sure = judged.filter((one) => one.state === 'good' && !inUse?.has(one.artifact.name))
  const good = sure.sort((one, other) => other.time - one.time)
  const whole = good.find(({ lacking }) => !lacking)
  const may = good.slice(fewest).filter((one) => one !== whole && !pins.has(one.artifact.name))
  return { may: may.toReversed(), newest: good[0] }
}

/**
 * The rules that hold now. Where what was removed made no room (snapshots, links), nothing more goes for it until a backup is good there again: then
 * somebody has seen to it. `backups`: of the plan on that place, newest first.
 */
export function withoutVain(keep: Keep | undefined, backups: readonly Run[]): Keep | undefined {
  if (!keep?.untilFull) return keep
  const good = backups.findIndex(isGood)
  const since = good < 0 ? backups : backups.slice(0, good)
  if (!since.some(({ failure }) => failure?.details.why === 'not-freed')) return keep
  const { untilFull: _, ...others } = keep
  return Object.keys(others).length > 0 ? others : undefined
}

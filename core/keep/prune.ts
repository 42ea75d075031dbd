// Removes backups from a medium: what a plan's rules let go (keep.ts decides), or what a person has chosen. Runs inside a worker.
// Guarantees: decided from what lies there now; a preview that no longer fits is refused before anything is touched; pins count up to the last
// moment; each removal is durable before it is told. Killed at any point, SHA256SUMS names no missing file and the next call puts it in order.
// A backup that cannot be removed is a warning.
import { Failure } from '../api/failure.ts'
import type { Keep, RemoveReason } from '../api/plan.ts'
import { currentZone } from '../lib/surroundings.ts'
import type { Context } from '../lib/work.ts'
import type { Going, Pinning, Target } from '../targets/target.ts'
import { type KeepFacts, type PrunePlan, planPrune } from './keep.ts'
import { planRoom, type Wanted } from './room.ts'

export interface Pruning {
  readonly keep: Keep
  readonly facts: KeepFacts
  /** What this very run has put there: it stays, whatever the rules and the clock say. */
  readonly spare?: string
  /** Somebody reads these meanwhile: they stay this time. */
  readonly inUse?: readonly string[]
  /** What a person has seen and agreed to; absent: whatever the rules say. */
  readonly agreed?: readonly string[]
}

/** What a person has chosen, as it lay there when it was shown: all of them go, or none. */
export interface Chosen {
  readonly chosen: readonly { readonly name: string; readonly size: number }[]
}

interface Removal extends Going {
  /** Absent: a person wants it. */
  readonly reason?: RemoveReason
}

/** Told once the backup is gone for good. */
export type Removed = (removed: Removal) => void

/**
 * Failures: `changed` when not exactly what was agreed would go; `backup-pinned` and `not-found` of one that was chosen; `damaged` (list of pins),
 * `cancelled`, and those of the store while looking. What was chosen fails too when the medium lets nothing more be done.
 */
export async function prune(
  target: Target & Pinning,
  pruning: Pruning | Chosen,
  ctx: Context,
  onRemoved: Removed,
): Promise<void> {
  ctx.report.operation('prune')
  const { warn } = ctx.report
  await target.settle(ctx)
  const byHand = 'chosen' in pruning
  // Newest first, so that the oldest go first: whatever comes between, the newest are still there.
  const going = byHand ? await choose(target, pruning) : await decide(target, pruning, ctx)
  if (going.length === 0) return
  // A rule tries again by itself; who has chosen it is told that it stays.
  const code = byHand ? 'backup-not-deleted' : 'backup-not-removed'
  const stays = ({ name }: Removal, failure?: Failure) => {
    if (failure) warn({ code, details: { name, reason: failure.details.reason ?? failure.code } })
    else if (byHand) warn({ code, details: { name, reason: 'meanwhile' } })
  }
  const ended = await target.remove(going, ctx, { gone: onRemoved, stays })
  if (ended && byHand) throw ended
  if (ended) warn(ended.toProblem())
}

/** Newest first. */
async function decide(
  target: Target & Pinning,
  { keep, facts, spare, inUse = [], agreed }: Pruning,
  ctx: Context,
): Promise<Removal[]> {
  const found = await target.artifacts()
  const plan = planPrune({
    artifacts: found,
    keep,
    facts,
    pins: new Set([...(await target.pins()), ...(spare === undefined ? [] : [spare])]),
    inUse: new Set(inUse),
    now: ctx.now(),
    zone: currentZone(),
  })
  if (agreed && !sameNames(agreed, plan)) throw new Failure('changed', { name: target.label })
  if (plan.heldBack) ctx.report.warn({ code: 'keep-held-back', details: { ...plan.heldBack } })
  const sizes = new Map(found.map(({ name, size }) => [name, size]))
  return plan.remove.map((removal) => ({ ...removal, size: sizes.get(removal.name) ?? 0 }))
}

/** `free`: bytes, with those of what was removed, which some file systems give back later. `could`: what more could be freed, if all went that may. */
export interface RoomMade {
  readonly free: number
  readonly could: number
}

/** Makes room for `need` bytes where `free` are there and the rules say so, as far as all of it can be had. Failures as of `prune`. */
export async function makeRoom(
  target: Target & Pinning,
  { pruning, ...wanted }: Wanted & { readonly pruning: Pruning },
  ctx: Context,
  onRemoved: Removed,
): Promise<RoomMade> {
  const { free, need } = wanted
  if (free >= need) return { free, could: 0 }
  const { warn } = ctx.report
  await target.settle(ctx)
  const { keep, facts, inUse = [] } = pruning
  const artifacts = await target.artifacts()
  const pins = await target.pins()
  const input = { artifacts, keep, facts, pins, inUse: new Set(inUse), now: ctx.now(), zone: currentZone() }
  const plan = planRoom(input, wanted)
  if (plan.heldBack) {
    const why = plan.heldBack.reason === 'shrunk' ? { why: 'shrunk' } : {}
    warn({ code: 'keep-held-back', details: { ...plan.heldBack, ...why } })
  }
  if (plan.remove.length === 0) return { free, could: plan.could }
  ctx.report.operation('prune')
  const stays = ({ name }: Removal, failure?: Failure) => {
    if (failure) warn({ code: 'backup-not-removed', details: { name, reason: failure.details.reason ?? failure.code } })
  }
  let freed = 0
  const gone: Removed = (removal) => {
    freed += removal.size
    onRemoved(removal)
  }
  const ended = await target.remove(plan.remove, ctx, { gone, stays })
  if (ended) throw ended
  return { free: Math.max(free + freed, (await target.free()) ?? 0), could: plan.could - freed }
}

/** Newest first. */
async function choose(target: Target & Pinning, { chosen }: Chosen): Promise<Removal[]> {
  const pinned = await target.pins()
  const sizes = new Map(chosen.map(({ name, size }) => [name, size]))
  const there = (await target.artifacts()).filter(({ name }) => sizes.has(name))
  for (const { name, size } of chosen) {
    if (pinned.has(name)) throw new Failure('backup-pinned', { name })
    const found = there.find((one) => one.name === name)
    if (!found) throw new Failure('not-found', { name })
    if (found.size !== size) throw new Failure('changed', { name })
  }
  return there.map(({ name, size }) => ({ name, size }))
}

function sameNames(agreed: readonly string[], { remove }: PrunePlan): boolean {
  const now = new Set(remove.map(({ name }) => name))
  return agreed.length === now.size && agreed.every((name) => now.has(name))
}

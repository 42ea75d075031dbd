// Removes backups from a medium: what a plan's rules let go (keep.ts decides), or what a person has chosen. Runs inside a worker.
// Guarantees: decided from what lies there now; a preview that no longer fits is refused before anything is touched; pins count up to the last
// moment; each removal is durable before it is told. Killed at any point, SHA256SUMS names no missing file and the next call puts it in order.
// A backup that cannot be removed is a warning.
import { Failure, toProblem } from '../api/failure.ts'
import type { Keep, RemoveReason } from '../api/plan.ts'
import { currentZone } from '../lib/surroundings.ts'
import type { Context } from '../lib/work.ts'
import type { Store } from '../stores/store.ts'
import { announceRemoval, pins, type Tell } from '../targets/beside.ts'
import { artifacts, settleRemoval } from '../targets/shelf.ts'
import { type KeepFacts, type PrunePlan, planPrune } from './keep.ts'

export interface Pruning {
  readonly keep: Keep
  readonly facts: KeepFacts
  /** What a person has seen and agreed to; absent: whatever the rules say. */
  readonly agreed?: readonly string[]
}

/** What a person has chosen, as it lay there when it was shown: all of them go, or none. */
export interface Chosen {
  readonly chosen: readonly { readonly name: string; readonly size: number }[]
}

interface Removal {
  readonly name: string
  /** Absent: a person wants it. */
  readonly reason?: RemoveReason
  /** In bytes. */
  readonly size: number
}

/** Told once the backup is gone for good. */
export type Removed = (removed: Removal) => void

/** After these nothing more can be done on the medium. */
const hopeless = new Set(['medium-gone', 'medium-changed', 'medium-read-only', 'unreachable', 'place-unreachable'])

/**
 * Failures: `changed` when not exactly what was agreed would go; `backup-pinned` and `not-found` of one that was chosen; `damaged` (list of pins),
 * `cancelled`, and those of the store while looking. What was chosen fails too when the medium lets nothing more be done.
 */
export async function prune(store: Store, pruning: Pruning | Chosen, ctx: Context, onRemoved: Removed): Promise<void> {
  ctx.report.operation('prune')
  const { warn } = ctx.report
  await settleRemoval(store, warn)
  const byHand = 'chosen' in pruning
  const going = byHand ? await choose(store, pruning) : await decide(store, pruning, ctx)
  if (going.length === 0) return
  const names = new Set(going.map(({ name }) => name))
  const announced = await announce(store, names, warn)
  try {
    // The oldest first: whatever comes between, the newest are still there.
    for (const removal of going.toReversed()) {
      if (ctx.signal.aborted) throw new Failure('cancelled')
      if (await removeOne(store, removal, ctx)) onRemoved(removal)
    }
  } catch (error) {
    if (byHand || !(error instanceof Failure) || !hopeless.has(error.code)) throw error
    ctx.report.warn(error.toProblem())
  } finally {
    await settle(store, announced ? undefined : names, warn).catch((error: unknown) => {
      const problem = toProblem(error)
      if (!hopeless.has(problem.code)) ctx.report.warn(problem)
    })
  }
}

/** Newest first. */
async function decide(store: Store, { keep, facts, agreed }: Pruning, ctx: Context): Promise<Removal[]> {
  const found = await artifacts(store)
  const plan = planPrune({
    artifacts: found,
    keep,
    facts,
    pins: await pins(store),
    now: ctx.now(),
    zone: currentZone(),
  })
  if (agreed && !sameNames(agreed, plan)) throw new Failure('changed', { name: store.traits.label })
  if (plan.heldBack) ctx.report.warn({ code: 'keep-held-back', details: { ...plan.heldBack } })
  const sizes = new Map(found.map(({ name, size }) => [name, size]))
  return plan.remove.map((removal) => ({ ...removal, size: sizes.get(removal.name) ?? 0 }))
}

/** Newest first. */
async function choose(store: Store, { chosen }: Chosen): Promise<Removal[]> {
  const pinned = await pins(store)
  const sizes = new Map(chosen.map(({ name, size }) => [name, size]))
  const there = (await artifacts(store)).filter(({ name }) => sizes.has(name))
  for (const { name, size } of chosen) {
    if (pinned.has(name)) throw new Failure('backup-pinned', { name })
    const found = there.find((one) => one.name === name)
    if (!found) throw new Failure('not-found', { name })
    if (found.size !== size) throw new Failure('changed', { name })
  }
  return there.map(({ name, size }) => ({ name, size }))
}

async function settle(store: Store, unannounced: ReadonlySet<string> | undefined, tell: Tell): Promise<void> {
  if (unannounced) await announceRemoval(store, unannounced, tell)
  await settleRemoval(store, tell)
}

function sameNames(agreed: readonly string[], { remove }: PrunePlan): boolean {
  const now = new Set(remove.map(({ name }) => name))
  return agreed.length === now.size && agreed.every((name) => now.has(name))
}

/** False on a medium without any room left, which cannot take the announcement: removing is then what helps. */
async function announce(store: Store, names: ReadonlySet<string>, tell: Tell): Promise<boolean> {
  try {
    await announceRemoval(store, names, tell)
    return true
  } catch (error) {
    if (error instanceof Failure && error.code === 'no-space') return false
    throw error
  }
}

/** True when it is gone. False: it has changed or has been pinned since, or the medium refuses, which is a warning. */
async function removeOne(store: Store, { name, reason: rule, size }: Removal, ctx: Context): Promise<boolean> {
  // A rule tries again by itself; who has chosen it is told that it stays.
  const code = rule === undefined ? 'backup-not-deleted' : 'backup-not-removed'
  try {
    if ((await pins(store)).has(name) || (await store.stat(name))?.size !== size) {
      if (rule === undefined) ctx.report.warn({ code, details: { name, reason: 'meanwhile' } })
      return false
    }
    await store.remove(name)
    return true
  } catch (error) {
    if (!(error instanceof Failure) || hopeless.has(error.code)) throw error
    const { reason = error.code } = error.details
    ctx.report.warn({ code, details: { name, reason } })
    return false
  }
}

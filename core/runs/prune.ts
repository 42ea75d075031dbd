// Removes from a medium what a plan's rules let go: keep.ts decides, this file does it. Runs inside a worker.
// Guarantees: decided from what lies there now; a preview that no longer fits is refused before anything is touched; pins count up to the last
// moment; each removal is durable before it is told. Killed at any point, SHA256SUMS names no missing file and the next call puts it in order.
// A backup that cannot be removed is a warning.
import { Failure, toProblem } from '../api/failure.ts'
import type { Keep } from '../api/plan.ts'
import type { Context } from '../sources/source.ts'
import type { Store } from '../stores/store.ts'
import { type KeepFacts, type PrunePlan, planPrune } from './keep.ts'
import * as shelf from './shelf.ts'

export interface Pruning {
  readonly keep: Keep
  readonly facts: KeepFacts
  /** What a person has seen and agreed to; absent: whatever the rules say. */
  readonly agreed?: readonly string[]
}

/** Told once the backup is gone for good. `size` in bytes. */
export type Removed = (removed: PrunePlan['remove'][number] & { readonly size: number }) => void

/** After these nothing more can be done on the medium. */
const hopeless = new Set(['medium-gone', 'medium-changed', 'medium-read-only', 'unreachable'])

/** Failures: `changed` when not exactly what was agreed would go; `damaged` (list of pins), `cancelled`, and those of the store while looking. */
export async function prune(store: Store, pruning: Pruning, ctx: Context, onRemoved: Removed): Promise<void> {
  const { keep, facts, agreed } = pruning
  ctx.report.operation('prune')
  await shelf.settleRemoval(store)
  const found = await shelf.artifacts(store)
  const plan = planPrune({
    artifacts: found,
    keep,
    facts,
    pins: await shelf.pins(store),
    now: ctx.now(),
    zone: localZone(),
  })
  if (agreed && !sameNames(agreed, plan)) throw new Failure('changed', { name: store.traits.label })
  if (plan.heldBack) ctx.report.warn({ code: 'keep-held-back', details: { ...plan.heldBack } })
  if (plan.remove.length === 0) return
  const sizes = new Map(found.map(({ name, size }) => [name, size]))
  const names = new Set(plan.remove.map(({ name }) => name))
  const announced = await announce(store, names)
  try {
    // The oldest first: whatever comes between, the newest are still there.
    for (const removal of plan.remove.toReversed()) {
      if (ctx.signal.aborted) throw new Failure('cancelled')
      const size = sizes.get(removal.name) ?? 0
      if (await removeOne(store, removal.name, size, ctx)) onRemoved({ ...removal, size })
    }
  } catch (error) {
    if (!(error instanceof Failure) || !hopeless.has(error.code)) throw error
    ctx.report.warn(error.toProblem())
  } finally {
    await settle(store, announced ? undefined : names).catch((error: unknown) => {
      const problem = toProblem(error)
      if (!hopeless.has(problem.code)) ctx.report.warn(problem)
    })
  }
}

async function settle(store: Store, unannounced: ReadonlySet<string> | undefined): Promise<void> {
  if (unannounced) await shelf.announceRemoval(store, unannounced)
  await shelf.settleRemoval(store)
}

/** The time zone in which a person counts days. */
export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

function sameNames(agreed: readonly string[], { remove }: PrunePlan): boolean {
  const now = new Set(remove.map(({ name }) => name))
  return agreed.length === now.size && agreed.every((name) => now.has(name))
}

/** False on a medium without any room left, which cannot take the announcement: removing is then what helps. */
async function announce(store: Store, names: ReadonlySet<string>): Promise<boolean> {
  try {
    await shelf.announceRemoval(store, names)
    return true
  } catch (error) {
    if (error instanceof Failure && error.code === 'no-space') return false
    throw error
  }
}

/** True when it is gone. False: it has changed or has been pinned since, or the medium refuses, which is a warning. */
async function removeOne(store: Store, name: string, size: number, ctx: Context): Promise<boolean> {
  try {
    if ((await shelf.pins(store)).has(name) || (await store.stat(name))?.size !== size) return false
    await store.remove(name)
    return true
  } catch (error) {
    if (!(error instanceof Failure) || hopeless.has(error.code)) throw error
    const { reason = error.code } = error.details
    ctx.report.warn({ code: 'backup-not-removed', details: { name, reason } })
    return false
  }
}

// What follows a backup, or a copy, that is good: the rules of its destination are applied. And the removals of a run, counted and told.
// Guarantees: nothing that happens here makes the run fail, because what was saved is good.
import { toProblem } from '../api/failure.ts'
import { type Pruning, prune, type Removed } from '../keep/prune.ts'
import type { Pinning, Target } from '../targets/target.ts'
import type { RunContext } from './context.ts'
import type { Message, Pruned } from './order.ts'

/** What a run tells beside its progress. */
export type Tell = (message: Extract<Message, { type: 'saved' | 'found' | 'checked' | 'note' | 'pass' }>) => void

/** The new one is among the facts. */
export async function applyRules(
  target: Target & Pinning,
  pruning: Pruning,
  ctx: RunContext,
  tell: Tell,
): Promise<Pruned> {
  const { removed, note } = removals(tell)
  try {
    await prune(target, pruning, ctx, note)
  } catch (error) {
    const problem = toProblem(error)
    if (problem.code !== 'cancelled') ctx.report.warn(problem)
  }
  return removed()
}

/** The rules for what lies there together with what has just been put there. */
export function withNew(
  { facts, ...rules }: Omit<Pruning, 'agreed'>,
  one: { readonly artifact: string; readonly sha256: string; readonly stored: number; readonly time: number },
): Pruning {
  const { artifact: name, sha256, stored: size, time } = one
  // It is whole, so nothing is held for the sake of the one before.
  const { held: _, ...known } = facts
  return { ...rules, spare: name, facts: { ...known, made: [...facts.made, { name, sha256, size, time }] } }
}

/** A result with what was removed before it was written, and after, by rules that were applied (absent: none were). */
export function together<T extends object>(result: T, before: Pruned, after?: Pruned): T & Partial<Pruned> {
  if (!after && before.removed.length === 0) return result
  const { removed = [], freed = 0 } = after ?? {}
  return { ...result, removed: [...before.removed, ...removed], freed: before.freed + freed }
}

/** Counts what was removed, and puts each into the log. */
export function removals(tell: Tell): { removed: () => Pruned; note: Removed } {
  const names: string[] = []
  let freed = 0
  return {
    removed: () => ({ removed: [...names], freed }),
    note: ({ name, reason, size }) => {
      names.push(name)
      freed += size
      const code = reason === undefined ? 'backup-deleted' : 'backup-removed'
      tell({ type: 'note', problem: { code, details: { name, size, ...(reason === undefined ? {} : { reason }) } } })
    },
  }
}

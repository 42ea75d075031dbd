// Reads the contents indexes of backups for the catalogue of this computer: after it was lost, or of backups that others have made.
// Guarantees: of each backup either all names are taken or none; one that has no index that can be believed stops no other. Reads no backup.
import { Failure, type Problem } from '../api/failure.ts'
import { opensWithoutKey } from '../api/recipe.ts'
import { usingTarget } from '../targets/open.ts'
import type { Copying, Indexing, Target } from '../targets/target.ts'
import { readIndex } from './contents.ts'
import type { RunContext } from './context.ts'
import { namesFor } from './feeding.ts'
import type { Learned, LearnOrder } from './order.ts'

/** Failures: those of the place; when nothing could be taken, why not the first (a wrong password, say). */
export async function learn(order: LearnOrder, ctx: RunContext): Promise<Learned> {
  return usingTarget(order.at, 'read', async (target) => {
    ctx.report.operation('read')
    const learned: string[] = []
    const without: string[] = []
    let first: Failure | undefined
    for (const name of order.artifacts) {
      ctx.signal.throwIfAborted()
      const taken = await one(target, name, order, ctx).catch((error: unknown) => {
        if (!(error instanceof Failure) || !tellsOfOne.has(error.code)) throw error
        first ??= error
        return false
      })
      if (taken) learned.push(name)
      else without.push(name)
    }
    if (first && learned.length === 0) throw first
    return { learned, without }
  })
}

const tellsOfOne: ReadonlySet<Failure['code']> = new Set(['wrong-password', 'wrong-key', 'secret-missing'])

async function one(
  target: Target & Indexing & Copying,
  name: string,
  { feeding, unlock }: LearnOrder,
  ctx: RunContext,
): Promise<boolean> {
  const stat = await target.stat(name)
  if (!stat || !(await target.hasContents(name))) return false
  if (!unlock && !opensWithoutKey(name)) throw new Failure('secret-missing', { name })
  const names = namesFor(feeding, ctx)
  const reasons: unknown[] = []
  const note = (problem: Problem) => {
    reasons.push(problem.details.reason)
    ctx.report.note?.(problem)
  }
  const noting = { ...ctx, report: { ...ctx.report, note } }
  const known = await readIndex(target, stat, unlock, noting, (entry) => names?.add(entry))
  const closed = [...tellsOfOne].find((code) => reasons.includes(code))
  if (closed) throw new Failure(closed, { name })
  if (!known) return false
  const { head } = known
  names?.done({ name, size: stat.size, made: head && Date.parse(head.createdAt), host: head?.host, roots: head?.roots })
  return true
}

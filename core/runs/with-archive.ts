// Opens the backup that an order names, for whatever is done with it.
// Guarantees: closed however the work ends; what is wrong with it names it; where it is read to its end and has no contents index, it gets one.
import { Failure } from '../api/failure.ts'
import { isDocument } from '../api/labbook-layout.ts'
import { usingTarget } from '../targets/open.ts'
import type { Opened } from '../targets/target.ts'
import { indexing } from './contents.ts'
import type { RunContext } from './context.ts'
import type { InspectOrder, RestoreOrder } from './order.ts'
import { naming } from './verify.ts'

export async function withArchive<T>(
  order: InspectOrder | RestoreOrder,
  ctx: RunContext,
  operation: 'check' | 'extract',
  work: (archive: Opened, size: number) => Promise<T>,
): Promise<T> {
  return usingTarget(order.at, 'read', async (target) => {
    const { artifact } = order
    const stat = await target.stat(artifact)
    if (!stat) throw new Failure('not-found', { name: artifact })
    ctx.report.operation(operation, stat.size)
    const toEnd = order.kind === 'restore' ? !(await target.hasContents(artifact)) : order.listing !== undefined
    const index = toEnd ? await indexing(target, order, ctx) : undefined
    try {
      const documents = order.kind === 'inspect' || wantsDocuments(order)
      const archive = await target.open(artifact, { ...order, documents, ...(index && { seen: index.seen }) }, ctx)
      try {
        const result = await work(index ? { ...archive, entries: index.entries(archive) } : archive, stat.size)
        await index?.put(stat)
        return result
      } finally {
        await archive.close()
      }
    } catch (error) {
      throw naming(error, artifact)
    } finally {
      await index?.close()
    }
  })
}

/** Damaged documents keep nobody from what lies in the backup itself. */
function wantsDocuments({ to, documents }: RestoreOrder): boolean {
  if (documents === false) return false
  if (to.kind === 'server') return to.plan.folders.length > 0
  return to.plan.only.length === 0 || to.plan.only.some(isDocument)
}

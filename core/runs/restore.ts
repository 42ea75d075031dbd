// A restore, as a run does it: the backup is opened, and what is in it goes to the restorer of its kind.
import type { Entry } from '../archive/archive.ts'
import type { Report } from '../lib/work.ts'
import type { StageContext } from '../restore/restore.ts'
import { type RestoreKind, restorers } from '../restore/restorer.ts'
import type { RunContext } from './context.ts'
import type { RestoredWithCopy, RestoreOrder, RestoreTo } from './order.ts'
import { restoreToServer } from './restore-to-server.ts'
import { tellIncomplete } from './verify.ts'
import { withArchive } from './with-archive.ts'

type Within = RunContext & StageContext & { readonly journals: string }
type Way<To> = (to: To, entries: AsyncIterable<Entry>, ctx: Within) => Promise<RestoredWithCopy>

/** What a run adds to each restorer: a further kind of restore is one row. */
const ways: { readonly [K in RestoreKind]: Way<Extract<RestoreTo, { kind: K }>> } = {
  folders: ({ plan }, entries, ctx) => restorers.folders.run(plan, entries, ctx),
  server: restoreToServer,
}

export async function restore(order: RestoreOrder, ctx: RunContext & StageContext): Promise<RestoredWithCopy> {
  const { to, journals } = order
  return withArchive(order, ctx, 'extract', async ({ entries, incomplete }, size) => {
    const way = ways[to.kind] as Way<RestoreTo>
    const restored = await way(to, entries, { ...ctx, report: ofArchive(ctx.report, size), journals })
    tellIncomplete(incomplete(), to.plan.only, ctx.report)
    return restored
  })
}

/** While it extracts, progress counts the bytes of the archive, whose total is known; the restore itself only tells which file it is at. */
function ofArchive(report: Report, size: number): Report {
  let extracting = false
  return {
    ...report,
    operation(name, total) {
      extracting = name === 'extract'
      report.operation(name, extracting ? size : total)
    },
    advance: (bytes, path) => report.advance(extracting ? 0 : bytes, path),
  }
}

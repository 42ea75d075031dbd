// The one line: what a backup, a restore and a verification are, read from top to bottom. Runs inside a worker (worker.ts).
// Guarantees: a source that cannot be read in full never makes a silent backup; nothing is put in place before its archive has been checked to
// the last byte. Holds no detail of any source, format or store.

import { Failure } from '../api/failure.ts'
import { dumpFile, dumpFolder, isDocument } from '../api/labbook-layout.ts'
import type { ArchiveEntry } from '../api/model.ts'
import { nameInArchive } from '../api/plan-source.ts'
import { type Entry, olderFiles } from '../archive/archive.ts'
import { openGuard } from '../guard/guard.ts'
import { prune } from '../keep/prune.ts'
import { runShell } from '../lib/shell.ts'
import type { Report } from '../lib/work.ts'
import { discardSafety, restoreTree, type StageContext, undoRestore } from '../restore/restore.ts'
import { isServerJournal } from '../restore/server/journal.ts'
import { undoServer } from '../restore/server/server.ts'
import { openSource } from '../sources/open.ts'
import type { Item } from '../sources/source.ts'
import { usingTarget } from '../targets/open.ts'
import type { Opened, Saved } from '../targets/target.ts'
import { applyRules, removals, type Tell, together, withNew } from './after.ts'
import type { RunContext } from './context.ts'
import { copy } from './copy.ts'
import type {
  BackupOrder,
  EstimateOrder,
  Inspected,
  InspectOrder,
  Order,
  Pruned,
  PruneOrder,
  RestartOrder,
  Restored,
  RestoreOrder,
  Results,
  UndoOrder,
} from './order.ts'
import { restoreToServer } from './restore-to-server.ts'
import { Room } from './room.ts'
import { mustBeReadable, saveAll } from './save.ts'
import { naming, tellIncomplete, verify } from './verify.ts'

/** Carries out an order. Throws Failure for everything that can go wrong in use. */
export async function execute(
  order: Order,
  ctx: RunContext & StageContext,
  tell: Tell = () => undefined,
): Promise<Results[Order['kind']]> {
  ctx.report.operation('prepare')
  switch (order.kind) {
    case 'estimate':
      return estimate(order, ctx)
    case 'backup':
      return backup(order, ctx, tell)
    case 'copy':
      return copy(order, ctx, tell)
    case 'inspect':
      return inspect(order, ctx)
    case 'restore':
      return restore(order, ctx)
    case 'verify':
      return verify(order, ctx, tell)
    case 'undo':
      return undo(order, ctx)
    case 'restart':
      return restart(order, ctx)
    case 'prune':
      return pruneTarget(order, ctx, tell)
    case 'tidy':
      return discardSafety(order.journals, ctx)
  }
}

async function estimate(order: EstimateOrder, ctx: RunContext): Promise<Results['estimate']> {
  ctx.report.operation('estimate')
  return openSource(order.source, { ...order, temp: ctx.temp }).estimate(ctx)
}

async function backup(order: BackupOrder, ctx: RunContext, tell: Tell): Promise<Results['backup']> {
  const { plan } = order
  const begun = ctx.now()
  const source = openSource(plan.source, { ...order, temp: ctx.temp, pack: plan.method })
  await mustBeReadable(source, ctx.signal)
  const about = {
    plan: nameInArchive(plan),
    host: order.host,
    recipients: order.recipients,
    keyFiles: order.keyFiles,
    pack: plan.method,
  }
  return usingTarget(order.at, 'write', async (target) => {
    ctx.report.operation('estimate')
    const guard = await openGuard(plan, order.guard, ctx)
    const gather = (item: Item) => guard.gather(item)
    const room = new Room(target, order.pruning, ctx, tell)
    const before = async ({ estimate: { stored } }: Item) => {
      if (stored === undefined) return
      tell({ type: 'found', found: { expected: stored } })
      if (!room.again) await room.make(Math.ceil(stored * (order.expecting ?? 1)))
    }
    const saving = { source, target, about, reading: guard.ctx, gather, before }
    let last = (await room.write(() => saveAll(saving, ctx))).at(-1) as Saved
    const losses = await guard.judge(last.artifact, begun)
    if (losses.length > 0) last = { ...last, losses }
    tell({ type: 'saved', result: last })
    // What the new backup lacks may be in those that the rules would let go.
    if (!order.pruning || losses.length > 0) return together(last, room.removed())
    const rules = withNew(order.pruning, { ...last, time: begun })
    return together(last, room.removed(), await applyRules(target, rules, ctx, tell))
  })
}

async function pruneTarget(order: PruneOrder, ctx: RunContext, tell: Tell): Promise<Pruned> {
  const { removed, note } = removals(tell)
  const byHand = 'chosen' in order.pruning
  await usingTarget(order.at, 'write', (target) =>
    prune(target, order.pruning, ctx, (removal) => {
      note(removal)
      // It may be the newest: from now on it must not count as a backup, even if this process is killed.
      if (byHand) tell({ type: 'saved', result: removed() })
    }),
  )
  return removed()
}

async function inspect(order: InspectOrder, ctx: RunContext): Promise<Inspected> {
  return withArchive(order, ctx, 'check', async ({ head, entries, format, documents }) => {
    const about = {
      format,
      ...(documents === undefined ? {} : { documents: documents ? ('there' as const) : ('missing' as const) }),
      roots: head?.roots ?? [],
      ...(head?.parents && { parents: head.parents }),
      ...(head ? { plan: head.plan, host: head.host, createdAt: head.createdAt } : {}),
    }
    if (!order.full)
      return { ...about, ...(head && { files: head.files, bytes: head.bytes }), ...(await dumpIn(head, entries)) }
    const { list, damaged } = await listed(entries)
    const roots = about.roots.length > 0 ? about.roots : topFolders(list)
    const bytes = list.reduce((sum, { size }) => sum + size, 0)
    return {
      ...about,
      ...(damaged ? { documents: 'damaged' } : {}),
      roots,
      files: list.filter((entry) => entry.type !== 'folder').length,
      bytes,
      entries: list,
    }
  })
}

/** Arche puts the dump of a server first: its size is known without reading the rest. */
async function dumpIn(
  head: Pick<Inspected, 'roots'> | undefined,
  entries: AsyncIterable<Entry>,
): Promise<{ dump?: number }> {
  if (!head?.roots.some(({ name }) => name === dumpFolder)) return {}
  for await (const { path, type, size } of entries) return path === dumpFile && type === 'file' ? { dump: size } : {}
  return {}
}

type Listed = ArchiveEntry & { target?: string }

function takenBy(sparse: Entry['sparse']): Pick<ArchiveEntry, 'taken'> {
  return sparse ? { taken: sparse.reduce((sum, { length }) => sum + length, 0) } : {}
}

/** All entries; where the documents beside an old backup are damaged, those of the backup itself, which is read to its end before. */
async function listed(entries: AsyncIterable<Entry>): Promise<{ list: Listed[]; damaged: boolean }> {
  const list: Listed[] = []
  try {
    for await (const { path, type, size, mtime, target, sparse } of entries)
      list.push({ path, type, size, mtime, ...(target !== undefined && { target }), ...takenBy(sparse) })
  } catch (error) {
    if (!(error instanceof Failure) || error.details.name !== olderFiles.documents) throw error
    return { list: list.filter(({ path }) => !isDocument(path)), damaged: true }
  }
  return { list, damaged: false }
}

/** An archive of another program does not tell its roots: they are the first parts of its paths, from nowhere known. */
function topFolders(list: readonly ArchiveEntry[]): { name: string; origin: string }[] {
  return [...new Set(list.map((entry) => entry.path.split('/')[0] as string))].map((name) => ({ name, origin: '' }))
}

async function restore(order: RestoreOrder, ctx: RunContext & StageContext): Promise<Restored> {
  const { to, journals } = order
  return withArchive(order, ctx, 'extract', async ({ entries, incomplete }, size): Promise<Restored> => {
    const within = { ...ctx, report: ofArchive(ctx.report, size) }
    const restored =
      'server' in to
        ? await restoreToServer(order, to.server, entries, within)
        : await restoreTree(to.plan, entries, { ...within, journals })
    tellIncomplete(incomplete(), 'server' in to ? [] : to.plan.only, ctx.report)
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

async function undo(order: UndoOrder, ctx: RunContext): Promise<Results['undo']> {
  ctx.report.operation('roll-back')
  const [server] = order.journals.filter(isServerJournal)
  if (server === undefined) return undoRestore(order.journals, ctx)
  const { folders, kept } = await undoServer(server, { ...ctx, password: order.databasePassword })
  return {
    files: 0,
    bytes: 0,
    safety: { folders, journals: [] },
    ...(kept === undefined ? {} : { keptDatabase: kept }),
  }
}

/** What it says is kept up to this many lines. */
const linesKept = 5000

async function restart({ command, minutes }: RestartOrder, ctx: RunContext): Promise<Results['restart']> {
  ctx.report.operation('restart')
  let lines = 0
  const say = (text: string) => {
    lines += 1
    if (lines <= linesKept) ctx.say?.(text)
    else ctx.report.advance(0, text)
  }
  const { status, late } = await runShell(command, { signal: ctx.signal, patience: minutes * 60_000, say })
  if (late) throw new Failure('restart-late', { command, minutes })
  if (status !== 0) throw new Failure('restart-failed', { command, reason: String(status) })
  return { lines }
}

/** Damaged documents keep nobody from what lies in the backup itself. */
function wantsDocuments({ to, documents }: RestoreOrder): boolean {
  if (documents === false) return false
  if ('server' in to) return to.server.plan.folders.length > 0
  return to.plan.only.length === 0 || to.plan.only.some(isDocument)
}

async function withArchive<T>(
  order: InspectOrder | RestoreOrder,
  ctx: RunContext,
  operation: 'check' | 'extract',
  work: (archive: Opened, size: number) => Promise<T>,
): Promise<T> {
  return usingTarget(order.at, 'read', async (target) => {
    const stat = await target.stat(order.artifact)
    if (!stat) throw new Failure('not-found', { name: order.artifact })
    ctx.report.operation(operation, stat.size)
    try {
      const documents = order.kind === 'inspect' || wantsDocuments(order)
      const archive = await target.open(order.artifact, { ...order, documents }, ctx)
      try {
        return await work(archive, stat.size)
      } finally {
        await archive.close()
      }
    } catch (error) {
      throw naming(error, order.artifact)
    }
  })
}

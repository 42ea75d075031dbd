// The one line: what a backup, a restore and a verification are, read from top to bottom. Runs inside a worker (worker.ts).
// Guarantees: a source that cannot be read in full never makes a silent backup; nothing is put in place before its archive has been checked to
// the last byte. Holds no detail of any source, format or store.
import { blocking, Failure, toProblem } from '../api/failure.ts'
import type { ArchiveEntry } from '../api/model.ts'
import { nameInArchive } from '../api/plan-source.ts'
import { type Entry, parseArtifactName } from '../archive/archive.ts'
import { runShell } from '../lib/shell.ts'
import { discardSafety, restoreTree, type StageContext, undoRestore } from '../restore/restore.ts'
import { undoServer } from '../restore/server.ts'
import { isServerJournal } from '../restore/server-journal.ts'
import type { Context, Report } from '../sources/source.ts'
import { openSource } from '../sources/source.ts'
import type { Store } from '../stores/store.ts'
import type {
  BackupOrder,
  EstimateOrder,
  Inspected,
  InspectOrder,
  Message,
  Order,
  Pruned,
  PruneOrder,
  RestartOrder,
  Restored,
  RestoreOrder,
  Results,
  Saved,
  UndoOrder,
  Verified,
  VerifyOrder,
} from './order.ts'
import { type Pruning, prune, type Removed } from './prune.ts'
import { restoreToServer } from './server-run.ts'
import * as shelf from './shelf.ts'

/** What a run tells beside its progress. */
export type Tell = (message: Extract<Message, { type: 'saved' | 'note' }>) => void

/** Carries out an order. Throws Failure for everything that can go wrong in use. */
export async function execute(
  order: Order,
  ctx: StageContext,
  tell: Tell = () => undefined,
): Promise<Results[Order['kind']]> {
  ctx.report.operation('prepare')
  switch (order.kind) {
    case 'estimate':
      return estimate(order, ctx)
    case 'backup':
      return backup(order, ctx, tell)
    case 'inspect':
      return inspect(order, ctx)
    case 'restore':
      return restore(order, ctx)
    case 'verify':
      return verify(order, ctx)
    case 'undo':
      return undo(order, ctx)
    case 'restart':
      return restart(order, ctx)
    case 'prune':
      return pruneMedium(order, ctx, tell)
    case 'tidy':
      return discardSafety(order.journals, ctx)
  }
}

async function estimate(order: EstimateOrder, ctx: Context): Promise<Results['estimate']> {
  ctx.report.operation('estimate')
  return openSource(order.source, { ...order, temp: ctx.temp }).estimate(ctx)
}

async function backup(order: BackupOrder, ctx: Context, tell: Tell): Promise<Results['backup']> {
  const { plan } = order
  const begun = ctx.now()
  const source = openSource(plan.source, { ...order, temp: ctx.temp })
  const failure = blocking(await source.check(ctx.signal))
  if (failure) throw failure
  const options = { plan: nameInArchive(plan), host: order.host, recipients: order.recipients, pack: plan.method }
  return shelf.withStore(order.medium, false, async (store) => {
    let last: Saved | undefined
    ctx.report.operation('estimate')
    for await (const item of source.items(ctx)) {
      last = await shelf.save(store, item, options, ctx)
      await shelf.copyKeys(store, order.keyFiles, ctx)
      await shelf.verifySaved(store, last, ctx)
    }
    if (!last) throw new Failure('nothing-selected')
    tell({ type: 'saved', result: last })
    if (!order.pruning) return last
    const { keep, facts } = order.pruning
    const { artifact: name, sha256, stored: size } = last
    const made = [...facts.made, { name, sha256, size, time: begun }]
    return { ...last, ...(await afterBackup(store, { keep, facts: { ...facts, made } }, ctx, tell)) }
  })
}

/** The new backup is good, so nothing that happens here can make its run fail. */
async function afterBackup(store: Store, pruning: Pruning, ctx: Context, tell: Tell): Promise<Pruned> {
  const { removed, note } = removals(tell)
  try {
    await prune(store, pruning, ctx, note)
  } catch (error) {
    const problem = toProblem(error)
    if (problem.code !== 'cancelled') ctx.report.warn(problem)
  }
  return removed()
}

async function pruneMedium(order: PruneOrder, ctx: Context, tell: Tell): Promise<Pruned> {
  const { removed, note } = removals(tell)
  await shelf.withStore(order.medium, false, (store) => prune(store, order.pruning, ctx, note))
  return removed()
}

/** Counts what was removed, and puts each into the log. */
function removals(tell: Tell): { removed: () => Pruned; note: Removed } {
  const names: string[] = []
  let freed = 0
  return {
    removed: () => ({ removed: names, freed }),
    note: ({ name, reason, size }) => {
      names.push(name)
      freed += size
      tell({ type: 'note', problem: { code: 'backup-removed', details: { name, reason, size } } })
    },
  }
}

async function inspect(order: InspectOrder, ctx: Context): Promise<Inspected> {
  return withArchive(order, ctx, 'check', async ({ head, entries, format }) => {
    const about = {
      format,
      roots: head?.roots ?? [],
      ...(head ? { plan: head.plan, host: head.host, createdAt: head.createdAt } : {}),
    }
    if (!order.full) return { ...about, files: head?.files ?? 0, bytes: head?.bytes ?? 0 }
    const list: (ArchiveEntry & { target?: string })[] = []
    let bytes = 0
    for await (const { path, type, size, mtime, target } of entries) {
      list.push({ path, type, size, mtime, ...(target === undefined ? {} : { target }) })
      bytes += size
    }
    const roots = about.roots.length > 0 ? about.roots : topFolders(list)
    return { ...about, roots, files: list.filter((entry) => entry.type !== 'folder').length, bytes, entries: list }
  })
}

/** An archive of another program does not tell its roots: they are the first parts of its paths, from nowhere known. */
function topFolders(list: readonly ArchiveEntry[]): { name: string; origin: string }[] {
  return [...new Set(list.map((entry) => entry.path.split('/')[0] as string))].map((name) => ({ name, origin: '' }))
}

async function restore(order: RestoreOrder, ctx: StageContext): Promise<Restored> {
  const { to, journals } = order
  return withArchive(order, ctx, 'extract', async ({ entries }, size): Promise<Restored> => {
    const within = { ...ctx, report: ofArchive(ctx.report, size) }
    if ('server' in to) return restoreToServer(order, to.server, entries, within)
    return restoreTree(to.plan, entries, { ...within, journals })
  })
}

/** While it extracts, progress counts the bytes of the archive, whose total is known; the restore itself only tells which file it is at. */
function ofArchive(report: Report, size: number): Report {
  let extracting = false
  return {
    warn: report.warn,
    operation(name, total) {
      extracting = name === 'extract'
      report.operation(name, extracting ? size : total)
    },
    advance: (bytes, path) => report.advance(extracting ? 0 : bytes, path),
  }
}

async function verify(order: VerifyOrder, ctx: Context): Promise<Verified> {
  return shelf.withStore(order.medium, true, async (store) => {
    const result = { files: 0, bytes: 0, good: [] as string[], bad: [] as string[] }
    const sums = await shelf.checksums(store)
    for (const name of order.artifacts) {
      try {
        const counts = await verifyOne(store, name, sums.get(name), order, ctx)
        result.files += counts.files
        result.bytes += counts.bytes
        result.good.push(name)
      } catch (error) {
        if (!(error instanceof Failure) || !tellsOfOneArchive.has(error.code) || order.artifacts.length === 1)
          throw naming(error, name)
        ctx.report.warn({ code: error.code, details: { ...error.details, name } })
        result.bad.push(name)
      }
    }
    if (result.bad.length > 0)
      throw new Failure('damaged', { name: result.bad, reason: `${result.bad.length}/${order.artifacts.length}` })
    return result
  })
}

const tellsOfOneArchive = new Set([
  'damaged',
  'truncated',
  'checksum-missing',
  'wrong-key',
  'unsupported-format',
  'not-found',
])

/** The stored bytes against their checksum; with a key also the whole content, which needs no checksum. */
async function verifyOne(
  store: Store,
  name: string,
  sha256: string | undefined,
  order: VerifyOrder,
  ctx: Context,
): Promise<{ files: number; bytes: number }> {
  const stat = await store.stat(name)
  if (!stat) throw new Failure('not-found', { name })
  const opens = order.unlock !== undefined || parseArtifactName(name)?.format === '2.x'
  if (!sha256 && !opens) throw new Failure('checksum-missing', { name })
  ctx.report.operation('verify', stat.size)
  if (sha256 && (await shelf.digest(store, name, ctx)) !== sha256)
    throw new Failure('damaged', { name, reason: 'SHA-256' })
  if (!opens) return { files: 0, bytes: stat.size }
  ctx.report.operation('check', stat.size)
  const { entries } = await shelf.open(store, name, order.unlock, ctx)
  return countAll(entries)
}

async function countAll(entries: AsyncIterable<Entry>): Promise<{ files: number; bytes: number }> {
  const counts = { files: 0, bytes: 0 }
  for await (const entry of entries) {
    counts.files += 1
    counts.bytes += entry.size
  }
  return counts
}

async function undo(order: UndoOrder, ctx: Context): Promise<Results['undo']> {
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

async function restart({ command, minutes }: RestartOrder, ctx: Context): Promise<Results['restart']> {
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

async function withArchive<T>(
  order: InspectOrder | RestoreOrder,
  ctx: Context,
  operation: 'check' | 'extract',
  work: (archive: shelf.Opened, size: number) => Promise<T>,
): Promise<T> {
  return shelf.withStore(order.medium, true, async (store) => {
    const stat = await store.stat(order.artifact)
    if (!stat) throw new Failure('not-found', { name: order.artifact })
    ctx.report.operation(operation, stat.size)
    try {
      const archive = await shelf.open(store, order.artifact, order.unlock, ctx)
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

/** What is wrong with an archive is found by stages that do not know its name. */
function naming(error: unknown, name: string): unknown {
  if (!(error instanceof Failure) || !tellsOfOneArchive.has(error.code) || error.details.name !== undefined)
    return error
  return new Failure(error.code, { ...error.details, name }, { retryable: error.retryable, cause: error })
}

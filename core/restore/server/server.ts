// Restoring a server, its database and its document folders, as one transaction: all new, or all old.
// Guarantees: the archive is read and checked to its end, the dump accepted by the server in a database of its own, and a copy of what stands there
// kept, before anything is touched; a failure, a kill or a server that goes away leaves the old state, at once or with recoverServers at the next
// start; an undo brings it back long after. In the order of a restore: plan.ts, stage.ts, switch.ts, by journal.ts.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { type Database, sameDatabase, serverOf } from '../../api/database.ts'
import { blocking, Failure, toProblem } from '../../api/failure.ts'
import type { Entry } from '../../archive/archive.ts'
import { charsetOf, contentOf, createDatabase, dropDatabase, labbookCharset } from '../../databases/mysql/database.ts'
import { openSession, type Session } from '../../databases/mysql/session.ts'
import { throwIfCancelled } from '../../lib/bytes.ts'
import { causeOf } from '../cause.ts'
import { look, removeEmpty } from '../disk.ts'
import { removeTree } from '../held.ts'
import type { Recovered, Restored, Undone } from '../outcome.ts'
import type { LoginContext, RecoverContext, ServerContext } from './context.ts'
import {
  createServerJournal,
  notePhase,
  noteTables,
  readServerJournal,
  removeServerJournal,
  type ServerHead,
  type ServerJournal,
  serverJournalsIn,
} from './journal.ts'
import type { ServerPlan } from './plan.ts'
import { prepareDatabase, stageArchive } from './stage.ts'
import { back, clearFolders, isEmpty, type SwitchContext, switchOver } from './switch.ts'

/**
 * Failures: those of the archive, `changed`, `dump-absent`, `dump-refused`,
 * `load-failed`, `database-…`, `temporary-space`, `no-space`, `cancelled`, what `ctx.saveFirst` throws (nothing was touched);
 * `restore-rolled-back` {reason} (it had begun to change over, and all is as before), `restore-waiting` (not yet: recoverServers goes on).
 */
export async function restoreServer(
  plan: ServerPlan,
  entries: AsyncIterable<Entry>,
  ctx: ServerContext,
): Promise<Restored> {
  const forbidden = blocking(plan.findings)
  if (forbidden) throw forbidden
  const path = createServerJournal(ctx.journals, headOf(plan, ctx.now()))
  let touched = false
  let session: Session | undefined
  try {
    const staged = await stageArchive(plan, entries, ctx)
    try {
      session = await lockedSession(plan.database, ctx)
      const ready = await prepareDatabase(session, read(path), staged.dump, plan, ctx)
      await ctx.saveFirst?.(ready.broken)
      throwIfCancelled(ctx.signal)
      noteTables(path, ready.old, ready.fresh)
      // From here on a cancel comes too late: what is begun is brought to an end.
      await session.close()
      session = await lockedSession(plan.database, { ...ctx, signal: undefined })
      await unchanged(session, plan, ready.old)
      touched = true
      await switchOver(session, read(path), ready.objects, ready.enabled, ctx)
    } finally {
      await staged.close()
    }
    ctx.report.operation('finish')
    await forward(session, read(path), ctx)
    await dropSuperseded(session, plan.database, path, ctx)
    return { ...staged.counts, ...heldBy(read(path)) }
  } catch (error) {
    // Its lock would be waited for.
    await session?.close()
    throw await takenBack(error, path, touched, ctx)
  } finally {
    await session?.close()
  }
}

/** What a restore that is done has put in place, and what it keeps of what was there before. */
function heldBy({ path, head }: ServerJournal): Pick<Restored, 'safety' | 'database'> {
  const folders = head.folders.flatMap(({ kept, existed }) => (existed ? [kept] : []))
  const database = { name: head.database.name, server: serverOf(head.database), user: head.database.user }
  return {
    safety: { folders, journals: [path] },
    database: head.before ? { ...database, kept: head.kept } : database,
  }
}

function headOf({ id, database, planId, folders, made, before }: ServerPlan, time: number) {
  const short = id.replaceAll('-', '').slice(0, 12)
  return {
    id,
    time,
    database,
    scratch: `arche_new_${short}`,
    kept: `arche_old_${short}`,
    folders: [...folders],
    made: [...made],
    ...(planId === undefined ? {} : { planId }),
    ...(before ? { before } : {}),
  }
}

function read(path: string): ServerJournal {
  const journal = readServerJournal(path)
  if (!journal) throw new Failure('damaged', { name: path })
  return journal
}

/** Somebody has made or dropped tables since it was looked at. */
async function unchanged(session: Session, plan: ServerPlan, old: readonly string[]): Promise<void> {
  const { tables } = await contentOf(session, plan.database.name)
  const folders = plan.folders.every(({ target, existed }) => (look(target) !== undefined) === existed)
  const same = tables.join('\n') === old.join('\n') && folders
  const exists = (await charsetOf(session, plan.database.name)) !== undefined
  if (!same || exists !== (plan.before !== undefined)) throw new Failure('changed', { name: plan.database.name })
}

/** Longer than any statement of a session that was killed can wait for its tables (`lock_wait_timeout`). */
const lockPatience = 90

/** A session that waits until no other one works on this database for Arche: one that was killed may still be at its last statement. */
async function lockedSession(
  database: Database,
  ctx: { readonly password?: string | undefined; readonly temp: string; readonly signal?: AbortSignal | undefined },
): Promise<Session> {
  const session = await openSession({ database, password: ctx.password, temp: ctx.temp, signal: ctx.signal })
  try {
    // At most 64 characters; hashed here, because a server need not have the function for it (MySQL 9.7 has no MD5 by itself).
    const name = createHash('sha256').update(database.name).digest('hex').slice(0, 32)
    const [row] = await session.rows(`SELECT GET_LOCK('arche:${name}', ${lockPatience})`)
    if (row?.[0] === '1') return session
    throw new Failure('switch-failed', { reason: 'still-working' }, { retryable: true })
  } catch (error) {
    await session.close()
    throw error
  }
}

/** What to throw after everything was put back, or could not be. */
async function takenBack(error: unknown, path: string, touched: boolean, ctx: ServerContext): Promise<unknown> {
  try {
    const journal = readServerJournal(path)
    // After the changing over nothing is taken back: what failed was tidying up.
    if (journal?.phase === 'switched' || journal?.phase === 'done') return error
    await settle(path, false, ctx)
    return touched ? new Failure('restore-rolled-back', { ...causeOf(error) }, { cause: error }) : error
  } catch (second) {
    if (!touched) return error
    const { head } = read(path)
    const details = { database: head.database.name, server: serverOf(head.database), ...causeOf(second) }
    return new Failure('restore-waiting', details, {
      cause: new AggregateError([error, second], causeOf(error).reason),
    })
  }
}

/** Databases and folders that hold what was taken out, because somebody may have worked with it. */
export interface TakenOut {
  readonly folders: readonly string[]
  readonly kept?: string
}

const nothingTaken: TakenOut = { folders: [] }

/**
 * Brings a journal to its end, wherever it was left: back before the changing over was done, forwards after. `late`: time has passed since, in
 * which restored data that were in place may have been worked with: they are kept.
 */
async function settle(path: string, late: boolean, ctx: RecoverContext): Promise<TakenOut> {
  const journal = readServerJournal(path)
  if (!journal) {
    removeServerJournal(path)
    return nothingTaken
  }
  if (journal.phase === 'done' || journal.phase === 'undone') return nothingTaken
  // Never cancelled: whoever gave up wants it back as it was.
  const session = await lockedSession(journal.head.database, { password: ctx.password, temp: ctx.temp })
  try {
    if (journal.phase === 'switched') await forward(session, journal, ctx)
    else if (journal.phase === 'undo') return await takeBack(session, journal, ctx)
    else if (await wasLive(session, journal, ctx, late)) return await keepTaken(session, journal, ctx)
    else await discard(session, journal, ctx)
    return nothingTaken
  } finally {
    await session.close()
  }
}

/** Goes back where the changing over had begun; true when what is taken out must be kept. */
async function wasLive(session: Session, journal: ServerJournal, ctx: RecoverContext, late: boolean): Promise<boolean> {
  const { path, phase } = journal
  if (phase === undefined || phase === 'taken-back') return false
  let live = phase === 'back-live'
  ctx.report.operation('roll-back')
  if (!live) notePhase(path, 'back')
  await back(session, journal, ctx, () => {
    live = true
    notePhase(path, 'back-live')
  })
  if (live && late) return true
  notePhase(path, 'taken-back')
  return false
}

/** What was prepared goes, and the journal with it. */
async function discard(session: Session, journal: ServerJournal, ctx: SwitchContext): Promise<void> {
  const { path, head } = journal
  ctx.report.advance(0, 'discard')
  await dropDatabase(session, head.scratch)
  await dropIfEmpty(session, journal)
  clearFolders(head.folders, 'staged')
  clearFolders(head.folders, 'kept')
  for (const made of head.made.toReversed()) removeEmpty(made)
  removeServerJournal(path)
}

/** The database for what was there before; with tables in it, it is all there is of them. */
async function dropIfEmpty(session: Session, { head }: ServerJournal): Promise<void> {
  if (!(await isEmpty(session, head.kept))) throw new Failure('changed', { name: head.kept })
  await dropDatabase(session, head.kept)
}

/** After the changing over: what was only needed for it goes. */
async function forward(session: Session, { path, head }: ServerJournal, ctx: SwitchContext): Promise<void> {
  ctx.report.advance(0, 'scratch')
  await dropDatabase(session, head.scratch)
  if (await isEmpty(session, head.kept)) await dropDatabase(session, head.kept)
  clearFolders(head.folders, 'staged')
  ctx.report.advance(0, 'done')
  notePhase(path, 'done')
}

/** Of an undo that has begun. */
async function takeBack(session: Session, journal: ServerJournal, ctx: SwitchContext): Promise<TakenOut> {
  ctx.report.operation('roll-back')
  await back(session, journal, ctx)
  return keepTaken(session, journal, ctx)
}

/** After going back: what was taken out stays in the scratch database and in the staging folders, until the next restore. */
async function keepTaken(session: Session, journal: ServerJournal, ctx: SwitchContext): Promise<TakenOut> {
  const { head, path } = journal
  ctx.report.advance(0, 'undone')
  notePhase(path, 'undone')
  await dropIfEmpty(session, journal)
  clearFolders(head.folders, 'kept')
  const folders = head.folders.flatMap(({ staged }) => (look(staged) ? [staged] : []))
  if (!(await isEmpty(session, head.scratch))) return { folders, kept: head.scratch }
  await dropDatabase(session, head.scratch)
  return { folders }
}

/** The earlier restores of this server can no longer be undone: what they kept goes. */
async function dropSuperseded(
  session: Session,
  database: Database,
  current: string,
  ctx: ServerContext,
): Promise<void> {
  for (const path of serverJournalsIn(ctx.journals)) {
    if (path === current) continue
    try {
      const journal = readServerJournal(path)
      if (!journal || !sameDatabase(journal.head.database, database)) continue
      if (journal.phase !== 'done' && journal.phase !== 'undone') continue
      await dropDatabase(session, journal.head.kept)
      await dropDatabase(session, journal.head.scratch)
      for (const folder of journal.head.folders) for (const held of [folder.kept, folder.staged]) removeTree(held)
      for (const which of ['staged', 'kept'] as const) clearFolders(journal.head.folders, which)
      removeServerJournal(path)
    } catch (error) {
      // They can be dropped after the next restore just as well.
      ctx.report.warn(toProblem(error))
    }
  }
}

/** Restores of servers that are neither done nor taken back. A journal that cannot be read is not among them, and is left alone. */
export function unfinishedServers(journals: string): ServerJournal[] {
  return serverJournalsIn(journals).flatMap((path) => {
    const journal = known(path)
    return journal && journal.phase !== 'done' && journal.phase !== 'undone' ? [journal] : []
  })
}

function known(path: string): ServerJournal | undefined {
  try {
    return readServerJournal(path)
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}

/** Brings one unfinished restore to its end, if its server lets us. Never throws what concerns only that one. */
export async function recoverServer(journal: ServerJournal, ctx: RecoverContext): Promise<Recovered> {
  const { path, head, phase } = journal
  const about = { id: head.id, journal: path }
  try {
    const { folders, kept } = await settle(path, true, ctx)
    if (phase === 'switched') return { ...about, outcome: 'kept-new', kept: [], restored: heldBy(journal) }
    const taken = { kept: folders, ...(kept === undefined ? {} : { keptDatabase: kept }) }
    return { ...about, outcome: phase === 'undo' ? 'undone' : 'rolled-back', ...taken }
  } catch (error) {
    return { ...about, outcome: 'waiting', problem: toProblem(error), kept: [] }
  }
}

async function passwordOf({ database, planId }: ServerHead, ctx: LoginContext): Promise<string | undefined> {
  return ctx.login?.(database, planId)
}

/** All that are unfinished, one after the other. */
export async function recoverServers(journals: string, ctx: LoginContext): Promise<Recovered[]> {
  const recovered = serverJournalsIn(journals).flatMap((path): Recovered[] => {
    const journal = known(path)
    if (journal?.phase !== 'done' || !ctx.unknown?.has(journal.head.id)) return []
    return [{ id: journal.head.id, journal: path, outcome: 'kept-new', kept: [], restored: heldBy(journal) }]
  })
  for (const journal of unfinishedServers(journals)) {
    const { head, path } = journal
    try {
      const password = await passwordOf(head, ctx)
      recovered.push(await recoverServer(journal, { ...ctx, password }))
    } catch (error) {
      recovered.push({ id: head.id, journal: path, outcome: 'waiting', problem: toProblem(error), kept: [] })
    }
  }
  return recovered
}

/**
 * The state before this restore. Failures `changed` when something that was kept for it is gone, or it is not a finished restore: then nothing is
 * touched; `database-…`; `restore-waiting` when it stopped half way: recoverServer goes on.
 */
export async function undoServer(path: string, ctx: RecoverContext): Promise<TakenOut> {
  const journal = existsSync(path) ? readServerJournal(path) : undefined
  if (journal?.phase !== 'done') throw new Failure('changed', { name: path })
  const { head } = journal
  // Not cancelled half way: it would only have to be gone on with later.
  const session = await lockedSession(head.database, { password: ctx.password, temp: ctx.temp })
  try {
    await checkKept(session, journal)
    const { tables } = await contentOf(session, head.database.name)
    // Gone if nothing was there before; going back looks for it.
    await createDatabase(session, head.kept, head.before ?? labbookCharset)
    noteTables(path, journal.old, tables)
    notePhase(path, 'undo')
    return await takeBack(session, read(path), ctx).catch((error) => {
      const details = { database: head.database.name, server: serverOf(head.database), ...causeOf(error) }
      throw new Failure('restore-waiting', details, { cause: error })
    })
  } finally {
    await session.close()
  }
}

/** Each by itself, the last first. */
export async function undoServers(journals: readonly string[], ctx: LoginContext): Promise<Undone> {
  const folders: string[] = []
  let keptDatabase: string | undefined
  for (const path of journals.toReversed()) {
    const head = existsSync(path) ? readServerJournal(path)?.head : undefined
    const password = head && (await passwordOf(head, ctx))
    const taken = await undoServer(path, { ...ctx, password })
    folders.push(...taken.folders)
    keptDatabase ??= taken.kept
  }
  const safety = { folders, journals: [] }
  return { files: 0, bytes: 0, safety, ...(keptDatabase === undefined ? {} : { keptDatabase }) }
}

async function checkKept(session: Session, { head, old }: ServerJournal): Promise<void> {
  const { tables } = await contentOf(session, head.kept)
  if (old.some((table) => !tables.includes(table))) throw new Failure('changed', { name: head.kept })
  const gone = head.folders.find(({ kept, existed }) => existed && !look(kept))
  if (gone) throw new Failure('changed', { name: gone.kept })
}

// Changes a server over to what was prepared for it, and back: tables by RENAME between databases of the same server, views, triggers, routines and
// events as text, folders by rename on their file system.
// Guarantees: forward only with a journal that says so; back goes by what is there, so it can be killed anywhere and begun again, and ends with
// exactly the old tables, objects and folders; nothing of the old is ever dropped before its journal says that it is no longer needed.
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Failure } from '../../api/failure.ts'
import {
  charsetOf,
  contentOf,
  createDatabase,
  dropDatabase,
  dropObjects,
  labbookCharset,
  type Move,
  moveTables,
  nameSequences,
  setCharset,
} from '../../databases/mysql/database.ts'
import { makeObjects, type Objects, objectsIn } from '../../databases/mysql/load.ts'
import { type Session, StatementError } from '../../databases/mysql/session.ts'
import type { Context } from '../../lib/work.ts'
import { look, makeFolders, removeEmpty, renamed, syncRenames } from '../disk.ts'
import { removeTree } from '../held.ts'
import { notePhase, objectsPath, type ServerFolder, type ServerJournal } from './journal.ts'

export type SwitchContext = Pick<Context, 'report'>

/** Everything that is no table. */
const everyKind = ['events', 'triggers', 'views', 'routines'] as const

/** `objects`: what the new database holds beside tables; `enabled`: its events that are to run. Throws in the middle: call `back`. */
export async function switchOver(
  session: Session,
  { path, head, old, fresh }: ServerJournal,
  objects: Objects,
  enabled: ReadonlySet<string>,
  ctx: SwitchContext,
): Promise<void> {
  const { name } = head.database
  const step = (what: string) => ctx.report.advance(0, what)
  ctx.report.operation('switch')
  notePhase(path, 'switch')
  await saying(async () => {
    step('database')
    if (head.before) {
      await dropObjects(session, name, everyKind, step)
    } else await createDatabase(session, name, labbookCharset)
    await dropObjects(session, head.scratch, ['triggers'], step)
    step('tables')
    const away = old.map((table): Move => ({ table, from: name, to: head.kept }))
    await moveTables(session, [...away, ...fresh.map((table): Move => ({ table, from: head.scratch, to: name }))])
    step('objects')
    await nameSequences(session, head.scratch, name)
    const events = (event: string) => (enabled.has(event) ? ('ENABLE' as const) : ('DISABLE' as const))
    await makeObjects(session, objects, { database: name, events })
    // A dump sets what its own server had, around triggers and routines; a new database keeps that.
    if (head.before) await setCharset(session, name, head.before)
    const { tables } = await contentOf(session, name)
    if (tables.join('\n') !== [...fresh].sort().join('\n')) throw new Failure('changed', { name })
  })
  for (const folder of head.folders) {
    step(folder.target)
    if (folder.existed) moveFolder(folder.target, folder.kept)
    step(folder.staged)
    moveFolder(folder.staged, folder.target)
  }
  await syncFolders(head.folders)
  step('switched')
  notePhase(path, 'switched')
}

/** What the server says in the middle of changing over, as a Failure. */
async function saying<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof StatementError) throw new Failure('switch-failed', error.details, { cause: error })
    throw error
  }
}

/** What stood in the database beside tables, as it was kept beside the journal. */
async function keptObjects(session: Session, path: string, database: string): Promise<Objects> {
  const file = await open(path)
  try {
    return await objectsIn(file, { server: session.version, database })
  } finally {
    await file.close()
  }
}

/**
 * Everything back where it was; afterwards the scratch database and the staging folders hold what was taken out. `live`: called before restored
 * tables are taken out that were in place. Failure `changed` when the database that holds the old tables is gone: then nothing is touched.
 */
export async function back(
  session: Session,
  journal: ServerJournal,
  ctx: SwitchContext,
  live: () => void = () => undefined,
): Promise<void> {
  await saying(() => databaseBack(session, journal, ctx, live))
  for (const folder of journal.head.folders) folderBack(folder, ctx)
  await syncFolders(journal.head.folders)
}

async function databaseBack(
  session: Session,
  journal: ServerJournal,
  ctx: SwitchContext,
  live: () => void,
): Promise<void> {
  const { head, old, fresh } = journal
  const { name } = head.database
  // Another server at the same address, or one that lost it: its tables would be taken for the restored ones.
  if (!(await charsetOf(session, head.kept))) throw new Failure('changed', { name: head.kept })
  const step = (what: string) => ctx.report.advance(0, what)
  step('database')
  if (await charsetOf(session, name)) await dropObjects(session, name, everyKind, step)
  else if (head.before) await createDatabase(session, name, head.before)
  await createDatabase(session, head.scratch, labbookCharset)
  const [here, taken, kept] = await Promise.all([name, head.scratch, head.kept].map((one) => contentOf(session, one)))
  const has = (content: typeof here, table: string) => content?.tables.includes(table) ?? false
  const isOld = (table: string) => old.includes(table) && !has(kept, table)
  const out = fresh.filter((table) => has(here, table) && !has(taken, table) && !isOld(table))
  const again = old.filter((table) => has(kept, table))
  if (out.length > 0) live()
  step('tables')
  await moveTables(session, [
    ...out.map((table): Move => ({ table, from: name, to: head.scratch })),
    ...again.map((table): Move => ({ table, from: head.kept, to: name })),
  ])
  if (head.before) {
    await setCharset(session, name, head.before)
    step('objects')
    const events = (_: string, enabled: boolean) => (enabled ? ('ENABLE' as const) : ('DISABLE' as const))
    await makeObjects(session, await keptObjects(session, objectsPath(journal.path), name), { database: name, events })
  } else if (await isEmpty(session, name)) await dropDatabase(session, name)
}

/** No tables in it; there may be no such database at all. */
export async function isEmpty(session: Session, database: string): Promise<boolean> {
  return (await contentOf(session, database)).tables.length === 0
}

function folderBack({ target, staged, kept, existed }: ServerFolder, ctx: SwitchContext): void {
  ctx.report.advance(0, target)
  const isRestored = look(staged) === undefined && (look(kept) !== undefined || !existed)
  if (isRestored && look(target)) moveFolder(target, staged)
  ctx.report.advance(0, kept)
  if (look(kept) && !look(target)) moveFolder(kept, target)
}

function moveFolder(from: string, to: string): void {
  // rename(2) would silently replace an empty folder that somebody has made since.
  if (look(to)) throw new Failure('changed', { name: to })
  makeFolders(dirname(to))
  renamed(from, to)
}

async function syncFolders(folders: readonly ServerFolder[]): Promise<void> {
  for (const base of new Set(folders.map(({ target }) => dirname(target)))) await syncRenames(base)
}

/** The private folders of a restore that hold nothing any more; `staged`: with all that is in them. */
export function clearFolders(folders: readonly ServerFolder[], which: 'staged' | 'kept'): void {
  for (const folder of new Set(folders.map((one) => dirname(one[which])))) {
    if (which === 'staged') removeTree(folder)
    else removeEmpty(folder)
  }
}

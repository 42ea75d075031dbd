// Everything of a server's restore that touches nothing yet: the archive onto disks, the dump into a database of its own.
// Guarantees: the dump lies in a private file without a name, the documents in private folders beside their destinations; the scratch database is
// one that nobody else knows; events in it do not run. What cannot be put back later is found out here, before the changing over.
import { type FileHandle, mkdtemp, open, rm, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Failure } from '../../api/failure.ts'
import { dumpFile } from '../../api/labbook-layout.ts'
import type { Entry } from '../../archive/archive.ts'
import { type Client, openClient, temporaryFailure } from '../../databases/mysql/client.ts'
import {
  type BrokenView,
  brokenViews,
  type Content,
  contentOf,
  createDatabase,
  dropDatabase,
  dropObjects,
  labbookCharset,
  moveTables,
  remark,
  tell,
} from '../../databases/mysql/database.ts'
import { fileOf, loadDump, type Objects, quoted } from '../../databases/mysql/load.ts'
import { type Session, StatementError } from '../../databases/mysql/session.ts'
import type { Bytes } from '../../lib/bytes.ts'
import { look, makeFolders } from '../disk.ts'
import { MetadataKeeper, metadataOf } from '../metadata.ts'
import { planRestore } from '../plan.ts'
import { restoreTree } from '../restore.ts'
import type { ServerContext } from './context.ts'
import { objectsPath, type ServerJournal } from './journal.ts'
import type { ServerPlan } from './plan.ts'

export interface StagedArchive {
  readonly dump: FileHandle
  readonly counts: { readonly files: number; readonly bytes: number }
  close(): Promise<void>
}

/** The archive to its end: the dump to a file, the folders of the plan to their staging places. */
export async function stageArchive(
  plan: ServerPlan,
  entries: AsyncIterable<Entry>,
  ctx: ServerContext,
): Promise<StagedArchive> {
  ctx.report.operation('extract', plan.bytes)
  const spool = await openSpool(ctx.temp)
  try {
    const divided = divide(entries, plan, spool, ctx)
    const counts = plan.folders.length === 0 ? await drain(divided) : await stageFolders(plan, divided, ctx)
    if (spool.bytes < 0) throw new Failure('dump-absent')
    return {
      dump: spool.file,
      counts: { files: counts.files + 1, bytes: counts.bytes + spool.bytes },
      close: () => spool.close(),
    }
  } catch (error) {
    await spool.close()
    throw error
  }
}

interface Spool {
  readonly file: FileHandle
  /** -1: nothing was written yet. */
  bytes: number
  close(): Promise<void>
}

async function openSpool(temp: string): Promise<Spool> {
  const folder = await mkdtemp(join(temp, 'load-')).catch((error) => {
    throw temporaryFailure(error, temp)
  })
  const path = join(folder, 'dump.sql')
  const file = await open(path, 'wx+', 0o600)
  // Without a name nothing of it stays, even when this process is killed. Windows keeps the name of an open file.
  if (process.platform !== 'win32') await unlink(path)
  let closed = false
  return {
    file,
    bytes: -1,
    async close() {
      if (closed) return
      closed = true
      await file.close()
      await rm(folder, { recursive: true, force: true }).catch(() => undefined)
    },
  }
}

/** The documents that the plan has a place for; the dump goes to the spool on the way. */
async function* divide(
  entries: AsyncIterable<Entry>,
  plan: ServerPlan,
  spool: Spool,
  ctx: ServerContext,
): AsyncGenerator<Entry> {
  const names = new Set(plan.folders.map(({ name }) => name))
  for await (const entry of entries) {
    const path = entry.path.replace(/^(?:\.\/)+/, '')
    if (path === dumpFile && entry.type === 'file') {
      if (spool.bytes >= 0) throw new Failure('damaged', { reason: dumpFile })
      spool.bytes = await write(spool.file, entry, ctx)
    } else if (names.has(path.split('/')[0] as string)) yield entry
  }
}

async function write(file: FileHandle, { body, size, path }: Entry, ctx: ServerContext): Promise<number> {
  let done = 0
  for await (const chunk of body ?? []) {
    try {
      for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten
    } catch (error) {
      throw temporaryFailure(error, ctx.temp)
    }
    done += chunk.length
    ctx.report.advance(chunk.length, path)
  }
  if (done !== size) throw new Failure('damaged', { name: path })
  return done
}

async function drain(entries: AsyncIterable<Entry>): Promise<{ files: number; bytes: number }> {
  for await (const { path } of entries) throw new Error(`no place for ${path}`)
  return { files: 0, bytes: 0 }
}

/** An ordinary restore, into folders that do not exist yet; its own journal is of no use to anybody afterwards. */
async function stageFolders(
  plan: ServerPlan,
  entries: AsyncIterable<Entry>,
  ctx: ServerContext,
): Promise<{ files: number; bytes: number }> {
  for (const { staged } of plan.folders) makeFolders(dirname(staged))
  const inner = await planRestore(
    {
      roots: plan.folders.map(({ name, staged }) => ({ name, origin: staged })),
      only: plan.folders.map(({ name }) => name),
      existing: 'replace',
    },
    ctx,
  )
  const { files, bytes } = await restoreTree(inner, entries, {
    ...ctx,
    report: withoutPlacing(ctx),
    journals: join(ctx.temp, 'journals'),
  })
  const metadata = new MetadataKeeper()
  for (const { target, staged } of plan.folders) {
    const before = look(target)
    // The server keeps its rights on its own folders, whoever made the backup.
    if (before?.isDirectory()) metadata.folder(staged, metadataOf(before))
  }
  for (const problem of metadata.warnings()) ctx.report.warn(problem)
  return { files, bytes }
}

/** Putting in place what nobody sees yet is a part of extracting. */
function withoutPlacing({ report }: ServerContext): ServerContext['report'] {
  return { ...report, operation: () => undefined }
}

export interface Ready {
  readonly old: readonly string[]
  readonly fresh: readonly string[]
  /** What the new database holds beside tables. */
  readonly objects: Objects
  /** Views of the old one that do not work, and will not come back. */
  readonly broken: readonly BrokenView[]
  /** Its events that are to run. */
  readonly enabled: ReadonlySet<string>
}

/** Loads the dump into the scratch database, and makes sure that what stands there now could be put back. */
export async function prepareDatabase(
  session: Session,
  journal: ServerJournal,
  dump: FileHandle,
  plan: ServerPlan,
  ctx: ServerContext,
): Promise<Ready> {
  const { head } = journal
  ctx.report.operation('load', (await dump.stat()).size)
  const client = await openClient({ ...plan, password: ctx.password, temp: ctx.temp, signal: ctx.signal })
  const enabled = new Set<string>()
  try {
    await createDatabase(session, head.scratch, head.before ?? labbookCharset)
    await createDatabase(session, head.kept, head.before ?? labbookCharset)
    await rehearseMove(session, head.scratch, head.kept)
    const events = (name: string, runs: boolean) => {
      if (runs) enabled.add(name)
      return 'DISABLE' as const
    }
    const objects = await loadDump({ session, file: dump, database: head.scratch, events }, ctx)
    const fresh = await contentOf(session, head.scratch)
    const old = await contentOf(session, head.database.name)
    const broken = await brokenViews(session, head.database.name, old.views)
    if (broken.length > 0)
      ctx.report.warn({ code: 'views-left-out', details: { tables: broken.map(({ name }) => name) } })
    if (head.before) await keepObjects(session, client, journal, { old, broken }, ctx)
    return { broken, old: old.tables, fresh: fresh.tables, objects, enabled }
  } catch (error) {
    if (error instanceof StatementError) throw new Failure('switch-failed', error.details, { cause: error })
    throw error
  } finally {
    await client.close()
  }
}

/** The right to move tables between our databases. */
async function rehearseMove(session: Session, from: string, to: string): Promise<void> {
  const table = 'arche_probe'
  await tell(session, `CREATE TABLE ${quoted(from)}.${table} (id INT)`)
  await moveTables(session, [{ from, to, table }])
  await tell(session, `DROP TABLE ${quoted(to)}.${table}`)
}

/**
 * What the database holds now beside tables, as text beside the journal; and the proof that this login can make it again (another's objects need
 * more rights than one's own): made once in the database that waits for the old tables, and dropped again.
 */
async function keepObjects(
  session: Session,
  client: Client,
  { head, path }: ServerJournal,
  { old, broken }: { readonly old: Content; readonly broken: readonly BrokenView[] },
  ctx: ServerContext,
): Promise<void> {
  const { name } = head.database
  const others = [old.views, old.triggers, old.procedures, old.functions, old.packages, old.events]
  const remarks = broken.map(remark)
  if (others.every((names) => names.length === 0)) return writeWhole(objectsPath(path), remarks)
  const rehearsal = join(ctx.temp, 'rehearsal.sql')
  await writeWhole(rehearsal, client.definitions(name, { without: broken.map((view) => view.name) }))
  const file = await open(rehearsal)
  try {
    const events = () => 'DISABLE' as const
    const objects = await loadDump({ session, file, database: head.kept, events }, ctx)
    await writeWhole(objectsPath(path), [...remarks, ...fileOf(objects)])
  } catch (error) {
    if (!(error instanceof Failure) || !('statement' in error.details)) throw error
    const { statement, reason } = error.details
    throw new Failure('safety-copy-failed', { reason: `${statement}: ${reason}` }, { cause: error })
  } finally {
    await file.close()
  }
  await dropObjects(session, head.kept, ['events', 'triggers', 'views', 'routines'])
  await dropDatabase(session, head.kept)
  await createDatabase(session, head.kept, head.before ?? labbookCharset)
}

/** Private, and on the disk when this returns. */
async function writeWhole(path: string, bytes: Bytes | Iterable<Uint8Array>): Promise<void> {
  try {
    const file = await open(path, 'w', 0o600)
    try {
      for await (const chunk of bytes) await file.writeFile(chunk)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    throw temporaryFailure(error, dirname(path))
  }
}

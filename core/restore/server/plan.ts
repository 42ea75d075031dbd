// What a restore of a server would do, before it does it: which database and folders it replaces, what stands there, what speaks against it.
// Guarantees: changes nothing; the plan is plain data that survives a thread border. Problems of the server and of the login are findings.
import { randomUUID } from 'node:crypto'
import { accessSync, constants, realpathSync, statfsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type Database, serverOf } from '../../api/database.ts'
import { Failure, type Finding } from '../../api/failure.ts'
import { documentFolders, dumpFile } from '../../api/labbook-layout.ts'
import { openClient } from '../../databases/mysql/client.ts'
import { type Charset, charsetOf, contentOf, sizeOf } from '../../databases/mysql/database.ts'
import { missingToRestore, rightsOf } from '../../databases/mysql/rights.ts'
import { openSession, type Session, StatementError } from '../../databases/mysql/session.ts'
import { errnoOf, freeBytes } from '../../lib/files.ts'
import { fsPath } from '../../lib/paths.ts'
import { look, namesIn } from '../disk.ts'
import type { Planned } from '../outcome.ts'
import type { ServerFolder } from './journal.ts'

export interface ServerRequest {
  readonly database: Database
  readonly password?: string | undefined
  readonly planId?: string | undefined
  /** Absent: the database only. */
  readonly storage?: string | undefined
  /** The whole contents of the archive; with `counted`, the dump and the top folders are enough. */
  readonly entries: readonly { readonly path: string; readonly type: string; readonly size: number }[]
  /** What the archive says of itself. */
  readonly counted?: { readonly files: number; readonly bytes: number } | undefined
  /** Private folder of this computer, where the dump is put for a while. */
  readonly temp: string
}

export interface ServerPlan extends Planned {
  readonly database: Database
  readonly planId?: string
  readonly folders: readonly ServerFolder[]
  readonly made: readonly string[]
  /** Character set of the database that is there; absent: there is none. */
  readonly before?: Charset
  readonly files: number
  readonly bytes: number
  /** What stands there now. */
  readonly standing: { readonly exists: boolean; readonly tables: number; readonly bytes: number }
}

export async function planServer(
  request: ServerRequest,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<ServerPlan> {
  const { database, planId, entries, storage } = request
  const id = randomUUID()
  const names = documentFolders.filter((name) =>
    entries.some(({ path }) => path === name || path.startsWith(`${name}/`)),
  )
  const ours = entries.filter(
    ({ path, type }) => isWanted(path, storage === undefined ? [] : names) && type !== 'folder',
  )
  const all = storage === undefined ? undefined : request.counted
  const bytes = all?.bytes ?? ours.reduce((sum, { size }) => sum + size, 0)
  const dump = entries.find(({ path, type }) => path === dumpFile && type === 'file')
  const findings: Finding[] = dump ? [] : [{ level: 'error', code: 'dump-absent', details: {} }]
  const disk = storage === undefined ? noFolders : planFolders(id, storage, names, bytes - (dump?.size ?? 0))
  findings.push(...disk.findings, ...(await spaceForDump(request.temp, dump?.size ?? 0)))
  const server = await lookAt(request, signal)
  findings.push(...server.findings)
  const exists = disk.folders.some(({ target, existed }) => existed && holdsSomething(target))
  if (server.standing.tables > 0 || exists) {
    const { tables } = server.standing
    const details = { database: database.name, server: serverOf(database), tables }
    findings.push({ level: 'warning', code: 'replaces-server', details })
  }
  return {
    id,
    // All that a server is goes together.
    only: [],
    database,
    ...(planId === undefined ? {} : { planId }),
    folders: disk.folders,
    made: disk.made,
    ...(server.before ? { before: server.before } : {}),
    files: all?.files ?? ours.length,
    bytes,
    standing: server.standing,
    ...(disk.free === undefined ? {} : { free: disk.free }),
    findings,
  }
}

function isWanted(path: string, names: readonly string[]): boolean {
  return path === dumpFile || names.includes(path.split('/')[0] as string)
}

/** A folder that is there and not empty; what cannot be looked into counts as full. */
export function holdsSomething(folder: string): boolean {
  try {
    return namesIn(folder).length > 0
  } catch (error) {
    if (error instanceof Failure) return true
    throw error
  }
}

// --- folders ----------------------------------------------------------------------------------------------------------

interface Disk {
  readonly folders: readonly ServerFolder[]
  readonly made: readonly string[]
  readonly free?: number
  readonly findings: readonly Finding[]
}

const noFolders: Disk = { folders: [], made: [], findings: [] }

function planFolders(id: string, storage: string, names: readonly string[], needed: number): Disk {
  if (names.length === 0) return noFolders
  const findings: Finding[] = []
  const folders: ServerFolder[] = []
  try {
    const made = missing(storage)
    const root = made.length > 0 ? storage : realpathSync(storage)
    for (const name of names) folders.push(placeOf(id, root, name, findings))
    const free = spaceAt(made[0] === undefined ? root : dirname(made[0]))
    if (needed > free) findings.push({ level: 'error', code: 'no-space', details: { name: storage, free, needed } })
    return { folders, made, free, findings }
  } catch (error) {
    const failure = unwritable(error, storage)
    return { folders: [], made: [], findings: [...findings, { level: 'error', ...failure.toProblem() }] }
  }
}

function unwritable(error: unknown, path: string): Failure {
  const reason = errnoOf(error)
  if (error instanceof Failure) return error
  if (reason === undefined) throw error
  return new Failure('target-unwritable', { path, reason }, { cause: error })
}

/** The folders that have to be made, outermost first. */
function missing(folder: string): string[] {
  if (look(folder) || dirname(folder) === folder) return []
  return [...missing(dirname(folder)), folder]
}

function spaceAt(folder: string): number {
  accessSync(fsPath(folder), constants.W_OK | constants.X_OK)
  const { bavail, bsize } = statfsSync(fsPath(folder))
  return bavail * bsize
}

/** A folder that is a symlink is replaced where it leads to: that is the disk that was chosen for it. */
function placeOf(id: string, root: string, name: string, findings: Finding[]): ServerFolder {
  const path = join(root, name)
  const there = look(path)
  const target = there?.isSymbolicLink() ? realpathSync(path) : path
  const base = dirname(target)
  const stat = look(target)
  const short = id.replaceAll('-', '').slice(0, 8)
  if (stat && !stat.isDirectory()) throw new Failure('target-unwritable', { path, reason: 'ENOTDIR' })
  if (stat && look(base)?.dev !== stat.dev) {
    // A mount point cannot be renamed.
    findings.push({ level: 'error', code: 'target-unwritable', details: { path, reason: 'EBUSY' } })
  }
  if (look(base)) accessSync(fsPath(base), constants.W_OK | constants.X_OK)
  return {
    name,
    target,
    staged: join(base, `.arche-restored-${short}`, basename(target)),
    kept: join(base, `.arche-before-restore-${short}`, basename(target)),
    existed: stat !== undefined,
  }
}

async function spaceForDump(temp: string, needed: number): Promise<Finding[]> {
  const free = await freeBytes(temp)
  return free < needed ? [{ level: 'error', code: 'temporary-space', details: { path: temp, free, need: needed } }] : []
}

// --- the database -----------------------------------------------------------------------------------------------------

interface Looked {
  readonly before?: Charset
  readonly standing: ServerPlan['standing']
  readonly findings: readonly Finding[]
}

const nothing = { exists: false, tables: 0, bytes: 0 }

async function lookAt({ database, password, temp }: ServerRequest, signal?: AbortSignal): Promise<Looked> {
  try {
    // The client programs are needed too.
    const client = await openClient({ database, password, temp, signal })
    await client.close()
    const session = await openSession({ database, password, temp, signal })
    try {
      return await examine(session, database)
    } finally {
      await session.close()
    }
  } catch (error) {
    const told = error instanceof StatementError ? unexpected(error, database) : error
    if (!(told instanceof Failure) || told.code === 'cancelled') throw told
    return { standing: nothing, findings: [{ level: 'error', code: told.code, details: told.details }] }
  }
}

function unexpected(error: StatementError, database: Database): Failure {
  return new Failure('database-unreachable', { server: serverOf(database), reason: error.message }, { cause: error })
}

async function examine(session: Session, database: Database): Promise<Looked> {
  const findings = await rightFindings(session, database)
  const before = await charsetOf(session, database.name)
  if (!before) return { standing: nothing, findings }
  const { tables, views } = await contentOf(session, database.name)
  const bytes = await sizeOf(session, database.name)
  return { before, standing: { exists: true, tables: tables.length + views.length, bytes }, findings }
}

/** Names that every database of our own begins with; a grant can name them all. */
const ownNames = 'arche\\_%'

async function rightFindings(session: Session, database: Database): Promise<Finding[]> {
  await session.send("SET SESSION sql_mode = ''")
  const grants = (await session.rows('SHOW GRANTS')).map((row) => row.join('\t'))
  const wanting = [database.name, 'arche_new_0'].filter((name) => missingToRestore(grants, name).length > 0)
  if (wanting.length === 0) return []
  const [[who = ''] = []] = await session.rows('SELECT CURRENT_USER()')
  const at = who.lastIndexOf('@')
  const to = `'${who.slice(0, at)}'@'${who.slice(at + 1)}'`
  const patterns = wanting.map((name) => (name === database.name ? name.replaceAll('_', '\\_') : ownNames))
  const details = {
    user: database.user,
    server: serverOf(database),
    rights: [...new Set(wanting.flatMap((name) => missingToRestore(grants, name)))],
    grant: patterns.map((name) => `GRANT ALL PRIVILEGES ON \`${name}\`.* TO ${to};`).join(' '),
  }
  return [{ level: rightsOf(grants, database.name).unknown ? 'warning' : 'error', code: 'restore-rights', details }]
}

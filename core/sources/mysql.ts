// One database of a MySQL or MariaDB server as a source: one item, one file of SQL.
// Guarantees: the dump is one moment of the database (InnoDB) and whole, or the run fails: a client that stops, and a login that may not see
// everything, are Failures. The copy on this computer's disk is private (0600, in `temp`), has no name while it is used, and is gone afterwards.
// Does not load anything into a server.
import { type FileHandle, mkdtemp, open, rm, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure, type Finding } from '../api/failure.ts'
import type { Database } from '../api/model.ts'
import type { Entry, Root } from '../archive/archive.ts'
import type { Bytes } from '../lib/bytes.ts'
import { throwIfCancelled } from '../lib/bytes.ts'
import { freeBytes } from '../lib/files.ts'
import { type Client, detailsOf, openClient, temporaryFailure } from './mysql-client.ts'
import { missingRights, rightsOf } from './mysql-rights.ts'
import type { Context, Estimate, Item, Source } from './source.ts'

export interface MysqlOptions {
  readonly database: Database
  readonly password?: string | undefined
  /** A private folder of this computer with room for the dump. */
  readonly temp: string
  /** Where the dump stands in the archive, e.g. `dump/dump.sql`. */
  readonly file: string
}

export function mysqlSource(options: MysqlOptions): Source {
  let counted: Estimate | undefined
  const estimate = async ({ signal }: Pick<Context, 'signal'>) => {
    counted = { files: 1, bytes: await withClient(options, signal, (client) => sizeOf(client, options.database)) }
    return counted
  }
  return {
    check: (signal) => check(options, signal),
    estimate,
    async *items(ctx): AsyncGenerator<Item> {
      const { bytes } = counted ?? (await estimate(ctx))
      ctx.report.operation('dump', bytes)
      const spool = await spooled(options, ctx)
      try {
        yield {
          name: options.database.name,
          roots: [rootOf(options.file)],
          estimate: { files: 1, bytes: spool.size },
          entries: entries(options.file, spool, ctx),
        }
      } finally {
        await spool.close()
      }
    },
  }
}

/** A dump comes from no folder: it has no place to go back to by itself. */
function rootOf(file: string): Root {
  return { name: file.split('/')[0] as string, origin: '' }
}

async function withClient<T>(
  { database, password, temp }: MysqlOptions,
  signal: AbortSignal | undefined,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await openClient({ database, password, temp, signal })
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

// --- checking ---------------------------------------------------------------------------------------------------------

/** Problems of the server, of the login and of the client programs are findings here, the same that a run would fail with. */
async function check(options: MysqlOptions, signal: AbortSignal | undefined): Promise<Finding[]> {
  try {
    return await withClient(options, signal, (client) => examine(client, options))
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'cancelled') throw error
    return [{ level: 'error', code: error.code, details: error.details }]
  }
}

async function examine(client: Client, { database, temp }: MysqlOptions): Promise<Finding[]> {
  const details = detailsOf(database)
  const version = (await client.ask('SELECT VERSION()'))[0]?.[0] ?? ''
  const name = literal(database.name)
  const seen = await client.ask(`SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ${name}`)
  if (seen.length === 0) return [{ level: 'error', code: 'database-missing', details }]
  const findings: Finding[] = [
    { level: 'info', code: 'database-ready', details: { ...details, version, tool: client.tools.version } },
  ]
  // Quotes in the answer depend on the mode of the server.
  const grants = (await client.ask("SET SESSION sql_mode = ''; SHOW GRANTS")).map((row) => row.join('\t'))
  const rights = rightsOf(grants, database.name)
  const missing = missingRights(rights, await hiddenRoutines(client, name), /mariadb/i.test(version))
  if (missing.length > 0)
    findings.push({
      level: rights.unknown ? 'warning' : 'error',
      code: 'database-rights',
      details: { ...details, rights: missing },
    })
  const tables = await client.ask(
    `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${name} AND TABLE_TYPE = 'BASE TABLE' AND ENGINE <> 'InnoDB'`,
  )
  if (tables.length > 0)
    findings.push({
      level: 'info',
      code: 'database-tables',
      details: { ...details, tables: tables.map((row) => row[0] ?? '') },
    })
  return [...findings, ...(await spaceFindings(await sizeOf(client, database), temp))]
}

async function hiddenRoutines(client: Client, name: string): Promise<number> {
  const [row] = await client.ask(
    `SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ${name} AND ROUTINE_DEFINITION IS NULL`,
  )
  return Number(row?.[0] ?? 0)
}

/** What the tables hold, as the server keeps account of it: SQL has about that size, up to twice for binary columns. */
async function sizeOf(client: Client, { name }: Database): Promise<number> {
  const [row] = await client.ask(
    `SELECT COALESCE(SUM(DATA_LENGTH), 0) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${literal(name)}`,
  )
  return Number(row?.[0] ?? 0)
}

/** Half-empty pages of a table count as data but are not dumped. */
const hopeless = 0.25
const worst = 2

async function spaceFindings(bytes: number, temp: string): Promise<Finding[]> {
  const free = await freeBytes(temp)
  const details = { path: temp, free, need: Math.ceil(bytes * worst) }
  if (free < bytes * hopeless) return [{ level: 'error', code: 'temporary-space', details }]
  return free < details.need ? [{ level: 'warning', code: 'temporary-space-tight', details }] : []
}

/** A text as SQL that is the same in every mode of a server. */
function literal(text: string): string {
  return `CONVERT(0x${Buffer.from(text).toString('hex')} USING utf8mb4)`
}

// --- dumping ----------------------------------------------------------------------------------------------------------

interface Spool {
  readonly file: FileHandle
  readonly size: number
  close(): Promise<void>
}

/** Tar needs the size of a file before its content: so the dump goes to a file first. */
async function spooled(options: MysqlOptions, ctx: Context): Promise<Spool> {
  const folder = await mkdtemp(join(options.temp, 'dump-')).catch((error) => {
    throw temporaryFailure(error, options.temp)
  })
  let file: FileHandle | undefined
  const close = async () => {
    await file?.close()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const path = join(folder, 'dump.sql')
    const opened = await open(path, 'wx+', 0o600)
    file = opened
    // Without a name nothing of it stays, even when this process is killed. Windows keeps the name of an open file.
    if (process.platform !== 'win32') await unlink(path)
    const size = await withClient(options, ctx.signal, (client) => fill(opened, client, options, ctx))
    return { file: opened, size, close }
  } catch (error) {
    await close()
    throw temporaryFailure(error, options.temp)
  }
}

async function fill(file: FileHandle, client: Client, { database, temp }: MysqlOptions, ctx: Context): Promise<number> {
  let size = 0
  let end = Buffer.alloc(0)
  for await (const chunk of withoutSandbox(client.dump())) {
    await writeAll(file, chunk, temp)
    size += chunk.length
    end = Buffer.concat([end, chunk.subarray(-endLength)]).subarray(-endLength)
    ctx.report.advance(chunk.length)
  }
  // Both makers end a dump with "-- Dump completed on <date>".
  if (!end.includes('\n-- Dump completed'))
    throw new Failure('dump-failed', { ...detailsOf(database), reason: 'incomplete-dump' })
  return size
}

const endLength = 256

async function writeAll(file: FileHandle, chunk: Uint8Array, temp: string): Promise<void> {
  try {
    for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten
  } catch (error) {
    throw temporaryFailure(error, temp)
  }
}

/** Longer than the line that may have to be removed. */
const headLength = 128

/**
 * MariaDB's dump begins with a line for its own client (since 10.5.25, 10.11.8…) that older clients, and MySQL's, stop at with an error. LabBook's
 * own tool may have one of those.
 */
async function* withoutSandbox(input: Bytes): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined = Buffer.alloc(0)
  for await (const chunk of input) {
    if (!head) {
      yield chunk
      continue
    }
    head = Buffer.concat([head, chunk])
    if (head.length < headLength) continue
    yield withoutFirst(head)
    head = undefined
  }
  if (head) yield withoutFirst(head)
}

function withoutFirst(head: Buffer): Buffer {
  return head.subarray(/^\/\*M?!999999\\- [^\n]*\n/.exec(head.toString('latin1', 0, headLength))?.[0].length ?? 0)
}

async function* entries(path: string, spool: Spool, ctx: Context): AsyncGenerator<Entry> {
  yield {
    path,
    type: 'file',
    mode: 0o600,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    mtime: ctx.now(),
    size: spool.size,
    body: content(path, spool, ctx),
  }
}

const chunkSize = 512 * 1024

async function* content(path: string, { file, size }: Spool, ctx: Context): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < size; ) {
    throwIfCancelled(ctx.signal)
    const buffer = Buffer.allocUnsafe(Math.min(chunkSize, size - done))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, done)
    if (bytesRead === 0) throw new Failure('truncated', { name: path })
    done += bytesRead
    ctx.report.advance(bytesRead, path)
    yield buffer.subarray(0, bytesRead)
  }
}

// The dump of one database on this computer's disk, for as long as it is needed: tar wants the size of a file before its content.
// Guarantees: private (0600, in `temp`), without a name while it is used, and gone afterwards; whole, or a Failure.
// Does not decide what is dumped.
import { type FileHandle, mkdtemp, open, rm, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Login } from '../api/database.ts'
import { Failure } from '../api/failure.ts'
import type { Entry } from '../archive/archive.ts'
import { type Client, detailsOf, openClient, temporaryFailure } from '../databases/mysql/client.ts'
import { type BrokenView, remark } from '../databases/mysql/database.ts'
import { DumpJudge } from '../databases/mysql/judge.ts'
import { lackingIn } from '../databases/mysql/lacking.ts'
import { type Bytes, throwIfCancelled } from '../lib/bytes.ts'
import { release } from '../lib/memory.ts'
import type { Context } from '../lib/work.ts'

/** How a server is reached for a piece of work. */
export interface Access {
  readonly database: Login
  readonly password?: string | undefined
  /** A private folder of this computer with room for a dump. */
  readonly temp: string
}

export async function withClient<T>(
  { database, password, temp }: Access,
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

export interface Spool {
  readonly file: FileHandle
  readonly size: number
  close(): Promise<void>
}

export interface SpoolOptions {
  readonly name: string
  /** Arche restores it by itself: what it would refuse then is told now. */
  readonly restorable: boolean
  /** Views that do not work, and so cannot be dumped. */
  readonly broken?: readonly BrokenView[] | undefined
}

/** Dumps a database to its end. Warns of what a restore of it will meet. */
export async function spooled(access: Access, options: SpoolOptions, ctx: Context): Promise<Spool> {
  const folder = await mkdtemp(join(access.temp, 'dump-')).catch((error) => {
    throw temporaryFailure(error, access.temp)
  })
  let file: FileHandle | undefined
  const close = async () => {
    await file?.close()
    await rm(folder, { recursive: true, force: true }).catch(() => undefined)
  }
  try {
    const path = join(folder, 'dump.sql')
    const opened = await open(path, 'wx+', 0o600)
    file = opened
    // Without a name nothing of it stays, even when this process is killed. Windows keeps the name of an open file.
    if (process.platform !== 'win32') await unlink(path)
    const size = await withClient(access, ctx.signal, (client) => fill(opened, client, access, options, ctx))
    return { file: opened, size, close }
  } catch (error) {
    await close()
    throw temporaryFailure(error, access.temp)
  }
}

async function fill(
  file: FileHandle,
  client: Client,
  { database: login, temp }: Access,
  { name, restorable, broken = [] }: SpoolOptions,
  ctx: Context,
): Promise<number> {
  const { problems, history } = await lackingIn(client, login, [name])
  for (const problem of problems) ctx.report.warn(problem)
  const [[version = '', packet = ''] = []] = await client.ask('SELECT VERSION(), @@max_allowed_packet')
  const judge = new DumpJudge({ database: name, version, packet: Number(packet), restorable })
  const dump = client.dump(name, { without: broken.map((view) => view.name), history: history.has(name) })
  let size = 0
  let end = Buffer.alloc(0)
  const take = async (chunk: Uint8Array) => {
    await writeAll(file, chunk, temp)
    judge.push(chunk)
    size += chunk.length
    end = Buffer.concat([end, chunk.subarray(-endLength)]).subarray(-endLength)
    ctx.report.advance(chunk.length)
  }
  for (const view of broken) await take(remark(view))
  for await (const chunk of withoutSandbox(dump)) {
    await take(chunk)
    release(chunk)
  }
  // Both makers end a dump with "-- Dump completed on <date>".
  if (!end.includes('\n-- Dump completed'))
    throw new Failure('dump-failed', { ...detailsOf({ ...login, name }), reason: 'incomplete-dump' })
  for (const problem of judge.end()) ctx.report.warn(problem)
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

/** The dump as a file of the archive. */
export function spoolEntry(path: string, spool: Spool, ctx: Context): Entry {
  return { ...privateFile(path, spool.size, ctx), body: content(path, spool, ctx) }
}

/** A file that comes from no disk. */
export function privateFile(path: string, size: number, ctx: Context): Entry {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
  return { path, type: 'file', mode: 0o600, uid, gid, mtime: ctx.now(), size }
}

const chunkSize = 512 * 1024

/** Each piece is gone when the next one is asked for. */
async function* content(path: string, { file, size }: Spool, ctx: Context): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(Math.min(chunkSize, size))
  for (let done = 0; done < size; ) {
    throwIfCancelled(ctx.signal)
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, size - done), done)
    if (bytesRead === 0) throw new Failure('truncated', { name: path })
    done += bytesRead
    ctx.report.advance(bytesRead, path)
    yield buffer.subarray(0, bytesRead)
  }
}

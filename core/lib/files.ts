// Small durable things on a file system: whole-or-absent writes, free space, temporary names, and the one conversion of Node's errno errors.
// Guarantees: after `writeDurably` the new content is on the disk under its name, or the old one is; a temporary file of a process that may
// still be alive is never removed. Large streamed objects are the business of stores/local.ts.
import { createHash, randomBytes } from 'node:crypto'
import { constants, readFileSync, readlinkSync } from 'node:fs'
import { type FileHandle, lstat, open, readdir, rename, statfs, unlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { type Details, Failure, type FailureCode } from '../api/failure.ts'
import { fsPath } from './paths.ts'

/** Names that begin like this are Arche's own (temporary files, markers) and never an object of a store. */
export const ownPrefix = '.arche-'

const partPrefix = `${ownPrefix}part-`

/** A temporary file of another machine (a shared folder) is given up when nobody wrote to it for this long. */
const foreignPatience = 7 * 24 * 3600 * 1000

const codes: Record<string, FailureCode> = {
  ENOSPC: 'no-space',
  EDQUOT: 'no-space',
  EFBIG: 'file-too-large',
  EROFS: 'medium-read-only',
  EACCES: 'denied',
  EPERM: 'denied',
  ENOENT: 'not-found',
  ENOTDIR: 'not-found',
  EEXIST: 'exists',
  ENOTEMPTY: 'exists',
  ENAMETOOLONG: 'bad-input',
  EISDIR: 'bad-input',
  ELOOP: 'bad-input',
  ENXIO: 'medium-gone',
  ENODEV: 'medium-gone',
  ENOMEDIUM: 'medium-gone',
  ESTALE: 'unreachable',
  ENOTCONN: 'unreachable',
  EHOSTDOWN: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ETIMEDOUT: 'unreachable',
  ECONNRESET: 'unreachable',
} // prettier-ignore

/** Passing troubles: the same call may succeed a moment later. */
const passing = new Set(['EBUSY', 'EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM', 'EINTR'])

/**
 * A Node errno error as Failure: code by the table above, else `io`; details `path`, `name` (the path, unless given) and `reason` (the errno,
 * or the path where the path itself is what is wrong), then those given; the error as cause. A Failure comes back as it is, and so does a bug.
 */
export function fromErrno(error: unknown, details: Details = {}): unknown {
  const errno = errnoOf(error)
  if (error instanceof Failure || errno === undefined) return error
  const code = codes[errno] ?? 'io'
  const path = String(details.path ?? (error instanceof Error && 'path' in error ? error.path : ''))
  const reason = code === 'bad-input' ? path : errno
  const retryable = code === 'unreachable' || passing.has(errno)
  return new Failure(code, { path, name: path, reason, ...details }, { retryable, cause: error })
}

/** `ENOENT` and the like; undefined for everything that is not an error of the operating system. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  return /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined
}

export interface SmallFile {
  /** Bytes that it may have at most. */
  readonly limit: number
  /** A symlink in its place is followed; else it is not an ordinary file. */
  readonly follow?: boolean
  /** The path as people know it. */
  readonly shown?: string
}

/**
 * The text of a small file that somebody else may have put there: a pipe, a device or a giant in its place neither holds us up nor fills the
 * memory. Undefined when it is missing. Failures: `damaged` {name, path, reason: 'kind' | 'size'}, and those of the file system.
 */
export async function readSmall(path: string, { limit, follow, shown = path }: SmallFile): Promise<string | undefined> {
  const damaged = (reason: 'kind' | 'size') => new Failure('damaged', { name: shown, path: shown, reason })
  // O_NONBLOCK: a pipe does not wait for a writer.
  const flags = constants.O_RDONLY | (follow ? 0 : (constants.O_NOFOLLOW ?? 0)) | (constants.O_NONBLOCK ?? 0)
  try {
    const handle = await open(fsPath(path), flags)
    try {
      const found = await handle.stat()
      if (!found.isFile()) throw damaged('kind')
      if (found.size > limit) throw damaged('size')
      return await textOf(handle, limit, () => damaged('size'))
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    if (['ELOOP', 'ENXIO', 'EISDIR'].includes(errnoOf(error) ?? '')) throw damaged('kind')
    throw fromErrno(error, { path: shown })
  }
}

/** Whatever its size is said to be: files of /proc and the like have none. */
async function textOf(handle: FileHandle, limit: number, tooMuch: () => Failure): Promise<string> {
  const buffer = Buffer.allocUnsafe(limit + 1)
  let size = 0
  while (size <= limit) {
    const { bytesRead } = await handle.read(buffer, size, buffer.length - size)
    if (bytesRead === 0) return buffer.toString('utf8', 0, size)
    size += bytesRead
  }
  throw tooMuch()
}

/** Bytes that this user may still write in the file system of `path`. */
export async function freeBytes(path: string): Promise<number> {
  try {
    const found = await statfs(path)
    return found.bavail * found.bsize
  } catch (error) {
    throw fromErrno(error, { path })
  }
}

/** How a folder refuses to be flushed where that does not exist (Windows, some FUSE and network file systems): not a loss of data. */
const cannotFlush = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR', 'EBADF'])

/** Makes the names in a folder durable (fsync), where the system can. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  let handle: FileHandle | undefined
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
    await handle.sync()
  } catch (error) {
    if (!cannotFlush.has(errnoOf(error) ?? '')) throw fromErrno(error, { path })
  } finally {
    await handle?.close()
  }
}

/** Folders whose abandoned temporary files this process has looked for. */
const swept = new Set<string>()

/**
 * Replaces a small file as a whole: temporary name in the same folder, fsync, rename, fsync of the folder. `mode` is that of the finished
 * file (default 0o666 less the umask). On failure the old content stays and no temporary file remains; those of writers that were killed here earlier
 * are removed with the first write.
 */
export async function writeDurably(
  path: string,
  data: string | Uint8Array,
  options: { mode?: number } = {},
): Promise<void> {
  const folder = dirname(path)
  const temporary = join(folder, temporaryName())
  let made = false
  if (!swept.has(folder)) await sweepFolder(folder)
  swept.add(folder)
  try {
    const handle = await open(temporary, 'wx', options.mode ?? 0o666)
    made = true
    try {
      if (options.mode !== undefined && process.platform !== 'win32') await handle.chmod(options.mode)
      await handle.writeFile(data)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
    made = false
    await syncFolder(folder)
  } catch (error) {
    if (made) await discard(temporary)
    throw fromErrno(error, { path })
  }
}

/** Removes a temporary file on the way out of a failure: the failure itself is what must be reported. */
export async function discard(path: string | Buffer): Promise<boolean> {
  return unlink(path).then(
    () => true,
    () => false,
  )
}

/**
 * `.arche-part-<host>-<boot>-<process>-<random>`: says whether its writer can still be alive. `host` stands for machine and process name
 * space, `boot` for the time since this start of the system (zeros where the system does not tell).
 */
export function temporaryName(): string {
  const { host, boot } = identity()
  return `${partPrefix}${host}-${boot}-${process.pid}-${randomBytes(8).toString('hex')}`
}

export function isTemporary(name: string): boolean {
  return name.startsWith(partPrefix)
}

/** True when no living process can be writing to this temporary file. `mtime` and `now` in ms since 1970. */
export function isAbandoned(name: string, mtime: number, now: number): boolean {
  const [host, boot, pid] = name.slice(partPrefix.length).split('-')
  const here = identity()
  if (host !== here.host) return now - mtime > foreignPatience
  if (boot !== here.boot) return true
  return !isAlive(Number(pid))
}

/** Removes the abandoned temporary files of one folder; tells how many. A folder that cannot be read or changed is left alone. */
export async function sweepFolder(folder: string, now = Date.now()): Promise<number> {
  const names = await readdir(folder).catch(() => [])
  let removed = 0
  for (const name of names.filter(isTemporary)) {
    const path = join(folder, name)
    const found = await lstat(path).catch(() => undefined)
    if (found?.isFile() && isAbandoned(name, found.mtimeMs, now) && (await discard(path))) removed += 1
  }
  return removed
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return true
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errnoOf(error) !== 'ESRCH'
  }
}

let known: { host: string; boot: string } | undefined

function identity(): { host: string; boot: string } {
  known ??= {
    host: digest([hostname(), firstLine('/etc/machine-id'), linkTarget('/proc/self/ns/pid')].join('\0')),
    boot: digestOrZeros(firstLine('/proc/sys/kernel/random/boot_id')),
  }
  return known
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}

function digestOrZeros(text: string): string {
  return text === '' ? '00000000' : digest(text)
}

function firstLine(path: string): string {
  try {
    return readFileSync(path, 'utf8').split('\n')[0] ?? ''
  } catch {
    return ''
  }
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

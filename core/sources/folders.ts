// Folders (and single files) of this machine as a source: one item, a tree in a stable order, every byte read once.
// Guarantees: nothing is written, no symlink is followed, a pipe put in a file's place cannot hang the run; whatever is left out or changed
// while it was read is a warning that names it; memory does not grow with the data. Exactly the announced size is read of each file.
// Does not take a snapshot: two files may be read at different moments.
// Calls into the file system are synchronous on purpose: a run has its own thread, and this is several times faster for small files.
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs'
import { blocking, type Finding, type Problem } from '../api/failure.ts'
import type { Entry, Root } from '../archive/archive.ts'
import { type Bytes, throwIfCancelled } from '../lib/bytes.ts'
import { decodeName, fsPath } from '../lib/paths.ts'
import { pauses } from '../lib/pause.ts'
import { type Exclusion, exclusion } from './exclude.ts'
import { type OwnerNames, ownerNames } from './owners.ts'
import { type Chosen, chooseRoots, fixedRoots } from './roots.ts'
import type { Context, Estimate, Item, Source } from './source.ts'
import { exactly, type Found, leftOut, walk } from './walk.ts'

/** Bytes per read of a large file. Small files are read in one piece of their size. */
const chunkSize = 512 * 1024

/** O_NOFOLLOW: a symlink put in the file's place fails; O_NONBLOCK: a pipe put there does not wait for a writer. */
const readFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

export interface FoldersOptions {
  /** Folders or files; relative ones count from the current folder. */
  readonly paths: readonly string[]
  /** Their names in the archive, one a path: see `fixedRoots`. Absent: named after the folders. */
  readonly names?: readonly string[]
  /** Absolute paths, or patterns on base names: see exclude.ts. */
  readonly exclude: readonly string[]
}

/** `items` and `estimate` throw Failure `source-missing`, `source-unreadable`… when a root is not there: an archive without it would look whole. */
export function foldersSource(options: FoldersOptions): Source {
  let counted: Estimate | undefined
  const estimate = async (ctx: Context) => {
    counted = await count(chosenOrFailure(options).roots, exclusion(options.exclude), ctx)
    return counted
  }
  return {
    async check(): Promise<Finding[]> {
      return [...choose(options).findings]
    },
    estimate,
    async *items(ctx): AsyncGenerator<Item> {
      const { roots, missing = [] } = chosenOrFailure(options)
      const counts = counted ?? (await estimate(ctx))
      yield {
        name: 'folders',
        roots: [...roots, ...missing],
        estimate: counts,
        entries: entries(roots, missing, exclusion(options.exclude), ctx),
      }
    },
  }
}

function choose({ paths, names }: FoldersOptions): Chosen {
  return names ? fixedRoots(paths, names) : chooseRoots(paths)
}

function chosenOrFailure(options: FoldersOptions): Chosen {
  const chosen = choose(options)
  const failure = blocking(chosen.findings)
  if (failure) throw failure
  return chosen
}

async function count(roots: readonly Root[], exclude: Exclusion, ctx: Context): Promise<Estimate> {
  const pause = pauses()
  const links = new LinkTable()
  const quietly = () => undefined
  let files = 0
  let bytes = 0
  for (const { path, at, stat } of walk(roots, exclude, quietly)) {
    throwIfCancelled(ctx.signal)
    if (pause.due()) await pause.take()
    if (!stat.isFile() && !stat.isSymbolicLink()) continue
    files += 1
    if (!stat.isFile()) continue
    const several = stat.nlink > 1 ? exactly(at, quietly) : undefined
    if (several && links.find(several) !== undefined) continue
    if (several) links.add(several, path)
    bytes += stat.size
  }
  return { files, bytes }
}

/** First path of each inode that has several; forgets an inode once all its names were seen. */
class LinkTable {
  readonly #first = new Map<string, { path: string; left: bigint }>()

  find(stat: BigIntStats): string | undefined {
    if (stat.nlink < 2n) return undefined
    const key = `${stat.dev}:${stat.ino}`
    const known = this.#first.get(key)
    if (known && --known.left === 0n) this.#first.delete(key)
    return known?.path
  }

  add(stat: BigIntStats, path: string): void {
    if (stat.nlink > 1n) this.#first.set(`${stat.dev}:${stat.ino}`, { path, left: stat.nlink - 1n })
  }
}

/** A name that must be there, though its folder is not. */
function emptyFolder({ name, origin }: Root, { report, now }: Context): Entry {
  report.warn({ code: 'folder-missing', details: { path: origin } })
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
  return { path: name, type: 'folder', mode: 0o755, uid, gid, mtime: now(), size: 0 }
}

async function* entries(
  roots: readonly Root[],
  missing: readonly Root[],
  exclude: Exclusion,
  ctx: Context,
): AsyncGenerator<Entry> {
  const pause = pauses()
  const links = new LinkTable()
  const owners = ownerNames()
  const buffer = Buffer.allocUnsafeSlow(chunkSize)
  const warn = (problem: Problem) => ctx.report.warn(problem)
  for (const found of walk(roots, exclude, warn)) {
    throwIfCancelled(ctx.signal)
    if (pause.due()) await pause.take()
    const alone = found.stat.isFile() && found.stat.nlink === 1
    const stat = alone ? undefined : exactly(found.at, warn)
    if (!alone && !stat) continue
    const first = stat?.isFile() ? links.find(stat) : undefined
    if (alone || (stat?.isFile() && first === undefined)) yield* fileEntry(found, { links, owners, buffer }, ctx)
    else if (stat) yield* bodilessEntry(found, { stat, first, owners }, warn)
  }
  for (const root of missing) yield emptyFolder(root, ctx)
}

/** A hard link to what came before, a folder or a symlink; anything else has no place in an archive. */
function* bodilessEntry(
  { path, at, stat: before }: Found,
  { stat, first, owners }: { stat: BigIntStats; first: string | undefined; owners: OwnerNames },
  warn: (problem: Problem) => void,
): Generator<Entry> {
  if (stat.isDirectory() !== before.isDirectory()) warn({ code: 'file-changed', details: { path: at } })
  else if (first !== undefined) yield { ...common(path, stat, owners), type: 'link', target: first }
  else if (stat.isDirectory()) yield { ...common(path, stat, owners), type: 'folder' }
  else if (stat.isSymbolicLink()) {
    const target = linkTarget(at, warn)
    if (target !== undefined) yield { ...common(path, stat, owners), type: 'symlink', target }
  } else warn({ code: 'file-special', details: { path: at } })
}

function common(path: string, stat: BigIntStats, owners: OwnerNames): Omit<Entry, 'type'> {
  const uid = Number(stat.uid)
  const gid = Number(stat.gid)
  const uname = owners.user(uid)
  const gname = owners.group(gid)
  return {
    path,
    mode: Number(stat.mode) & 0o7777,
    uid,
    gid,
    ...(uname !== undefined && { uname }),
    ...(gname !== undefined && { gname }),
    mtime: Number(stat.mtimeNs / 1000n) / 1000,
    size: 0,
  }
}

function linkTarget(at: string, warn: (problem: Problem) => void): string | undefined {
  try {
    return decodeName(readlinkSync(fsPath(at), { encoding: 'buffer' }))
  } catch (error) {
    warn(leftOut(at, error))
    return undefined
  }
}

/** What the files of one run share. */
interface Shared {
  readonly links: LinkTable
  readonly owners: OwnerNames
  /** One file is read at a time, and its bytes are used before the next are read. */
  readonly buffer: Buffer
}

/** None when the file cannot be opened. What the header says comes from the open file, not from the name. */
async function* fileEntry(found: Found, { links, owners, buffer }: Shared, ctx: Context): AsyncGenerator<Entry> {
  const { path, at } = found
  let file: number
  try {
    file = openSync(fsPath(at), readFlags)
  } catch (error) {
    // ELOOP: by now a symlink stands in its place.
    const swapped = (error as NodeJS.ErrnoException).code === 'ELOOP'
    ctx.report.warn(swapped ? { code: 'file-vanished', details: { path: at } } : leftOut(at, error))
    return
  }
  try {
    const stat = fstatSync(file, { bigint: true })
    if (!stat.isFile()) {
      ctx.report.warn({ code: 'file-special', details: { path: at } })
      return
    }
    links.add(stat, path)
    const size = Number(stat.size)
    yield { ...common(path, stat, owners), type: 'file', size, body: content(file, { stat, at, buffer }, ctx) }
  } finally {
    closeSync(file)
  }
}

/** Exactly the bytes announced: what is missing at the end is zeros, what is too much is cut, and both are warnings. */
async function* content(
  file: number,
  { stat: before, at, buffer }: { stat: BigIntStats; at: string; buffer: Buffer },
  ctx: Context,
): Bytes & AsyncGenerator<Uint8Array> {
  const size = Number(before.size)
  const pause = pauses()
  let done = 0
  let problem: Problem | undefined
  while (done < size && !problem) {
    throwIfCancelled(ctx.signal)
    if (pause.due()) await pause.take()
    const chunk = buffer.subarray(0, Math.min(size - done, chunkSize))
    const read = readInto(file, chunk, at)
    if (typeof read !== 'number') problem = read
    else if (read === 0) break
    else {
      done += read
      ctx.report.advance(read, at)
      yield chunk.subarray(0, read)
    }
  }
  if (size === 0) ctx.report.advance(0, at)
  while (done < size) {
    const zeros = Buffer.alloc(Math.min(size - done, chunkSize))
    problem ??= { code: 'file-changed', details: { path: at } }
    done += zeros.length
    ctx.report.advance(zeros.length, at)
    yield zeros
  }
  const after = fstatSync(file, { bigint: true })
  if (after.size !== before.size || after.mtimeNs !== before.mtimeNs)
    problem ??= { code: 'file-changed', details: { path: at } }
  if (problem) ctx.report.warn(problem)
}

function readInto(file: number, chunk: Buffer, at: string): number | Problem {
  try {
    return readSync(file, chunk, 0, chunk.length, null)
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code
    if (reason === undefined) throw error
    return { code: 'file-unreadable', details: { path: at, reason } }
  }
}

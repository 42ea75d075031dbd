// Folders (and single files) of this machine as a source: one item, a tree in a stable order, every byte read once.
// Guarantees: nothing is written, no symlink is followed, a pipe put in a file's place cannot hang the run; whatever is left out or changed
// while it was read is a warning that names it; memory does not grow with the data. Exactly the announced size is read of each file.
// Does not take a snapshot: two files may be read at different moments.
// Calls into the file system are synchronous on purpose: a run has its own thread, and this is several times faster for small files.
import { type BigIntStats, closeSync, readlinkSync } from 'node:fs'
import { blocking, type Finding, type Problem } from '../api/failure.ts'
import type { Entry, LateFile, LateOutcome, Member, Root } from '../archive/archive.ts'
import { type Bytes, throwIfCancelled } from '../lib/bytes.ts'
import { decodeName, fsPath } from '../lib/paths.ts'
import { pauses } from '../lib/pause.ts'
import { countTrees } from './count.ts'
import { type Exclusion, exclusion } from './exclude.ts'
import { changedSince, described, type OpenFile, openFile, readInto } from './late.ts'
import { type OwnerNames, ownerNames } from './owners.ts'
import { type Chosen, chooseRoots, fixedRoots } from './roots.ts'
import type { Context, Estimate, Item, Source } from './source.ts'
import { exactly, type Found, leftOut, walk } from './walk.ts'

/** Bytes per read of a large file. Small files are read in one piece of their size. */
const chunkSize = 512 * 1024

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
    const { roots } = chosenOrFailure(options)
    counted = await countTrees(roots, options.exclude, ctx.signal, ctx.pools?.count)
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
): AsyncGenerator<Member> {
  const pause = pauses()
  const links = new LinkTable()
  const owners = ownerNames()
  const shared: Shared = { links, owners, buffer: Buffer.allocUnsafeSlow(chunkSize) }
  const warn = (problem: Problem) => ctx.report.warn(problem)
  for (const found of walk(roots, exclude, warn)) {
    throwIfCancelled(ctx.signal)
    if (pause.due()) await pause.take()
    const alone = found.stat.isFile() && found.stat.nlink === 1
    const stat = alone ? undefined : exactly(found.at, warn)
    if (!alone && !stat) continue
    const first = stat?.isFile() ? links.find(stat) : undefined
    if (alone) yield new LateOne(found, shared, ctx)
    else if (stat?.isFile() && first === undefined) yield* fileEntry(found, shared, ctx)
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
  else if (first !== undefined) yield { ...described(path, stat, owners), type: 'link', target: first }
  else if (stat.isDirectory()) yield { ...described(path, stat, owners), type: 'folder' }
  else if (stat.isSymbolicLink()) {
    const target = linkTarget(at, warn)
    if (target !== undefined) yield { ...described(path, stat, owners), type: 'symlink', target }
  } else warn({ code: 'file-special', details: { path: at } })
}

function linkTarget(at: string, warn: (problem: Problem) => void): string | undefined {
  try {
    return decodeName(readlinkSync(fsPath(at), { encoding: 'buffer' }))
  } catch (error) {
    warn(leftOut(at, error))
    return undefined
  }
}

/** A file with one name: nothing that comes later depends on how it is read. */
class LateOne implements LateFile {
  readonly type = 'late'
  readonly path: string
  readonly at: string
  readonly size: number
  readonly #shared: Shared
  readonly #ctx: Context

  constructor({ path, at, stat }: Found, shared: Shared, ctx: Context) {
    this.path = path
    this.at = at
    this.size = stat.size
    this.#shared = shared
    this.#ctx = ctx
  }

  open(): AsyncIterable<Entry> {
    return fileEntry(this, this.#shared, this.#ctx)
  }

  told({ size, problem }: LateOutcome): void {
    if (size !== undefined) this.#ctx.report.advance(size, this.at)
    if (problem) this.#ctx.report.warn(problem)
  }
}

/** What the files of one run share. */
interface Shared {
  readonly links: LinkTable
  readonly owners: OwnerNames
  /** One file is read at a time, and its bytes are used before the next are read. */
  readonly buffer: Buffer
}

/** None when the file cannot be opened. */
async function* fileEntry(
  { path, at }: Pick<Found, 'path' | 'at'>,
  { links, owners, buffer }: Shared,
  ctx: Context,
): AsyncGenerator<Entry> {
  const found = openFile(at)
  if ('code' in found) return ctx.report.warn(found)
  try {
    links.add(found.stat, path)
    const size = Number(found.stat.size)
    yield { ...described(path, found.stat, owners), type: 'file', size, body: content(found, { at, buffer }, ctx) }
  } finally {
    closeSync(found.file)
  }
}

/** Exactly the bytes announced: what is missing at the end is zeros, what is too much is cut, and both are warnings. */
async function* content(
  found: OpenFile,
  { at, buffer }: { at: string; buffer: Buffer },
  ctx: Context,
): Bytes & AsyncGenerator<Uint8Array> {
  const size = Number(found.stat.size)
  const pause = pauses()
  let done = 0
  let problem: Problem | undefined
  while (done < size && !problem) {
    throwIfCancelled(ctx.signal)
    if (pause.due()) await pause.take()
    const chunk = buffer.subarray(0, Math.min(size - done, chunkSize))
    const read = readInto(found.file, chunk, at)
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
  problem ??= changedSince(found, at)
  if (problem) ctx.report.warn(problem)
}

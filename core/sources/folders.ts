// Folders (and single files) of this machine as a source: one item, a tree in a stable order, every byte read once.
// Guarantees: nothing is written, no symlink is followed, a pipe put in a file's place cannot hang the run; whatever is left out or changed
// while it was read is a warning that names it; memory does not grow with the data. What a file holds: content.ts.
// Does not take a snapshot: two files may be read at different moments.
// Calls into the file system are synchronous on purpose: a run has its own thread, and this is several times faster for small files.
import { type BigIntStats, closeSync, readlinkSync } from 'node:fs'
import { isUsualExclusion } from '../api/exclusion.ts'
import { blocking, type Finding, type Problem } from '../api/failure.ts'
import type { Entry, LateFile, LateOutcome, Member, Pack, Root } from '../archive/archive.ts'
import { throwIfCancelled } from '../lib/bytes.ts'
import { libc } from '../lib/libc.ts'
import { decodeName, fsPath } from '../lib/paths.ts'
import { pauses } from '../lib/pause.ts'
import { Tally } from '../lib/tally.ts'
import type { Context, Estimate, Report } from '../lib/work.ts'
import { begin, Content, chunkSize } from './content.ts'
import { countTrees } from './count.ts'
import { type Excluded, exclusion } from './exclude.ts'
import type { Exclusion } from './exclusion.ts'
import { expectedSize } from './expected.ts'
import { Disks } from './file-systems.ts'
import { sparseMap } from './holes.ts'
import { type Describing, described, openFile } from './late.ts'
import { LinkTable } from './links.ts'
import { ownerNames } from './owners.ts'
import { parentsOf } from './parents.ts'
import { type Chosen, chooseRoots, fixedRoots } from './roots.ts'
import type { Item, Source, SourceContext } from './source.ts'
import { SparseContent } from './sparse.ts'
import { exactly, type Found, leftOut, walk } from './walk.ts'

export interface FoldersOptions {
  /** Folders or files; relative ones count from the current folder. */
  readonly paths: readonly string[]
  /** Their names in the archive, one a path: see `fixedRoots`. Absent: named after the folders. */
  readonly names?: readonly string[]
  /** In the syntax of api/exclusion.ts. */
  readonly exclude: readonly string[]
  /** Absolute paths that are never read: see exclude.ts. */
  readonly leaveOut?: readonly string[]
  /** See Means. */
  readonly pack?: Pack | undefined
}

/** `items` and `estimate` throw Failure `source-missing`, `source-unreadable`… when a root is not there: an archive without it would look whole. */
export function foldersSource(options: FoldersOptions): Source {
  const excluded: Excluded = { patterns: options.exclude, leaveOut: options.leaveOut ?? [] }
  let counted: Estimate | undefined
  const estimate = async (ctx: SourceContext) => {
    const { roots } = chosenOrFailure(options)
    const { content, ...counts } = await countTrees(roots, excluded, ctx.signal, ctx.pools?.count)
    const tree = { content, roots, excluded: exclusion(excluded) }
    const stored = options.pack && (await expectedSize(tree, options.pack, ctx.signal))
    counted = stored === undefined ? counts : { ...counts, stored }
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
      const mounts = new Set<string>()
      const tally = new Tally()
      try {
        yield {
          name: 'folders',
          roots: [...roots, ...missing],
          parents: parentsOf(roots),
          estimate: counts,
          mounts,
          entries: entries({ roots, missing, mounts, tally }, exclusion(excluded), ctx),
        }
      } finally {
        // Files are read by others after the last was given out.
        tellAll(tally, ctx.report)
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

interface Wanted {
  readonly roots: readonly Root[]
  readonly missing: readonly Root[]
  readonly mounts: Set<string>
  readonly tally: Tally
}

/** What is told once for all. Where there are no attributes at all, as on Windows, that is no news. */
function tellAll(tally: Tally, report: Report): void {
  for (const problem of tally.problems()) report.warn(problem)
  if (!libc() && process.platform === 'linux') report.warn({ code: 'attributes-unsupported', details: {} })
}

/** A name that must be there, though its folder is not. */
function emptyFolder({ name, origin }: Root, { report, now }: Context): Entry {
  report.warn({ code: 'folder-missing', details: { path: origin } })
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
  return { path: name, type: 'folder', mode: 0o755, uid, gid, mtime: now(), size: 0 }
}

async function* entries(
  { roots, missing, mounts, tally }: Wanted,
  exclude: Exclusion,
  ctx: Context,
): AsyncGenerator<Member> {
  const pause = pauses()
  const links = new LinkTable()
  const owners = ownerNames()
  const disks = new Disks()
  const shared: Shared = { links, owners, tally, disks, buffer: Buffer.allocUnsafeSlow(chunkSize) }
  const warn = (problem: Problem) => ctx.report.warn(problem)
  for (const found of walk(roots, exclude, warn, mounts)) {
    throwIfCancelled(ctx.signal)
    if (pause.due()) await pause.take()
    const alone = found.stat.isFile() && found.stat.nlink === 1
    const stat = alone ? undefined : exactly(found.at, warn)
    if (!alone && !stat) continue
    const first = stat?.isFile() ? links.find(stat, found.at, shared.buffer) : undefined
    if (alone) yield new LateOne(found, shared, ctx)
    else if (stat?.isFile() && first === undefined) yield* fileEntry(found, shared, ctx)
    else if (stat) yield* bodilessEntry(found, { stat, first, owners, tally }, ctx.report)
  }
  for (const root of missing) yield emptyFolder(root, ctx)
  tellExcluded(exclude, ctx.report)
}

function tellExcluded({ met, unused }: Exclusion, report: Report): void {
  for (const path of met) report.note?.({ code: 'medium-left-out', details: { path } })
  for (const pattern of unused())
    if (!isUsualExclusion(pattern)) report.note?.({ code: 'exclude-unused', details: { pattern } })
}

/** A hard link to what came before, a folder or a symlink; anything else has no place in an archive. */
function* bodilessEntry(
  { path, at, stat: before }: Found,
  { stat, first, ...asked }: { stat: BigIntStats; first: string | undefined } & Describing,
  report: Report,
): Generator<Entry> {
  const warn = (problem: Problem) => report.warn(problem)
  const place = { where: stat.isDirectory() ? { folder: at } : { link: at }, at }
  const about = () => described(path, stat, place, asked)
  if (stat.isDirectory() !== before.isDirectory()) warn({ code: 'file-changed', details: { path: at } })
  else if (first !== undefined) yield { ...about(), attributes: undefined, type: 'link', target: first }
  else if (stat.isDirectory()) yield { ...about(), type: 'folder' }
  else if (stat.isSymbolicLink()) {
    const target = linkTarget(at, warn)
    if (target !== undefined) yield { ...about(), type: 'symlink', target }
  } else if (stat.isSocket()) report.note?.({ code: 'file-socket', details: { path: at } })
  else warn({ code: 'file-special', details: { path: at } })
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

  told({ size, problem, tallied }: LateOutcome): void {
    if (tallied) this.#shared.tally.add(tallied)
    if (size !== undefined) this.#ctx.report.advance(size, this.at)
    if (problem) this.#ctx.report.warn(problem)
  }
}

/** What the files of one run share. */
interface Shared extends Describing {
  readonly links: LinkTable
  readonly disks: Disks
  /** One file is read at a time, and its bytes are used before the next are read. */
  readonly buffer: Buffer
}

/** None when nothing of the file can be read. */
async function* fileEntry(
  { path, at }: Pick<Found, 'path' | 'at'>,
  shared: Shared,
  ctx: Context,
): AsyncGenerator<Entry> {
  const found = openFile(at)
  if ('code' in found) return ctx.report.warn(found)
  const { links, buffer } = shared
  try {
    const about = { ...described(path, found.stat, { where: { file: found.file }, at }, shared), type: 'file' as const }
    const sparse = shared.disks.has(found.stat.dev, found.file) && sparseMap(found)
    if (sparse) {
      links.add(found.stat, path, found.file)
      const content = new SparseContent(found, sparse, { at, buffer }, ctx)
      const fault = () => content.fault()
      yield { ...about, size: Number(found.stat.size), sparse, body: content.body(), fault }
      return
    }
    const begun = await begin(found, { at, buffer }, ctx)
    if ('code' in begun) return ctx.report.warn(begun)
    const sum = links.add(found.stat, path, found.file)
    const content = new Content(found, begun, { at, buffer, sum }, ctx)
    const fault = () => content.fault()
    yield { ...about, size: begun.size, body: content.body(), fault }
  } finally {
    closeSync(found.file)
  }
}

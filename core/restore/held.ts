// A tree of folders in which somebody else may work at the same time: its folders are held open while we work in them, so that what is
// renamed, exchanged or linked meanwhile leads us nowhere else.
// Guarantees, on Linux with /proc: every name given to the system is one part below an open folder (/proc/self/fd/<number>/<name>), reached from
// the top one part at a time without following a link; a folder once held stays the same one; nothing here is too long but a single name.
// Elsewhere Node cannot name things relative to an open folder: the same calls go by path, with the same checks just before.
// Not a lock: whoever may change a folder still does, and sees the result where they have moved it.
import { type BigIntStats, chmodSync, mkdirSync, realpathSync, renameSync, rmdirSync, unlinkSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { Failure } from '../api/failure.ts'
import { errnoOf } from '../lib/files.ts'
import { decodeName, fsPath } from '../lib/paths.ts'
import { asFailure, below, identity, look, namesIn, onDisk, syncEach, syncVolume } from './disk.ts'
import {
  gone,
  type Held,
  hold,
  holdTop,
  inodeOf,
  isMine,
  keepsInodes,
  letGo,
  makePrivate,
  statOf,
} from './held-folder.ts'

/** PATH_MAX of Linux less the final NUL; Node makes long paths work on Windows. */
export const longestPath = process.platform === 'win32' ? 32_767 : 4095

/** Folders held beside the top and our own: enough for the way down to most, few enough for every limit of open files. */
const heldAtOnce = 48

/** A folder of our own, held as long as the tree. */
interface Own extends Held {
  /** Nobody else can change anything inside, whatever becomes of its name: one look at the top is enough. */
  readonly direct: boolean
}

/** What stands where a folder of our own should be. */
export type Claimed = 'ours' | 'absent' | 'foreign'

export class HeldTree {
  readonly path: string
  readonly #top: Held
  readonly #own = new Map<string, Own>()
  readonly #recent = new Map<string, Held>()
  #spared: string | undefined

  private constructor(path: string, top: Held) {
    this.path = path
    this.#top = top
  }

  /** `path`: absolute, with real folders only. Failure `changed`: it is none, or a link has come into it. */
  static open(path: string): HeldTree {
    return new HeldTree(path, holdTop(path))
  }

  /** What the top is, as it is now. */
  get stat(): BigIntStats {
    return statOf(this.#top, this.path)
  }

  /** Whether the numbers of inodes can be relied upon. */
  get keepsInodes(): boolean {
    return keepsInodes(this.#top, this.path)
  }

  close(): void {
    for (const held of [...this.#recent.values(), ...this.#own.values(), this.#top]) letGo(held)
    this.#recent.clear()
    this.#own.clear()
  }

  /** What names the thing at `path` to the system: valid until the next call. Failure `changed`: no real folders lead there. */
  way(path: string): string {
    return this.#find(path) ?? gone(path)
  }

  /** What is there, without following a link; nothing where no real folders lead. */
  look(path: string): BigIntStats | undefined {
    if (path === this.path) return this.stat
    const way = this.#find(path)
    return way === undefined ? undefined : look(way, path)
  }

  /** What names a folder itself, and which one it is; nothing where there is no real one. */
  folder(path: string): { readonly way: string; readonly identity: string } | undefined {
    return this.#hold(path)
  }

  /** Names in a folder, sorted. */
  names(path: string): string[] {
    const { way } = this.#hold(path) ?? gone(path)
    return namesIn(way, path)
  }

  /** `way` of two things, both valid until the next call. */
  both(one: string, other: string): [string, string] {
    const first = this.way(one)
    // The way down to one must not push out the other.
    this.#spared = dirname(one)
    try {
      return [first, this.way(other)]
    } finally {
      this.#spared = undefined
    }
  }

  /** rename(2). `shown`: the path in failures. */
  rename(from: string, to: string, shown = from): void {
    const [first, second] = this.both(from, to)
    onDisk(shown, () => renameSync(fsPath(first), fsPath(second)))
    this.#forget(from)
    this.#forget(to)
  }

  /** A new folder. What somebody has put in its place meanwhile keeps its permissions: Failure `changed`. */
  makeFolder(path: string, mode: number): void {
    const way = this.way(path)
    onDisk(path, () => mkdirSync(fsPath(way), mode))
    const made = this.#hold(path) ?? gone(path)
    if (namesIn(made.way, path).length > 0) gone(path)
    // mkdir's own mode is subject to the umask.
    if (isMine(made, path)) onDisk(path, () => chmodSync(made.way, mode))
  }

  /** A folder and its missing parents. What stands in the place of one and is no real folder: Failure `changed`. */
  makeFolders(path: string, mode = 0o700): void {
    if (this.#hold(path)) return
    if (this.look(path)) gone(path)
    this.makeFolders(dirname(path), mode)
    this.makeFolder(path, mode)
  }

  /**
   * A new private folder (0700), held until it is removed. `inode`: to know it again. `shared`: things of others are going to lie in it. Otherwise
   * `direct`, where the file system can keep others out: all below it may be reached in one step.
   */
  makeOwn(path: string, use: 'private' | 'shared' = 'private'): { readonly inode: string; readonly direct: boolean } {
    const way = this.way(path)
    onDisk(path, () => mkdirSync(fsPath(way), 0o700))
    const held = this.#keep(path) ?? gone(path)
    const direct = makePrivate(held, path) && use === 'private'
    if (namesIn(held.way, path).length > 0) gone(path)
    this.#own.set(path, { ...held, direct })
    return { inode: inodeOf(held), direct }
  }

  /** Holds a folder of our own that was made earlier. Without `inode` any real folder is taken for ours. */
  claim(path: string, inode: string | undefined): Claimed {
    if (this.#own.has(path)) return 'ours'
    if (!this.look(path)) return 'absent'
    const held = this.#keep(path)
    if (!held) return 'foreign'
    if (inode !== undefined && inodeOf(held) !== inode && this.keepsInodes) {
      letGo(held)
      return 'foreign'
    }
    this.#own.set(path, { ...held, direct: false })
    return 'ours'
  }

  /** From here on others may be at work inside our folders too: what was theirs, or is by now, lies there. */
  shareOwn(): void {
    for (const [path, own] of this.#own) this.#own.set(path, { ...own, direct: false })
  }

  /** True where nobody but us and root can have put another folder in the place of this one. */
  isOnlyOurs(path: string): boolean {
    for (let holder = dirname(path); ; holder = dirname(holder)) {
      const stat = this.look(holder)
      if (stat?.uid !== BigInt(process.geteuid?.() ?? -1) || (stat.mode & 0o022n) !== 0n) return false
      if (holder === this.path) return true
    }
  }

  removeFile(path: string): void {
    const way = this.way(path)
    onDisk(path, () => unlinkSync(fsPath(way)))
  }

  /** rmdir(2). A folder of our own that was moved, or has another one in its place, stays. Returns the error's name when it is not empty or gone. */
  removeFolder(path: string): string | undefined {
    const own = this.#own.get(path)
    const there = own && this.#at(path)
    if (own && (!there || identity(there) !== own.identity)) return 'ENOENT'
    const way = this.#find(path)
    if (way === undefined) return 'ENOENT'
    try {
      rmdirSync(fsPath(way))
    } catch (error) {
      const code = errnoOf(error) ?? ''
      if (!['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(code)) throw asFailure(error, path)
      return code
    }
    this.#forget(path)
    return undefined
  }

  /** Removes a tree. `spare` may take a file away first (and returns true); what is not empty then is an error, but for a folder of our own that was moved. */
  removeTree(top: string, spare: (path: string, stat: BigIntStats) => boolean = () => false): void {
    const open: { path: string; names: string[] }[] = []
    const enter = (path: string) => {
      const stat = this.look(path)
      const folder = stat?.isDirectory() || this.#own.has(path) ? this.#hold(path) : undefined
      if (!folder) {
        if (stat && !spare(path, stat)) this.removeFile(path)
        return
      }
      if (stat && (stat.mode & 0o700n) !== 0o700n) onDisk(path, () => chmodSync(folder.way, 0o700))
      open.push({ path, names: this.names(path) })
    }
    enter(top)
    for (let folder = open.at(-1); folder; folder = open.at(-1)) {
      const name = folder.names.pop()
      if (name !== undefined) enter(`${folder.path}/${name}`)
      else {
        const { path } = folder
        const reason = this.removeFolder(path)
        if (reason !== undefined && reason !== 'ENOENT') throw new Failure('changed', { name: path, path, reason })
        open.pop()
      }
    }
  }

  /** Removes a folder and its subfolders as far as they are empty; everything else stays. */
  removeEmpty(path: string): void {
    if (!this.#hold(path)) return
    for (const name of this.names(path)) this.removeEmpty(`${path}/${name}`)
    this.removeFolder(path)
  }

  /** Makes everything in the file system durable; where that is not to be had, what is below `path`, or with `names` what lies directly in it. */
  async sync(path: string, depth: 'all' | 'names'): Promise<void> {
    const held = this.#hold(path) ?? gone(path)
    if (!(await syncVolume(path, held.file))) syncEach(below(held.way, '.'), depth)
  }

  /** Has the disk take what was written so far; promises nothing. */
  async syncEarly(): Promise<void> {
    await syncVolume(this.path, this.#top.file)
  }

  #find(path: string): string | undefined {
    for (const [top, { way, direct }] of this.#own) {
      if (!direct || !isBelow(path, top)) continue
      const whole = way + path.slice(top.length)
      if (whole.length * 3 <= longestPath || Buffer.byteLength(whole) <= longestPath) return whole
    }
    if (path === this.path) return this.#top.way
    const parent = this.#hold(dirname(path))
    return parent && below(parent.way, basename(path))
  }

  #hold(path: string): Held | undefined {
    if (path === this.path) return this.#top
    const found = this.#own.get(path) ?? this.#recent.get(path)
    if (found) {
      if (this.#recent.delete(path)) this.#recent.set(path, found)
      return found
    }
    const held = this.#keep(path)
    if (held) this.#recent.set(path, held)
    for (const [oldest, its] of this.#recent) {
      if (this.#recent.size <= heldAtOnce) break
      if (oldest === this.#spared || oldest === path) continue
      this.#recent.delete(oldest)
      letGo(its)
    }
    return held
  }

  /** Opens a folder below one that is held. */
  #keep(path: string): Held | undefined {
    if (!isBelow(path, this.path)) throw new Error(`${path} is not below ${this.path}`)
    const way = this.#find(path)
    return way === undefined ? undefined : hold(way, path)
  }

  /** What bears the name of a folder of our own. */
  #at(path: string): BigIntStats | undefined {
    const parent = this.#hold(dirname(path))
    return parent && look(below(parent.way, basename(path)), path)
  }

  /** The folder was moved or removed, or is none any more: neither it nor what is below it is known by this path. */
  #forget(path: string): void {
    for (const map of [this.#recent, this.#own]) {
      for (const [at, held] of map) {
        if (at !== path && !isBelow(at, path)) continue
        map.delete(at)
        letGo(held)
      }
    }
  }
}

/** Removes a tree that is known by its path only, and whatever is in it. */
export function removeTree(top: string): void {
  if (!look(top)) return
  const tree = HeldTree.open(
    onDisk(top, () => decodeName(realpathSync.native(fsPath(dirname(top)), { encoding: 'buffer' }))),
  )
  try {
    tree.removeTree(below(tree.path, basename(top)))
  } finally {
    tree.close()
  }
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith('/') ? folder : `${folder}/`) && path.length > folder.length
}

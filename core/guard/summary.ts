// What a backup holds, in some kilobytes: gathered while its archive is written, compared with that of a later one (rules.ts).
// Guarantees: reads nothing by itself; memory does not grow with the number of files; for most files it costs one pass over the path.
// Judges nothing.
import { type ContentKind, emptyMark, kindOf, unmarked } from '../lib/content-mark.ts'
import { hashText, Lowest, PathHashes } from './sketch.ts'

export interface Amount {
  readonly files: number
  readonly bytes: number
}

export interface FolderSummary extends Amount {
  /** Index of its root. */
  readonly root: number
  /** First level below the root; '': the files that lie in the root itself; null: all folders that are not listed. */
  readonly name: string | null
}

export interface DumpSummary {
  /** In the archive. */
  readonly path: string
  readonly bytes: number
  /** Statements that make a table, and that fill one. */
  readonly tables: number
  readonly inserts: number
}

export interface Sampled {
  readonly key: number
  readonly size: number
  /** See lib/content-mark.ts. */
  readonly mark: number
  /** Index in `folders`. */
  readonly folder: number
  /** What kind of content it had when it was first seen in this place, as long as it could be told. */
  readonly was: ContentKind
}

/** Entries whose hash is below `limit`: all of them, where that is `everything`. */
export interface Sample<T> {
  readonly limit: number
  readonly entries: readonly T[]
}

export interface Summary {
  readonly artifact: string
  /** Begun then, in ms since 1970. */
  readonly time: number
  /** What was left out on purpose: patterns and paths. */
  readonly exclude: readonly string[]
  /** Which login the dumps are from, in one line. */
  readonly server?: string
  /** Databases that were asked for by name. */
  readonly databases?: readonly string[]
  /** By where they come from: names in the archive may change. */
  readonly roots: readonly (Amount & { readonly origin: string })[]
  readonly folders: readonly FolderSummary[]
  /** Absolute paths where another file system begins, or began in the backup before. */
  readonly mounts: readonly (Amount & { readonly path: string; readonly mounted: boolean })[]
  readonly dumps: readonly DumpSummary[]
  /** Warnings that something is not in the backup. */
  readonly leftOut: number
  readonly files: Sample<Sampled>
  /** Names with sizes, whatever the folder above: what was moved is found again. */
  readonly names: Sample<readonly [key: number, folder: number]>
  /** Paths without their last extension. */
  readonly stems: Sample<number>
}

/** What the run says about what it saves. */
export interface Scope {
  readonly roots: readonly { readonly name: string; readonly origin: string }[]
  /** Paths in the archive where another file system begins: each is there before its folder comes. */
  readonly mounts: { has(path: string): boolean }
  readonly exclude: readonly string[]
  readonly server?: string
  readonly databases?: readonly string[]
}

/** Folders that a summary lists by name, the largest. */
const mostFolders = 200
/** Folders that are counted by themselves at all. */
const mostCounted = 20_000
const mostMounts = 200
const mostDumps = 2000

/** No path begins with it. */
const nowhere = '\0'

interface Counted {
  readonly root: number
  readonly name: string | null
  files: number
  bytes: number
}

/** A file that may be in the sample, to be completed once it was read. */
export interface Candidate {
  readonly key: number
  readonly folder: object
  size: number
  mark: number
  /** It was left out after all. */
  absent: boolean
}

interface Mount {
  readonly path: string
  readonly inArchive: string
  readonly mounted: boolean
  readonly outer: Mount | undefined
  files: number
  bytes: number
}

interface Root {
  readonly name: string
  readonly origin: string
  readonly seed: number
  readonly index: number
  readonly rest: Counted
  /** Files in the root itself. */
  readonly own: Counted
  readonly folders: Map<string, Counted>
}

/** Takes every member of one archive, in their order. */
export class Gathering {
  readonly #scope: Scope
  readonly #roots: Root[]
  /** Of the backup before: its folders are listed again, its mounts are counted again. */
  readonly #before: Summary | undefined
  readonly #watched: ReadonlySet<string>
  readonly #hashes = new PathHashes()
  readonly #files = new Lowest<Candidate>()
  readonly #names = new Lowest<{ key: number; folder: object }>((one, other) => one.folder === other.folder)
  readonly #stems = new Lowest<{ key: number }>(() => true)
  readonly #mounts: Mount[] = []
  readonly #dumps = new Map<string, { path: string; bytes: number; tables: number; inserts: number }>()
  #root: Root | undefined
  #counted = 0
  #place: Counted | undefined
  /** Folder of the file before, and the hash of its path. */
  #above = nowhere
  #seed = 0
  #mount: Mount | undefined
  leftOut = 0

  constructor(scope: Scope, before?: Summary) {
    this.#scope = scope
    this.#before = before
    this.#watched = new Set(before?.mounts.map(({ path }) => path))
    this.#roots = scope.roots.map(({ name, origin }, index) => {
      const counted = (of: string | null): Counted => ({ root: index, name: of, files: 0, bytes: 0 })
      const seed = hashText(`${origin}\0`)
      return { name, origin, seed, index, rest: counted(null), own: counted(''), folders: new Map() }
    })
  }

  folder(path: string): void {
    const root = this.#enter(path)
    if (!root || root.origin === '') return
    const below = path.slice(root.name.length + 1)
    if (below !== '' && !below.includes('/')) this.#folderOf(root, below)
    const at = below === '' ? root.origin : `${root.origin === '/' ? '' : root.origin}/${below}`
    const mounted = this.#scope.mounts.has(path)
    if ((!mounted && !this.#watched.has(at)) || this.#mounts.length >= mostMounts) return
    this.#mount = { path: at, inArchive: path, mounted, outer: this.#mount, files: 0, bytes: 0 }
    this.#mounts.push(this.#mount)
  }

  /** A file on its way into the archive, not counted yet. What is returned waits for its content's mark. */
  pass(path: string, size: number): Candidate | undefined {
    const slash = path.lastIndexOf('/')
    // Most files come after another one of their folder.
    if (slash !== this.#above.length || !path.startsWith(this.#above)) this.#change(path, slash)
    const place = this.#place
    if (!place) return undefined
    const hashes = this.#hashes
    hashes.read(this.#seed, path, Math.max(slash, this.#above.length))
    if (size > 0) {
      const key = hashes.moved(size)
      if (key < this.#names.limit) this.#names.add({ key, folder: place })
    }
    if (hashes.stem !== 0 && hashes.stem < this.#stems.limit) this.#stems.add({ key: hashes.stem })
    if (hashes.path >= this.#files.limit) return undefined
    const candidate = {
      key: hashes.path,
      folder: place,
      size,
      mark: size === 0 ? emptyMark : unmarked,
      absent: false,
    }
    this.#files.add(candidate)
    return candidate
  }

  /** Where the file that has just passed is to be counted. */
  get place(): Counter | undefined {
    return this.#place
  }

  /** And the file system that it lies in, below a root's own. */
  get mount(): Counter | undefined {
    return this.#mount
  }

  /** A dump on its way; undefined for anything else. */
  dump(path: string, size: number): { tables: number; inserts: number } | undefined {
    const root = this.#enter(path)
    if (root?.origin !== '') return undefined
    const found = { path, bytes: size, tables: 0, inserts: 0 }
    if (this.#dumps.size < mostDumps) this.#dumps.set(path, found)
    return found
  }

  /** The next file lies in another folder than the one before. */
  #change(path: string, slash: number): void {
    const root = this.#enter(path)
    if (!root || root.origin === '') return
    const start = root.name.length
    const second = path.indexOf('/', start + 1)
    this.#place = second < 0 ? root.own : this.#folderOf(root, path.slice(start + 1, second))
    this.#above = path.slice(0, Math.max(slash, start))
    this.#seed = hashText(this.#above.slice(start), root.seed)
  }

  #enter(path: string): Root | undefined {
    this.#place = undefined
    this.#above = nowhere
    if (!this.#root || !isIn(path, this.#root.name)) {
      this.#root = this.#roots.find(({ name }) => isIn(path, name))
      this.#mount = undefined
    }
    while (this.#mount && !isIn(path, this.#mount.inArchive)) this.#mount = this.#mount.outer
    return this.#root
  }

  #folderOf(root: Root, name: string): Counted {
    const known = root.folders.get(name)
    if (known) return known
    if (this.#counted >= mostCounted) return root.rest
    this.#counted += 1
    const folder = { root: root.index, name, files: 0, bytes: 0 }
    root.folders.set(name, folder)
    return folder
  }

  summary(artifact: string, time: number): Summary {
    const roots = this.#roots.filter(({ origin }) => origin !== '')
    const { listed, at } = this.#listed(roots)
    const index = new Map(roots.map((root, number) => [root.index, number]))
    const { exclude, server, databases } = this.#scope
    const files = this.#files.settled().filter(({ absent }) => !absent)
    const names = this.#names.settled().map(({ key, folder }) => [key, at(folder)] as const)
    const stems = this.#stems.settled().map(({ key }) => key)
    return {
      artifact,
      time,
      exclude: [...exclude].sort(),
      ...(server === undefined ? {} : { server }),
      ...(databases === undefined ? {} : { databases: [...databases] }),
      roots: roots.map((root) => ({ origin: root.origin, ...sumOf([root.own, root.rest, ...root.folders.values()]) })),
      folders: listed.map((folder) => ({ ...folder, root: index.get(folder.root) ?? 0 })),
      mounts: this.#mounts.map(({ path, mounted, files: count, bytes }) => ({ path, mounted, files: count, bytes })),
      dumps: [...this.#dumps.values()],
      leftOut: this.leftOut,
      files: {
        limit: this.#files.limit,
        entries: files.map(({ key, size, mark, folder }) => ({
          ...{ key, size, mark },
          folder: at(folder),
          was: kindOf(mark),
        })),
      },
      names: { limit: this.#names.limit, entries: names },
      stems: { limit: this.#stems.limit, entries: stems },
    }
  }

  /** The folders that are listed: those of the backup before, and the largest. `at`: the index of one, or of the rest of its root. */
  #listed(roots: readonly Root[]): { listed: Counted[]; at: (folder: object) => number } {
    const before = this.#before
    const known = new Set(before?.folders.map(({ root, name }) => `${before.roots[root]?.origin}\0${name}`))
    const all = roots.flatMap((root) => [...root.folders.values()])
    const wanted = (folder: Counted) => known.has(`${this.#roots[folder.root]?.origin}\0${folder.name}`)
    const large = all.toSorted((one, other) => other.files - one.files || other.bytes - one.bytes)
    const chosen = new Set([...large.slice(0, mostFolders), ...all.filter(wanted)])
    const places = new Map<object, number>()
    const listed: Counted[] = []
    for (const root of roots) {
      const own = { ...root.own }
      const rest = { ...root.rest }
      places.set(root.own, listed.push(own) - 1)
      const others = listed.push(rest) - 1
      places.set(root.rest, others)
      for (const folder of root.folders.values()) {
        if (chosen.has(folder)) places.set(folder, listed.push({ ...folder }) - 1)
        else {
          places.set(folder, others)
          rest.files += folder.files
          rest.bytes += folder.bytes
        }
      }
    }
    return { listed, at: (folder) => places.get(folder) ?? 0 }
  }
}

/** Where files are counted. */
export interface Counter {
  files: number
  bytes: number
}

function isIn(path: string, folder: string): boolean {
  return path.startsWith(folder) && (path.length === folder.length || path.charCodeAt(folder.length) === 0x2f)
}

export function sumOf(amounts: Iterable<Amount>): { files: number; bytes: number } {
  const sum = { files: 0, bytes: 0 }
  for (const { files, bytes } of amounts) {
    sum.files += files
    sum.bytes += bytes
  }
  return sum
}

/** Names of folders that are made to be emptied. */
const passing =
  /^\.?(?:downloads?|t[ée]l[ée]chargements?|te?mp|caches?|trash(?:-\d+)?|corbeille|\$recycle\.bin|lost\+found)$/iu

/** Its content is meant to stay. */
export function isLasting({ name }: Pick<FolderSummary, 'name'>): boolean {
  return name === null || !passing.test(name.normalize('NFC'))
}

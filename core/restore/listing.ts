// What is in a backup, on this computer's disk while somebody looks into it: folder by folder, in pages, and all of it in the order of the archive.
// Guarantees: memory does not grow with the entries, neither while it is made nor while it is read; a page of a folder is found without reading others. It is made
// in a private folder; who has made it removes it. Does not know where the entries come from, nor whether they are true.
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArchiveEntry } from '../api/model.ts'
import { fromErrno } from '../lib/files.ts'
import { pauses } from '../lib/pause.ts'
import { onDisk, renamed } from './disk.ts'
import { Sorted } from './sorted.ts'
import { linesForwards } from './spool.ts'

export type ListedEntry = ArchiveEntry & { readonly target?: string }

/** A direct member of a folder, with what is below it: a file counts itself. */
export type Child = ArchiveEntry & { name: string; files: number; bytes: number }

const files = {
  /** One a line, in the order of the archive. */
  entries: 'entries',
  /** One a line: by the folder they are in, folders first, then by name. */
  children: 'children',
  /** Where each line of `children` begins: eight bytes each. */
  places: 'places',
}

export interface Total {
  readonly entries: number
  /** All that is no folder. */
  readonly files: number
  readonly bytes: number
  /** First parts of the paths. */
  readonly top: readonly string[]
}

/** More top folders than any archive has in earnest. */
const mostAtTop = 10_000

export class ListingWriter {
  readonly #folder: string
  readonly #entries: LinesOut

  /** Makes the folder, whose parent is there. */
  static async begin(folder: string): Promise<ListingWriter> {
    await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
      throw fromErrno(error, { path: folder })
    })
    return new ListingWriter(folder)
  }

  private constructor(folder: string) {
    this.#folder = folder
    this.#entries = new LinesOut(join(folder, files.entries))
  }

  add(entry: ListedEntry): void {
    this.#entries.add(JSON.stringify(entry))
  }

  /** Nothing can be added after it. `fits`: other entries are left out after all. */
  async finish(fits?: (path: string) => boolean): Promise<Total> {
    this.#entries.close()
    if (fits) this.#only(fits)
    const pause = pauses()
    const byPath = new Sorted<Keyed>(this.#folder, 'paths', pathOrder)
    const children = new Sorted<Child>(this.#folder, 'folders', childOrder)
    try {
      const total = { entries: 0, files: 0, bytes: 0 }
      const top = new Set<string>()
      for (const entry of entriesIn(this.#folder)) {
        total.entries += 1
        if (entry.type !== 'folder') total.files += 1
        total.bytes += entry.size
        if (top.size < mostAtTop) top.add(entry.path.split('/', 1)[0] as string)
        const { path, type, size, mtime } = entry
        if (isBelow(path)) byPath.add([path.replaceAll('/', separator), type, size, mtime])
        if (pause.due()) await pause.take()
      }
      const tree = new Tree((child) => children.add(child))
      for (const keyed of byPath.all()) {
        tree.take(keyed)
        if (pause.due()) await pause.take()
      }
      tree.end()
      const [lines, places] = [this.#out(files.children), this.#out(files.places)]
      for (const child of children.all()) {
        places.bytes(eight(lines.length))
        lines.add(JSON.stringify(child))
        if (pause.due()) await pause.take()
      }
      lines.close()
      places.close()
      return { ...total, top: [...top] }
    } finally {
      byPath.close()
      children.close()
    }
  }

  #out(name: string): LinesOut {
    return new LinesOut(join(this.#folder, name))
  }

  #only(fits: (path: string) => boolean): void {
    const path = join(this.#folder, files.entries)
    const fewer = new LinesOut(`${path}.fewer`)
    for (const entry of entriesIn(this.#folder)) if (fits(entry.path)) fewer.add(JSON.stringify(entry))
    fewer.close()
    renamed(`${path}.fewer`, path)
  }
}

export function removeListing(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

function* entriesIn(folder: string): Generator<ListedEntry> {
  for (const line of linesForwards(join(folder, files.entries))) yield JSON.parse(line) as ListedEntry
}

/** Sorts before all that names hold: what is below a folder comes right after it. */
const separator = '\0'

/** Deeper than any path that can be restored. */
const deepest = 4096

/** Nobody can choose what has an absolute path, or none. */
function isBelow(path: string): boolean {
  return path !== '' && !path.startsWith('/') && (path.length < deepest || path.split('/').length < deepest)
}

type Keyed = readonly [key: string, type: ArchiveEntry['type'], size: number, mtime: number]

function compared(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

const pathOrder = {
  compare: (a: Keyed, b: Keyed) => compared(a[0], b[0]),
  weigh: ([key]: Keyed) => 100 + 2 * key.length,
}

const names = new Intl.Collator()

const childOrder = {
  compare: (a: Child, b: Child) =>
    compared(parentOf(a), parentOf(b)) ||
    rank(a) - rank(b) ||
    names.compare(a.name, b.name) ||
    compared(a.name, b.name),
  weigh: ({ path }: Child) => 300 + 2 * path.length,
}

function rank({ type }: Child): number {
  return type === 'folder' ? 0 : 1
}

function parentOf({ path, name }: Child): string {
  return path.slice(0, Math.max(0, path.length - name.length - 1))
}

interface Node {
  readonly key: string
  type: ArchiveEntry['type']
  size: number
  mtime: number
  files: number
  bytes: number
}

/** Sums up what is below each folder. Gets entries in the order of their paths; a folder that no entry names is there too. */
class Tree {
  readonly #open: Node[] = []
  readonly #found: (child: Child) => void

  constructor(found: (child: Child) => void) {
    this.#found = found
  }

  take([key, type, size, mtime]: Keyed): void {
    while (this.#open.length > 0 && !this.#holds(key)) this.#leave()
    const above = this.#open.at(-1)
    if (above?.key === key) Object.assign(above, { type, size, mtime })
    else {
      const start = above ? above.key.length + 1 : 0
      for (let at = key.indexOf(separator, start); at !== -1; at = key.indexOf(separator, at + 1))
        this.#enter({ key: key.slice(0, at), type: 'folder', size: 0, mtime: 0 })
      this.#enter({ key, type, size, mtime })
    }
    const node = this.#open.at(-1) as Node
    if (type !== 'folder') node.files += 1
    node.bytes += size
  }

  end(): void {
    while (this.#open.length > 0) this.#leave()
  }

  #holds(key: string): boolean {
    const above = (this.#open.at(-1) as Node).key
    return key.startsWith(above) && (key.length === above.length || key[above.length] === separator)
  }

  #enter(node: Omit<Node, 'files' | 'bytes'>): void {
    this.#open.push({ ...node, files: 0, bytes: 0 })
  }

  #leave(): void {
    const { key, type, size, mtime, files, bytes } = this.#open.pop() as Node
    const above = this.#open.at(-1)
    if (above) {
      above.files += files
      above.bytes += bytes
    }
    const name = key.slice(key.lastIndexOf(separator) + 1)
    this.#found({ path: key.replaceAll(separator, '/'), name, type, size, mtime, files, bytes })
  }
}

/** Written at once in pieces of this many bytes. */
const piece = 64 * 1024

class LinesOut {
  readonly #path: string
  readonly #file: number
  #waiting: Buffer[] = []
  #held = 0
  /** Bytes so far. */
  length = 0

  constructor(path: string) {
    this.#path = path
    this.#file = onDisk(path, () => openSync(path, 'wx', 0o600))
  }

  add(line: string): void {
    this.bytes(Buffer.from(`${line}\n`))
  }

  bytes(data: Buffer): void {
    this.#waiting.push(data)
    this.length += data.length
    this.#held += data.length
    if (this.#held > piece) this.#flush()
  }

  close(): void {
    this.#flush()
    closeSync(this.#file)
  }

  #flush(): void {
    const data = Buffer.concat(this.#waiting)
    for (let at = 0; at < data.length; ) at += onDisk(this.#path, () => writeSync(this.#file, data, at))
    this.#waiting = []
    this.#held = 0
  }
}

function eight(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return bytes
}

/** A listing that has been made. */
export class Listing {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** In the order of the archive. */
  all(): Iterable<ListedEntry> {
    return entriesIn(this.#folder)
  }

  /** The direct members of a folder ('' = top), folders first, each with what is below it. */
  async children(folder: string, offset: number, limit: number): Promise<{ entries: Child[]; total: number }> {
    const pages = await Pages.open(this.#folder)
    try {
      const first = await pages.firstThat((parent) => parent >= folder)
      const end = await pages.firstThat((parent) => parent > folder, first)
      const from = Math.min(first + offset, end)
      return { entries: await pages.read(from, Math.min(from + limit, end)), total: end - first }
    } finally {
      await pages.close()
    }
  }
}

/** Lines by their number. */
class Pages {
  readonly #children: FileHandle
  readonly #places: FileHandle
  readonly #count: number
  readonly #size: number

  static async open(folder: string): Promise<Pages> {
    const children = await open(join(folder, files.children))
    try {
      const places = await open(join(folder, files.places))
      return new Pages(children, places, { count: (await places.stat()).size / 8, size: (await children.stat()).size })
    } catch (error) {
      await children.close()
      throw error
    }
  }

  private constructor(children: FileHandle, places: FileHandle, { count, size }: { count: number; size: number }) {
    this.#children = children
    this.#places = places
    this.#count = count
    this.#size = size
  }

  /** The number of the first line from `low` on whose folder is like this; all after it are. */
  async firstThat(fits: (parent: string) => boolean, low = 0): Promise<number> {
    let [from, to] = [low, this.#count]
    while (from < to) {
      const middle = Math.floor((from + to) / 2)
      const [child] = await this.read(middle, middle + 1)
      if (child && fits(parentOf(child))) to = middle
      else from = middle + 1
    }
    return from
  }

  async read(from: number, to: number): Promise<Child[]> {
    if (from >= to) return []
    const start = await this.#place(from)
    const data = Buffer.alloc((await this.#place(to)) - start)
    await this.#children.read(data, 0, data.length, start)
    return data
      .toString('utf8')
      .split('\n')
      .slice(0, to - from)
      .map((line) => JSON.parse(line) as Child)
  }

  async close(): Promise<void> {
    await this.#children.close()
    await this.#places.close()
  }

  async #place(number: number): Promise<number> {
    if (number >= this.#count) return this.#size
    const { buffer } = await this.#places.read(Buffer.alloc(8), 0, 8, number * 8)
    return buffer.readDoubleLE()
  }
}

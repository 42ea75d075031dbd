// How many files a tree has, and their bytes: folder by folder, in as many threads as there are, because a disk in memory is faster than one.
// Guarantees: counts what folders.ts would read: the same walk, a file with several names once. What cannot be looked at counts as nothing.
import type { Root } from '../archive/archive.ts'
import { throwIfCancelled } from '../lib/bytes.ts'
import { type Done, inlinePool, type Pool } from '../lib/pool.ts'
import { type Exclusion, exclusion } from './exclude.ts'
import type { Estimate } from './source.ts'
import { exactly, type Folder, inFolder, look } from './walk.ts'

export interface CountTask {
  readonly do: 'count'
  readonly folders: readonly Folder[]
  /** See exclude.ts. */
  readonly exclude: readonly string[]
}

/** A file with several names: how many more there are, and what it is counted with at the first. */
interface Several {
  readonly inode: string
  readonly names: number
  readonly bytes: number
}

export interface Counted extends Estimate {
  readonly several: readonly Several[]
  /** Folders that were found and not looked into. */
  readonly folders: readonly Folder[]
}

/** After so many names a task ends with what it has not looked into, so that others can. */
const namesAtOnce = 4000

/** Folders that one task gets at the most. */
const foldersAtOnce = 64

const quietly = () => undefined

/** Carries out a task, in whatever thread. */
export function countFolders({ folders, exclude }: CountTask): Done<Counted> {
  const excluded = exclusionOf(exclude)
  const left = [...folders]
  const several: Several[] = []
  const total = { files: 0, bytes: 0 }
  for (let seen = 0; seen < namesAtOnce; ) {
    const folder = left.pop()
    if (!folder) break
    for (const { at, stat, below } of inFolder(folder, excluded, quietly)) {
      seen += 1
      if (below) left.push(below)
      else if (stat.isFile() && stat.nlink > 1) several.push(...severalNames(at))
      else if (stat.isFile() || stat.isSymbolicLink()) {
        total.files += 1
        if (stat.isFile()) total.bytes += stat.size
      }
    }
  }
  return { answer: { ...total, several, folders: left } }
}

function severalNames(at: string): Several[] {
  const stat = exactly(at, quietly)
  return stat ? [{ inode: `${stat.dev}:${stat.ino}`, names: Number(stat.nlink), bytes: Number(stat.size) }] : []
}

/** The last one is remembered: all tasks of a run have the same. */
let last: { readonly key: string; readonly excluded: Exclusion } | undefined

function exclusionOf(patterns: readonly string[]): Exclusion {
  const key = patterns.join('\0')
  if (last?.key !== key) last = { key, excluded: exclusion(patterns) }
  return last.excluded
}

/** Throws `cancelled` as soon as it is, whatever the threads still do. */
export async function countTrees(
  roots: readonly Root[],
  exclude: readonly string[],
  signal: AbortSignal,
  pool: Pool<CountTask, Counted> = inlinePool(countFolders),
): Promise<Estimate> {
  const sum = new Sum()
  const folders: Folder[] = []
  for (const { origin } of roots) {
    const stat = look(origin, quietly)
    if (stat?.isDirectory()) folders.push({ at: origin, device: stat.dev })
    else if (stat?.isFile() && stat.nlink > 1) sum.several(severalNames(origin))
    else if (stat) sum.add({ files: 1, bytes: stat.isFile() ? stat.size : 0 })
  }
  const cancelled = abortion(signal)
  const going = new Set<Promise<unknown>>()
  try {
    while (folders.length > 0 || going.size > 0) {
      throwIfCancelled(signal)
      while (folders.length > 0 && going.size < 2 * pool.width) {
        const some = folders.splice(0, Math.min(foldersAtOnce, Math.ceil(folders.length / pool.width)))
        const task = pool.run({ do: 'count', folders: some, exclude }).then((counted) => {
          going.delete(task)
          sum.add(counted)
          sum.several(counted.several)
          folders.push(...counted.folders)
        })
        task.catch(quietly)
        going.add(task)
      }
      await Promise.race([...going, cancelled.promise])
    }
  } finally {
    cancelled.forget()
  }
  return sum.total
}

class Sum {
  readonly total = { files: 0, bytes: 0 }
  /** Names that are yet to come, by inode. */
  readonly #names = new Map<string, number>()

  add({ files, bytes }: Estimate): void {
    this.total.files += files
    this.total.bytes += bytes
  }

  /** Each name is a file in the archive; the content is there once. */
  several(found: readonly Several[]): void {
    for (const { inode, names, bytes } of found) {
      const left = this.#names.get(inode)
      this.add({ files: 1, bytes: left === undefined ? bytes : 0 })
      const next = (left ?? names) - 1
      if (next > 0) this.#names.set(inode, next)
      else this.#names.delete(inode)
    }
  }
}

/** A promise that settles when the signal is aborted. */
function abortion(signal: AbortSignal): { promise: Promise<void>; forget: () => void } {
  let forget: () => void = quietly
  const promise = new Promise<void>((resolve) => {
    const aborted = () => resolve()
    signal.addEventListener('abort', aborted, { once: true })
    forget = () => signal.removeEventListener('abort', aborted)
  })
  return { promise, forget }
}

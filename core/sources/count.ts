// How many files a tree has, and their bytes: folder by folder, in as many threads as there are, because a disk in memory is faster than one.
// Guarantees: counts what folders.ts would read: the same walk, a file with several names once. What cannot be looked at counts as nothing.
import type { BigIntStats, Stats } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import type { Root } from '../archive/archive.ts'
import { throwIfCancelled } from '../lib/bytes.ts'
import { fsPath } from '../lib/paths.ts'
import type { Done, Pool } from '../lib/pool.ts'
import { type ContentCount, ContentSample } from './content-sample.ts'
import { type Excluded, exclusion } from './exclude.ts'
import type { Exclusion } from './exclusion.ts'
import { Disks } from './file-systems.ts'
import { fileKey } from './links.ts'
import { exactly, type Folder, inFolder, look, topFolder } from './walk.ts'

export interface CountTask {
  readonly do: 'count'
  readonly folders: readonly Folder[]
  /** See exclude.ts. */
  readonly exclude: Excluded
  /** Limit of names for one task: it ends there, and returns the folders that it has not looked into for other tasks. */
  readonly names: number
}

/** A file with several names: how many more there are, and what it is counted with at the first. */
interface Several {
  readonly at: string
  readonly key: string
  readonly names: number
  readonly bytes: number
  readonly disk: number
}

interface Totals {
  readonly files: number
  readonly bytes: number
  readonly disk: number
}

export interface Counted extends Totals {
  readonly content: ContentCount
  readonly several: readonly Several[]
  /** Folders that were found and not looked into. */
  readonly folders: readonly Folder[]
}

/** For a thread; and for the thread that gives out the work, which does some of it itself as long as it would only wait. */
const namesAtOnce = { there: 10_000, here: 1000 }

/** A tree of fewer names is counted before other threads have started and are warm. */
export const worthAThread = 30_000

/** Folders that one task gets at the most. */
const foldersAtOnce = 64

const quietly = () => undefined

/** Carries out a task, in whatever thread. */
export function countFolders({ folders, exclude, names }: CountTask): Done<Counted> {
  const excluded = exclusionOf(exclude)
  const left = [...folders]
  const several: Several[] = []
  const total = { files: 0, bytes: 0, disk: 0 }
  const sample = new ContentSample()
  for (let seen = 0; seen < names; ) {
    const folder = left.pop()
    if (!folder) break
    for (const { at, stat, below } of inFolder(folder, excluded, quietly)) {
      seen += 1
      if (below) left.push(below)
      else if (stat.isFile() && stat.nlink > 1) several.push(...severalNames(at))
      else if (stat.isFile() || stat.isSymbolicLink()) {
        total.files += 1
        if (stat.isFile()) {
          const disk = onDisk(stat, at)
          total.bytes += stat.size
          total.disk += disk
          sample.add(at, stat.size, disk)
        }
      }
    }
  }
  return { answer: { ...total, content: sample.count(), several, folders: left } }
}

const disks = new Disks()

/** Bytes that a file takes on its disk, at the most its size. A file system that counts no blocks is not believed. */
function onDisk({ size, blocks, dev }: Pick<Stats, 'size' | 'blocks' | 'dev'>, at: string): number {
  const taken = blocks * 512
  if (taken >= size || (taken === 0 && !disks.has(BigInt(dev), fsPath(at)))) return size
  return taken
}

/** The numbers of a stat of great numbers that are small enough. */
function plainly({ size, blocks, dev }: BigIntStats): Pick<Stats, 'size' | 'blocks' | 'dev'> {
  return { size: Number(size), blocks: Number(blocks), dev: Number(dev) }
}

function severalNames(at: string): Several[] {
  const stat = exactly(at, quietly)
  return stat
    ? [{ at, key: fileKey(stat), names: Number(stat.nlink), bytes: Number(stat.size), disk: onDisk(plainly(stat), at) }]
    : []
}

/** The last one is remembered: all tasks of a run have the same. */
let last: { readonly key: string; readonly excluded: Exclusion } | undefined

function exclusionOf(exclude: Excluded): Exclusion {
  const key = JSON.stringify(exclude)
  if (last?.key !== key) last = { key, excluded: exclusion(exclude) }
  return last.excluded
}

/** Throws `cancelled` as soon as it is, whatever the threads still do. `pool`: absent, all is done here. */
export async function countTrees(
  roots: readonly Root[],
  exclude: Excluded,
  signal: AbortSignal,
  pool?: Pool<CountTask, Counted>,
): Promise<Totals & { readonly content: ContentCount }> {
  const sum = new Sum()
  const folders = topFolders(roots, sum)
  const cancelled = abortion(signal)
  const going = new Set<Promise<unknown>>()
  let failure: { readonly reason: unknown } | undefined
  let seen = 0
  const take = (counted: Counted) => {
    sum.take(counted)
    folders.push(...counted.folders)
  }
  const giveOut = (to: Pool<CountTask, Counted>) => {
    const some = folders.splice(0, Math.min(foldersAtOnce, Math.ceil(folders.length / (to.width + 1))))
    const counted = to.run({ do: 'count', folders: some, exclude, names: namesAtOnce.there }).then(take)
    // What a task did not count must not be missing in silence.
    const failed = (reason: unknown) => {
      failure ??= { reason }
    }
    const task: Promise<unknown> = counted.catch(failed).finally(() => going.delete(task))
    going.add(task)
  }
  try {
    while (folders.length > 0 || going.size > 0) {
      throwIfCancelled(signal)
      if (failure) throw failure.reason
      while (pool && seen > worthAThread && folders.length > 1 && going.size < Math.max(1, pool.width - 1))
        giveOut(pool)
      if (folders.length === 0) await Promise.race([...going, cancelled.promise])
      else {
        const some = folders.splice(-1)
        const { answer } = countFolders({ do: 'count', folders: some, exclude, names: namesAtOnce.here })
        take(answer)
        seen += answer.files + answer.several.length + answer.folders.length
        await setImmediate()
      }
    }
  } finally {
    cancelled.forget()
  }
  if (failure) throw failure.reason
  return { ...sum.total, content: sum.sample.count() }
}

/** Counts the roots themselves. */
function topFolders(roots: readonly Root[], sum: Sum): Folder[] {
  const folders: Folder[] = []
  for (const { origin } of roots) {
    const stat = look(origin, quietly)
    const counted = { files: 0, bytes: 0, disk: 0, several: [], folders: [], content: nothing }
    if (stat?.isDirectory()) folders.push(topFolder(origin, stat))
    else if (stat?.isFile() && stat.nlink > 1) sum.take({ ...counted, several: severalNames(origin) })
    else if (stat?.isFile()) {
      const disk = onDisk(stat, origin)
      sum.take({ ...counted, files: 1, bytes: stat.size, disk })
      sum.sample.add(origin, stat.size, disk)
    } else if (stat) sum.take({ ...counted, files: 1 })
  }
  return folders
}

const nothing: ContentCount = { packed: 0, other: 0, sample: [] }

class Sum {
  readonly total = { files: 0, bytes: 0, disk: 0 }
  readonly sample = new ContentSample()
  /** Names that are yet to come, by file. */
  readonly #names = new Map<string, number>()

  /** Of a file with several names each is a file in the archive; the content is there once. */
  take({ files, bytes, disk, several, content: kinds }: Counted): void {
    this.total.files += files + several.length
    this.total.bytes += bytes
    this.total.disk += disk
    this.sample.merge(kinds)
    for (const { at, key, names, bytes: content, disk: taken } of several) {
      const left = this.#names.get(key)
      if (left === undefined) {
        this.total.bytes += content
        this.total.disk += taken
        this.sample.add(at, content, taken)
      }
      const next = (left ?? names) - 1
      if (next > 0) this.#names.set(key, next)
      else this.#names.delete(key)
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

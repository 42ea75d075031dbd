// Walks trees with lstat: every path once, parents before children, names in a stable order. Symlinks are never followed.
// Guarantees: a part that cannot be read or has vanished is told through `warn` and left out, never thrown; memory is bounded by the names of
// the folders on the way down. Crosses mount points, but does not descend into the kernel's own file systems (proc, sys…): they hold no data.
import { type BigIntStats, type Dir, lstatSync, opendirSync, readdirSync, type Stats } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Problem } from '../api/failure.ts'
import type { Root } from '../archive/archive.ts'
import { decodeName, fsPath } from '../lib/paths.ts'
import type { Exclusion } from './exclusion.ts'
import { isKernelOwn } from './file-systems.ts'

export interface Found {
  /** In the archive: `/` between parts, starts with the root's name. */
  readonly path: string
  /** Absolute, on this machine. */
  readonly at: string
  /** To the millisecond and to 53 bits, which is a fifth faster: see `exactly` for more. */
  readonly stat: Stats
}

/** A folder to look into, by its absolute path, and what it is: the numbers of its file system and of itself. */
export interface Folder {
  readonly at: string
  readonly dev: number
  readonly ino: number
  /** Characters of `at` before the name of the chosen folder. */
  readonly base: number
}

export function topFolder(at: string, { dev, ino }: Stats): Folder {
  return { at, dev, ino, base: at.length - basename(at).length }
}

interface Level extends Folder {
  readonly path: string
  readonly names: readonly string[]
  next: number
}

type Warn = (problem: Problem) => void

/** `mounts` gets the path of each folder in which another file system begins, before it is given out. */
export function* walk(
  roots: readonly Root[],
  exclusion: Exclusion,
  warn: Warn,
  mounts?: Set<string>,
): Generator<Found> {
  for (const root of roots) {
    const top = look(root.origin, warn)
    if (!top) continue
    if (mounts && isMountPoint(root.origin, top)) mounts.add(root.name)
    yield { path: root.name, at: root.origin, stat: top }
    if (top.isDirectory()) yield* below(root, top, exclusion, warn, mounts)
  }
}

/** Seen from the folder above; a root that cannot be seen from there counts as none. */
function isMountPoint(origin: string, top: Stats): boolean {
  return top.isDirectory() && (look(dirname(origin), () => undefined)?.dev ?? top.dev) !== top.dev
}

function* below(
  root: Root,
  top: Stats,
  exclusion: Exclusion,
  warn: Warn,
  mounts: Set<string> | undefined,
): Generator<Found> {
  const levels = [descend(root.name, topFolder(root.origin, top), exclusion, warn)]
  for (let level = levels[0]; level; level = levels.at(-1)) {
    const name = level.names[level.next++]
    if (name === undefined) {
      levels.pop()
      continue
    }
    const found = child(level, name, exclusion, warn)
    if (!found) continue
    const path = `${level.path}/${name}`
    if (found.below && found.below.dev !== level.dev) mounts?.add(path)
    yield { path, at: found.at, stat: found.stat }
    if (found.below) levels.push(descend(path, found.below, exclusion, warn))
  }
}

export interface Child {
  readonly at: string
  readonly stat: Stats
  /** A folder whose content belongs to the tree. */
  readonly below?: Folder
}

/** What is in one folder, in no promised order. */
export function* inFolder(folder: Folder, exclusion: Exclusion, warn: Warn): Generator<Child> {
  for (const name of names(folder, exclusion, warn)) {
    const found = child(folder, name, exclusion, warn)
    if (found) yield found
  }
}

function child(folder: Folder, name: string, exclusion: Exclusion, warn: Warn): Child | undefined {
  const at = folder.at.endsWith('/') ? folder.at + name : `${folder.at}/${name}`
  const stat = look(at, warn)
  if (!stat || exclusion.excludes(at, name, stat, folder.base)) return undefined
  if (!stat.isDirectory() || (stat.dev !== folder.dev && isKernelOwn(at))) return { at, stat }
  return { at, stat, below: { at, dev: stat.dev, ino: stat.ino, base: folder.base } }
}

/** What can be known at once, without following a symlink; what cannot be looked at is told through `warn`. */
export function look(at: string, warn: Warn): Stats | undefined {
  try {
    return lstatSync(fsPath(at))
  } catch (error) {
    warn(leftOut(at, error))
    return undefined
  }
}

/** All that is known of a path, without following a symlink; what cannot be looked at is told through `warn`. */
export function exactly(at: string, warn: Warn): BigIntStats | undefined {
  try {
    return lstatSync(fsPath(at), { bigint: true })
  } catch (error) {
    warn(leftOut(at, error))
    return undefined
  }
}

function descend(path: string, folder: Folder, exclusion: Exclusion, warn: Warn): Level {
  return { ...folder, path, names: names(folder, exclusion, warn).sort(), next: 0 }
}

function names(folder: Folder, exclusion: Exclusion, warn: Warn): string[] {
  const found = listed(folder.at, warn)
  const own = exclusion.within(folder)
  return own ? found.filter((name) => !own.has(name)) : found
}

function listed(at: string, warn: Warn): string[] {
  try {
    return listNames(at)
  } catch (error) {
    warn(leftOut(at, error))
    return namesUntil(at)
  }
}

/** The names that come before a listing fails. */
function namesUntil(at: string): string[] {
  const found: string[] = []
  try {
    const listing = opendirSync(fsPath(at) as string, { bufferSize: 1, encoding: 'buffer' as BufferEncoding })
    try {
      for (;;) {
        const name = nextName(listing)
        if (name === undefined) break
        found.push(name)
      }
    } finally {
      listing.closeSync()
    }
  } catch {
    // It was told already.
  }
  return found
}

function nextName(listing: Dir): string | undefined {
  try {
    const entry = listing.readSync()
    return entry === null ? undefined : decodeName(entry.name as unknown as Buffer)
  } catch (error) {
    const { syscall, path } = error as NodeJS.ErrnoException
    // Where a listing has no types, Node looks at each name; one that cannot be looked at is told when its turn comes.
    if (syscall !== 'lstat' || path === undefined) throw error
    return decodeName(Buffer.from(path)).split('/').at(-1)
  }
}

/** As strings first, which is faster; a replacement character means that some name may not be UTF-8. */
function listNames(at: string): string[] {
  const names = readdirSync(fsPath(at))
  if (!names.some((name) => name.includes('\ufffd'))) return names
  return readdirSync(fsPath(at), { encoding: 'buffer' }).map(decodeName)
}

/** The warning for something that a run leaves out because of `error`. */
export function leftOut(path: string, error: unknown): Problem {
  const reason = (error as NodeJS.ErrnoException).code
  if (reason === undefined) throw error
  if (reason === 'ENOENT' || reason === 'ENOTDIR') return { code: 'file-vanished', details: { path } }
  return { code: 'file-unreadable', details: { path, reason } }
}

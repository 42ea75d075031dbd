// Walks trees with lstat: every path once, parents before children, names in a stable order. Symlinks are never followed.
// Guarantees: a part that cannot be read or has vanished is told through `warn` and left out, never thrown; memory is bounded by the names of
// the folders on the way down. Crosses mount points, but does not descend into the kernel's own file systems (proc, sys…): they hold no data.
import { type BigIntStats, lstatSync, readdirSync, type Stats, statfsSync } from 'node:fs'
import type { Problem } from '../api/failure.ts'
import type { Root } from '../archive/archive.ts'
import { decodeName, fsPath } from '../lib/paths.ts'
import type { Exclusion } from './exclude.ts'

export interface Found {
  /** In the archive: `/` between parts, starts with the root's name. */
  readonly path: string
  /** Absolute, on this machine. */
  readonly at: string
  /** To the millisecond and to 53 bits, which is a fifth faster: see `exactly` for more. */
  readonly stat: Stats
}

/** A folder to look into, by its absolute path, and the file system it is on. */
export interface Folder {
  readonly at: string
  readonly device: number
}

interface Level extends Folder {
  readonly path: string
  readonly names: readonly string[]
  next: number
}

type Warn = (problem: Problem) => void

export function* walk(roots: readonly Root[], exclusion: Exclusion, warn: Warn): Generator<Found> {
  for (const root of roots) {
    const top = look(root.origin, warn)
    if (!top) continue
    yield { path: root.name, at: root.origin, stat: top }
    if (top.isDirectory()) yield* below(root, top, exclusion, warn)
  }
}

function* below(root: Root, top: Stats, exclusion: Exclusion, warn: Warn): Generator<Found> {
  const levels = [descend(root.name, { at: root.origin, device: top.dev }, warn)]
  for (let level = levels[0]; level; level = levels.at(-1)) {
    const name = level.names[level.next++]
    if (name === undefined) {
      levels.pop()
      continue
    }
    const found = child(level, name, exclusion, warn)
    if (!found) continue
    const path = `${level.path}/${name}`
    yield { path, at: found.at, stat: found.stat }
    if (found.below) levels.push(descend(path, found.below, warn))
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
  for (const name of names(folder.at, warn)) {
    const found = child(folder, name, exclusion, warn)
    if (found) yield found
  }
}

function child(folder: Folder, name: string, exclusion: Exclusion, warn: Warn): Child | undefined {
  const at = folder.at.endsWith('/') ? folder.at + name : `${folder.at}/${name}`
  const stat = look(at, warn)
  const isFolder = stat?.isDirectory() ?? false
  if (!stat || exclusion.excludes(at, name, isFolder)) return undefined
  if (!isFolder || (stat.dev !== folder.device && isKernelOwn(at))) return { at, stat }
  return { at, stat, below: { at, device: stat.dev } }
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

function descend(path: string, folder: Folder, warn: Warn): Level {
  return { ...folder, path, names: names(folder.at, warn).sort(), next: 0 }
}

function names(at: string, warn: Warn): string[] {
  try {
    return listNames(at)
  } catch (error) {
    warn(leftOut(at, error))
    return []
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

/** Linux, include/uapi/linux/magic.h: file systems that only show the kernel's state. Autofs counts too: looking would mount. */
const kernelOwn = new Set([
  0x9fa0, 0x62656572, 0x1cd1, 0x27e0eb, 0x63677270, 0x64626720, 0x74726163, 0x73636673, 0xcafe4a11, 0x6165676c,
  0xde5e81e4, 0x62656570, 0x958458f6, 0x19800202, 0x65735543, 0x0187, 0x42494e4d, 0xf97cff8c, 0x6e736673,
])

function isKernelOwn(at: string): boolean {
  try {
    return process.platform === 'linux' && kernelOwn.has(statfsSync(fsPath(at)).type >>> 0)
  } catch {
    // Cannot be asked: reading it will tell.
    return false
  }
}

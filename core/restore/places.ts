// Where parts of an archive go on this machine, and what stands there already.
// Guarantees: nothing is followed below the chosen folder: a symlink in a folder's place is an existing thing that is not a folder.
// Writes nothing.
import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { Failure } from '../api/failure.ts'
import type { Entry, Parent, Root } from '../archive/archive.ts'
import { fsPath } from '../lib/paths.ts'
import { below, identity, look, onDisk } from './disk.ts'
import { safeParts } from './names.ts'

/** The part of the archive at or below `at` ('' = all of it) goes to `target`: absolute, every parent of it real. */
export interface Place {
  readonly at: string
  readonly target: string
  /** Number of the device on which `baseOf(target)` was when it was looked at. */
  readonly device?: string
  /** The original place: what the folders above it were, the nearest first, as far as that is known. */
  readonly above?: readonly (Omit<Parent, 'path'> | undefined)[]
}

/** One place for all that goes into a folder; the folder itself may be a symlink: it was chosen by a person. */
export function placeInto(folder: string): Place[] {
  if (!isAbsolute(folder)) throw new Failure('bad-input', { field: 'into', path: folder })
  const path = resolve(folder)
  return [{ at: '', target: look(path)?.isSymbolicLink() ? realpath(path) : canonical(path) }]
}

/** A place for each root, or Failure `origin-unknown` when a root does not say where it came from in the words of this system. */
export function placeAtOrigins(
  roots: readonly (Omit<Root, 'origin'> & { readonly origin?: string | undefined })[],
  parents: readonly Parent[] = [],
): Place[] {
  if (roots.length === 0) throw new Failure('origin-unknown', { name: '' })
  const were = new Map(parents.map(({ path, mode, uid, gid }) => [path, { mode, uid, gid }]))
  return roots.map(({ name, origin }) => {
    const parts = safeParts(name)
    const usable =
      Array.isArray(parts) && parts.length === 1 && origin !== undefined && isAbsolute(origin) && !origin.includes('\0')
    if (!usable || (process.platform === 'win32') !== /^[a-z]:/i.test(origin))
      throw new Failure('origin-unknown', { name })
    const above = ancestorsOf(resolve(origin)).map((path) => were.get(path))
    return { at: name, target: canonical(resolve(origin)), above }
  })
}

/** The folders above, the nearest first, without the top of all. */
export function ancestorsOf(path: string): string[] {
  const ancestors: string[] = []
  for (let above = dirname(path); above !== dirname(above); above = dirname(above)) ancestors.push(above)
  return ancestors
}

/** Parents resolved as far as they exist; the last part as it stands. */
function canonical(path: string): string {
  const parent = dirname(path)
  if (parent === path) return path
  return join(realParent(parent), basename(path))
}

function realParent(path: string): string {
  const parent = dirname(path)
  return parent === path || look(path) ? realpath(path) : join(realParent(parent), basename(path))
}

function realpath(path: string): string {
  const given = fsPath(path)
  return typeof given === 'string' ? onDisk(path, () => realpathSync.native(given)) : path
}

/** The existing real folder nearest to a target: the target itself, or one above it. Staging and safety folders are made in it. */
export function baseOf(target: string): string {
  let path = target
  while (!look(path)?.isDirectory()) {
    const parent = dirname(path)
    if (parent === path) throw new Failure('target-unwritable', { path: target, reason: 'ENOENT' })
    path = parent
  }
  if (realpath(path) !== path) throw new Failure('changed', { name: path })
  return path
}

/** `rest` of an archive path below a place: '' for the place itself. */
function restOf(place: Place, path: string): string | undefined {
  if (place.at === '' || path === place.at) return path === place.at ? '' : path
  return path.startsWith(`${place.at}/`) ? path.slice(place.at.length + 1) : undefined
}

export function placeOf<P extends Place>(places: readonly P[], path: string): { place: P; rest: string } | undefined {
  let best: { place: P; rest: string } | undefined
  for (const place of places) {
    const rest = restOf(place, path)
    if (rest !== undefined && (!best || rest.length < best.rest.length)) best = { place, rest }
  }
  return best
}

/** Which entries are wanted. `parent`: only as the way to something wanted. */
export class Selection {
  readonly #wanted: Set<string>
  readonly #parents = new Set<string>()

  constructor(only: readonly string[]) {
    this.#wanted = new Set(only.map((path) => path.replace(/^(\.\/)+/, '').replace(/\/+$/, '')))
    for (const path of this.#wanted) for (const parent of parentsOf(path)) this.#parents.add(parent)
  }

  of(path: string): 'yes' | 'parent' | 'no' {
    if (this.#wanted.size === 0 || this.#wanted.has('') || this.#wanted.has(path)) return 'yes'
    for (const parent of parentsOf(path)) if (this.#wanted.has(parent)) return 'yes'
    return this.#parents.has(path) ? 'parent' : 'no'
  }
}

function* parentsOf(path: string): Generator<string> {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) yield path.slice(0, end)
}

/** What stands where an entry would go. `merge`: a folder on both sides. */
export interface Standing {
  readonly verdict: 'absent' | 'merge' | 'conflict'
  readonly at: string
  /** For `conflict`: a folder stands where a file would go. */
  readonly isFolder?: boolean
  /** Device number of the folder and which one it is (`identity`), for `merge`. */
  readonly device?: bigint
  readonly folder?: string
}

/** Known folders are forgotten beyond this many; they are then looked at again. */
const rememberedFolders = 10_000

/** Looks at the destination entry by entry, and sums up the conflicts seen: the same entries over the same destination give the same sum. */
export class Destination {
  readonly #places: readonly Place[]
  readonly #folders = new Map<string, bigint | undefined>()
  readonly #sum = createHash('sha256')
  #last: Place | undefined

  constructor(places: readonly Place[]) {
    this.#places = places
  }

  see(path: string, type: Entry['type']): Standing {
    const found = placeOf(this.#places, path)
    if (!found) return { verdict: 'absent', at: path }
    const at = below(found.place.target, found.rest)
    if (found.rest !== '' && this.#device(dirnameOf(found.rest), found.place) === undefined)
      return { verdict: 'absent', at }
    const stat = look(at)
    if (!stat) return { verdict: 'absent', at }
    if (stat.isDirectory() && type === 'folder')
      return { verdict: 'merge', at, device: stat.dev, folder: identity(stat) }
    this.#sum.update(`${stat.isDirectory() ? 'folder' : 'file'}:${JSON.stringify(at)}\n`)
    return { verdict: 'conflict', at, isFolder: stat.isDirectory() }
  }

  digest(): string {
    return this.#sum.copy().digest('hex')
  }

  /** Device of a destination folder that is reached through real folders only. */
  #device(rest: string, place: Place): bigint | undefined {
    if (this.#last !== place || this.#folders.size > rememberedFolders) this.#folders.clear()
    this.#last = place
    if (this.#folders.has(rest)) return this.#folders.get(rest)
    const reached = rest === '' || this.#device(dirnameOf(rest), place) !== undefined
    const stat = reached ? look(below(place.target, rest)) : undefined
    const device = stat?.isDirectory() ? stat.dev : undefined
    this.#folders.set(rest, device)
    return device
  }
}

function dirnameOf(rest: string): string {
  return rest.slice(0, Math.max(0, rest.lastIndexOf('/')))
}

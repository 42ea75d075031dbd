// What a restore would do, before it does it: where to, how much, what stands there already, what speaks against it.
// Guarantees: writes nothing; the plan is plain data that survives a thread border, and carries a digest of the conflicts it saw, so that
// restoreTree refuses (`changed`) when others have appeared. Does not look into files: a conflict is a name that is taken.
import { randomUUID } from 'node:crypto'
import { accessSync, constants, lstatSync, statfsSync } from 'node:fs'
import { Failure, type Finding } from '../api/failure.ts'
import type { Entry, Parent } from '../archive/archive.ts'
import { throwIfCancelled } from '../lib/bytes.ts'
import { errnoOf } from '../lib/files.ts'
import { fsPath } from '../lib/paths.ts'
import { pauses } from '../lib/pause.ts'
import type { Context } from '../lib/work.ts'
import { look } from './disk.ts'
import { safeParts } from './names.ts'
import type { Planned } from './outcome.ts'
import {
  ancestorsOf,
  baseOf,
  Destination,
  type Place,
  placeAtOrigins,
  placeInto,
  placeOf,
  Selection,
} from './places.ts'

export type Existing = 'replace' | 'skip' | 'keep-both'

/** What the plan needs of an entry; `target` of hard links, so that one can be restored without the file it is a link to. */
export type Listed = Pick<Entry, 'path' | 'type' | 'size'> & {
  readonly target?: string | undefined
  /** Bytes on a disk, where these are fewer. */
  readonly taken?: number | undefined
}

export interface RestoreRequest {
  /** From the archive's head; only needed for the original place. */
  readonly roots: readonly { readonly name: string; readonly origin?: string | undefined }[]
  /** What the folders above the roots were, for those of them that are gone. */
  readonly parents?: readonly Parent[] | undefined
  /** Absolute; absent = the original place. Roots go below it under their names. Need not exist. */
  readonly into?: string | undefined
  /** Archive paths; a folder stands for all below it. Empty = everything. */
  readonly only: readonly string[]
  readonly existing: Existing
  /**
   * The full contents of the archive, in its order. Left out where nothing can stand in their way: then nothing is counted, and the restore
   * refuses (`changed`) when it meets something after all, say because a disk was mounted there meanwhile.
   */
  readonly entries?: Iterable<Listed> | AsyncIterable<Listed> | undefined
}

export interface RestorePlan extends Planned {
  readonly places: readonly Place[]
  readonly existing: Existing
  /** Present when the contents were known. */
  readonly counted?: {
    readonly files: number
    readonly bytes: number
    /** Taken names: how many, the first thousand as absolute paths, and how many of them are folders with all that is in them. */
    readonly conflicts: { readonly count: number; readonly first: readonly string[]; readonly folders: number }
  }
  /** Of the conflicts seen. Without contents: of none. */
  readonly digest: string
  /** Files that are only restored because a chosen hard link needs them: archive path → path of the link that gets the content. */
  readonly borrowed: Readonly<Record<string, string>>
}

const listedConflicts = 1000

/** Throws Failure `bad-input` for a relative `into`, `cancelled`; all else is a finding. */
export async function planRestore(request: RestoreRequest, ctx: Pick<Context, 'signal'>): Promise<RestorePlan> {
  const { only, existing } = request
  const plan = { id: randomUUID(), only: [...only], existing, borrowed: {}, digest: new Destination([]).digest() }
  let places: Place[]
  try {
    places = request.into === undefined ? placeAtOrigins(request.roots, request.parents) : placeInto(request.into)
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'bad-input') throw error
    return { ...plan, places: [], findings: [{ level: 'error', ...error.toProblem() }] }
  }
  const survey = new Survey(places, only)
  if (request.entries) await survey.all(request.entries, ctx.signal)
  const counted = request.entries ? survey.counted() : undefined
  const space = spaceAt(places, survey)
  return {
    ...plan,
    places: places.map((place) => ({ ...place, ...space.devices.get(place) })),
    ...(counted && { counted }),
    digest: survey.digest(),
    ...(space.free !== undefined && { free: space.free }),
    borrowed: survey.borrowed,
    findings: [
      ...space.findings,
      ...(counted ? concerning(counted, survey.found, existing) : []),
      ...parentsMade(places),
    ],
  }
}

function concerning({ conflicts }: NonNullable<RestorePlan['counted']>, found: boolean, existing: Existing): Finding[] {
  if (!found) return [{ level: 'error', code: 'nothing-selected', details: {} }]
  if (conflicts.count === 0) return []
  const details = { count: conflicts.count, existing, paths: conflicts.first.slice(0, 10) }
  return [{ level: existing === 'replace' ? 'warning' : 'info', code: 'replaces-files', details }]
}

/** Folders above the original place that are gone: a restore makes them, as they were if that is known. */
function parentsMade(places: readonly Place[]): Finding[] {
  const made = new Map<string, boolean>()
  for (const { target, above } of places) {
    for (const [index, path] of above ? ancestorsOf(target).entries() : []) {
      if (look(path)) break
      made.set(path, above?.[index] !== undefined)
    }
  }
  const all = (known: boolean) => [...made].flatMap(([path, is]) => (is === known ? [path] : [])).sort()
  const finding = (level: Finding['level'], code: Finding['code'], path: string[]): Finding[] =>
    path.length === 0 ? [] : [{ level, code, details: { path } }]
  return [...finding('info', 'parents-made', all(true)), ...finding('warning', 'parents-unknown', all(false))]
}

class Survey {
  readonly borrowed: Record<string, string> = Object.create(null)
  readonly bytesOf = new Map<Place, number>()
  readonly #places: readonly Place[]
  readonly #selection: Selection
  readonly #destination: Destination
  readonly #first: string[] = []
  /** Something is selected, be it an empty folder. */
  found = false
  #files = 0
  #bytes = 0
  #conflicts = 0
  #folders = 0

  constructor(places: readonly Place[], only: readonly string[]) {
    this.#places = places
    this.#selection = new Selection(only)
    this.#destination = new Destination(places)
  }

  async all(entries: Iterable<Listed> | AsyncIterable<Listed>, signal: AbortSignal): Promise<void> {
    const pause = pauses()
    for await (const entry of entries) {
      throwIfCancelled(signal)
      if (pause.due()) await pause.take()
      this.#one(entry)
    }
  }

  counted(): NonNullable<RestorePlan['counted']> {
    const conflicts = { count: this.#conflicts, first: this.#first, folders: this.#folders }
    return { files: this.#files, bytes: this.#bytes, conflicts }
  }

  digest(): string {
    return this.#destination.digest()
  }

  #one(entry: Listed): void {
    const parts = safeParts(entry.path)
    if (!Array.isArray(parts) || parts.length === 0 || entry.type === 'other') return
    const path = parts.join('/')
    const chosen = this.#selection.of(path)
    const found = placeOf(this.#places, path)
    if (chosen === 'no' || (chosen === 'parent' && entry.type !== 'folder') || !found) return
    const standing = this.#destination.see(path, entry.type)
    if (standing.verdict === 'conflict') {
      this.#conflicts += 1
      if (standing.isFolder) this.#folders += 1
      if (this.#first.length < listedConflicts) this.#first.push(standing.at)
    }
    if (chosen === 'parent') return
    this.found = true
    if (entry.type !== 'folder') this.#files += 1
    this.#bytes += entry.size
    this.bytesOf.set(found.place, (this.bytesOf.get(found.place) ?? 0) + (entry.taken ?? entry.size))
    if (entry.type === 'link') this.#borrow(path, entry.target)
  }

  #borrow(path: string, linked: string | undefined): void {
    const parts = linked === undefined ? undefined : safeParts(linked)
    if (!Array.isArray(parts)) return
    const target = parts.join('/')
    if (this.#selection.of(target) !== 'yes') this.borrowed[target] ??= path
  }
}

/** Free space and the right to write, once for each device. */
function spaceAt(
  places: readonly Place[],
  survey: Survey,
): { free?: number; findings: Finding[]; devices: Map<Place, { device: string }> } {
  const findings: Finding[] = []
  const found = new Map<Place, { device: string }>()
  const devices = new Map<number, { base: string; free: number; needed: number }>()
  for (const place of places) {
    let base = place.target
    try {
      const standing = standsAs(place.target)
      base = baseOf(place.target)
      accessSync(fsPath(base), constants.W_OK | constants.X_OK)
      if (place.at === '' && standing === 'other')
        throw new Failure('target-unwritable', { path: place.target, reason: 'ENOTDIR' })
      const { bavail, bsize } = statfsSync(fsPath(base))
      const device = lstatSync(fsPath(base)).dev
      found.set(place, { device: String(device) })
      const known = devices.get(device) ?? { base, free: bavail * bsize, needed: 0 }
      known.needed += survey.bytesOf.get(place) ?? 0
      devices.set(device, known)
    } catch (error) {
      if (error instanceof Failure) findings.push({ level: 'error', ...error.toProblem() })
      else {
        const reason = errnoOf(error)
        if (reason === undefined) throw error
        findings.push({ level: 'error', code: 'target-unwritable', details: { path: base, reason } })
      }
    }
  }
  for (const { base, free, needed } of devices.values()) {
    if (needed > free) findings.push({ level: 'error', code: 'no-space', details: { name: base, free, needed } })
  }
  const least = Math.min(...[...devices.values()].map(({ free }) => free))
  return { ...(Number.isFinite(least) && { free: least }), findings, devices: found }
}

function standsAs(path: string): 'folder' | 'other' | undefined {
  const stat = lstatSync(fsPath(path), { throwIfNoEntry: false })
  if (!stat) return undefined
  return stat.isDirectory() ? 'folder' : 'other'
}

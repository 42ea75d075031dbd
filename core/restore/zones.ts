// The staging folders of a restore: one for each part of the tree that lies on a file system of its own, so that putting in place is a rename.
// Guarantees: each is new, private (0700), in the journal before it exists, and on the file system of its destination; only made for parts
// of which something is restored; held open from then on (held.ts), so that another one under its name is none of ours.
// Does not fill them (stage.ts) or empty them (place.ts).
import { mkdirSync, rmdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Details, Failure, type Problem } from '../api/failure.ts'
import type { Entry } from '../archive/archive.ts'
import { fsPath } from '../lib/paths.ts'
import { removeInherited } from './attributes.ts'
import { below, look, onDisk } from './disk.ts'
import { HeldTree, longestPath } from './held.ts'
import type { JournalWriter, Zone } from './journal.ts'
import { metadataOf } from './metadata.ts'
import { safetyName, stagingName } from './names.ts'
import { baseOf, type Place, placeOf } from './places.ts'
import type { RestorePlan } from './plan.ts'

interface OpenZone {
  readonly target: string
  readonly above: Place['above']
  readonly zone: Zone
  readonly tree: HeldTree
  readonly dev: bigint
  readonly top: string
  /** Only we can change anything in the staging folder. */
  readonly direct: boolean
  readonly mixesNames: boolean
}

export class Zones {
  readonly #places: Place[]
  readonly #open: OpenZone[] = []
  readonly #byPlace = new Map<Place, OpenZone>()
  readonly #trees = new Map<string, HeldTree>()
  #allDirect = true
  #anyMixes = false
  readonly #id: string
  readonly #journal: JournalWriter
  readonly #now: number
  #last: { path: string; found: ReturnType<typeof placeOf> } | undefined

  constructor(plan: RestorePlan, journal: JournalWriter, now: number) {
    this.#places = [...plan.places]
    this.#id = plan.id
    this.#journal = journal
    this.#now = now
  }

  get all(): readonly Zone[] {
    return this.#open.map(({ zone }) => zone)
  }

  /** The folders of each zone, in the order of `all`; zones of one base share them. */
  get trees(): readonly HeldTree[] {
    return this.#open.map(({ tree }) => tree)
  }

  /** What the folders above the place of a zone were: see `Place`. */
  aboveOf(index: number): Place['above'] {
    return this.#open[index]?.above
  }

  close(): void {
    for (const tree of this.#trees.values()) tree.close()
  }

  /**
   * Where an entry is staged, `rest` below the `top` of its zone: a name for it among the staged ones, and for the system where `isDirect`, else
   * `reach` tells that. The entry must have a place.
   */
  staged(path: string, type: Entry['type'] = 'file'): { path: string; top: string; rest: string } {
    const { place, rest } = this.#find(path)
    const { top } = this.#zoneOf(place, rest === '' ? type : 'folder')
    return { path: below(top, rest), top, rest }
  }

  /** Where it will be in the end. */
  target(path: string): string {
    const { place, rest } = this.#find(path)
    return below(place.target, rest)
  }

  /** The folders in which it will be; its place must have a zone. */
  treeOf(path: string): HeldTree | undefined {
    return this.#byPlace.get(this.#find(path).place)?.tree
  }

  /** Whether a staged path may be given to the system at any time, by any thread. */
  isDirect(where: string): boolean {
    const short = where.length * 3 <= longestPath || Buffer.byteLength(where) <= longestPath
    return short && (this.#allDirect || this.#holding(where)?.direct === true)
  }

  /** What names a staged path to the system, until the next call. */
  reach(where: string): string {
    if (this.isDirect(where)) return where
    const zone = this.#holding(where) as OpenZone
    return zone.tree.way(stagedIn(zone, where))
  }

  /** `reach` of two staged paths, both valid until the next call. */
  reachBoth(one: string, other: string): [string, string] {
    const [first, second] = [this.#holding(one), this.#holding(other)]
    if (!first || first.tree !== second?.tree || (this.isDirect(one) && this.isDirect(other)))
      return [this.reach(one), this.reach(other)]
    return first.tree.both(stagedIn(first, one), stagedIn(second, other))
  }

  /** A failure about a staged path names where that would have gone: the way through the open folder means nothing to anybody. */
  named(error: unknown): unknown {
    if (!(error instanceof Failure)) return error
    const { code, retryable, cause = error } = error
    return new Failure(code, this.namedProblem(error.toProblem()).details, { retryable, cause })
  }

  namedProblem(problem: Problem): Problem {
    const shown = Object.entries(problem.details).map(([key, value]) => [key, this.#shown(value)])
    return { ...problem, details: Object.fromEntries(shown) }
  }

  #shown(value: Details[string]): Details[string] {
    if (Array.isArray(value)) return value.map((one) => String(this.#shown(one)))
    const held = typeof value === 'string' ? this.#holding(value) : undefined
    return held ? below(held.target, String(value).slice(held.top.length + 1)) : value
  }

  /** Has the disk take what was written to the file system of a staged path. */
  async syncEarly(where: string): Promise<void> {
    await this.#holding(where)?.tree.syncEarly()
  }

  #holding(where: string): OpenZone | undefined {
    return this.#open.find(({ top }) => where === top || where.startsWith(`${top}/`))
  }

  /** True where the file system holds names for the same that differ by case or Unicode form. `where` is a staged path. */
  mixesNames(where: string): boolean {
    return this.#anyMixes && this.#holding(where)?.mixesNames === true
  }

  /** A folder of the archive stands at the destination on this device: a mount point gets a zone of its own. */
  mounted(path: string, target: string, device: bigint): void {
    const { place } = this.#find(path)
    if (place.at === path || this.#zoneOf(place, 'folder').dev === device) return
    this.#places.push({ at: path, target, device: String(device) })
    this.#last = undefined
  }

  #find(path: string): { place: Place; rest: string } {
    if (this.#last?.path !== path) this.#last = { path, found: placeOf(this.#places, path) }
    if (!this.#last.found) throw new Error(`no place for ${path}`)
    return this.#last.found
  }

  #zoneOf(place: Place, type: Entry['type']): OpenZone {
    const known = this.#byPlace.get(place)
    if (known) return known
    // A file that goes where a folder stands: the folder is what will be moved away, so nothing can be prepared inside it.
    const base = baseOf(type === 'folder' ? place.target : dirname(place.target))
    const tree = this.#trees.get(base) ?? HeldTree.open(base)
    this.#trees.set(base, tree)
    const { stat } = tree
    // The disk that was looked at is away, or another one stands there.
    if (place.device !== undefined && place.device !== String(stat.dev)) throw new Failure('changed', { name: base })
    const staging = below(base, stagingName(this.#id, this.#open.length))
    const zone = {
      at: place.at,
      target: place.target,
      base,
      inode: String(stat.ino),
      staging,
      safety: this.#safety(base, tree),
      before: metadataOf(stat),
    }
    this.#journal.write([{ is: 'zone', zone }])
    const { inode, direct } = tree.makeOwn(staging)
    this.#journal.write([{ is: 'own', path: staging, inode }])
    const way = tree.folder(staging)?.way ?? staging
    removeInherited(way)
    const opened = {
      target: place.target,
      above: place.above,
      zone,
      tree,
      dev: stat.dev,
      top: `${way}/new`,
      direct,
      mixesNames: mixesNames(way),
    }
    this.#open.push(opened)
    this.#byPlace.set(place, opened)
    this.#allDirect &&= direct
    this.#anyMixes ||= opened.mixesNames
    return opened
  }

  /** Zones of one base share the folder; another restore of the same second does not. */
  #safety(base: string, tree: HeldTree): string {
    const shared = this.#open.find(({ zone }) => zone.base === base)
    if (shared) return shared.zone.safety
    const name = below(base, safetyName(this.#now))
    let free = name
    for (let count = 2; tree.look(free); count++) free = `${name}-${count}`
    return free
  }
}

function stagedIn({ zone, top }: OpenZone, where: string): string {
  return `${zone.staging}/new${where.slice(top.length)}`
}

/** Asks the file system itself: it depends on how it was made, not on the system that runs. */
function mixesNames(folder: string): boolean {
  return onDisk(folder, () => {
    const probe = `${folder}/probe-\u00e9`
    mkdirSync(fsPath(probe))
    const mixed = look(`${folder}/PROBE-\u00c9`) !== undefined || look(`${folder}/probe-e\u0301`) !== undefined
    rmdirSync(fsPath(probe))
    return mixed
  })
}

// The staging folders of a restore: one for each part of the tree that lies on a file system of its own, so that putting in place is a rename.
// Guarantees: each is new, private (0700), in the journal before it exists, and on the file system of its destination; only made for parts
// of which something is restored. Does not fill them (stage.ts) or empty them (place.ts).
import { chmodSync, mkdirSync, rmdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Entry } from '../archive/archive.ts'
import { fsPath } from '../lib/paths.ts'
import { look, onDisk } from './disk.ts'
import type { JournalWriter, Zone } from './journal.ts'
import { metadataOf } from './metadata.ts'
import { safetyName, stagingName } from './names.ts'
import { baseOf, below, type Place, placeOf } from './places.ts'
import type { RestorePlan } from './plan.ts'

interface OpenZone extends Place {
  readonly zone: Zone
  readonly device: bigint
  readonly top: string
  readonly mixesNames: boolean
}

export class Zones {
  readonly #places: Place[]
  readonly #open: OpenZone[] = []
  readonly #byPlace = new Map<Place, OpenZone>()
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

  /** Where an entry is staged, `rest` below the `top` of its zone. The entry must have a place. */
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

  /** True where the file system holds names for the same that differ by case or Unicode form. `where` is a staged path. */
  mixesNames(where: string): boolean {
    return this.#open.some(({ top, mixesNames }) => mixesNames && (where === top || where.startsWith(`${top}/`)))
  }

  /** A folder of the archive stands at the destination on this device: a mount point gets a zone of its own. */
  mounted(path: string, target: string, device: bigint): void {
    const { place } = this.#find(path)
    if (place.at === path || this.#zoneOf(place, 'folder').device === device) return
    this.#places.push({ at: path, target })
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
    const stat = look(base)
    if (!stat) throw new Error(`no folder at ${base}`)
    const staging = below(base, stagingName(this.#id, this.#open.length))
    const zone = {
      ...place,
      base,
      inode: String(stat.ino),
      staging,
      safety: this.#safety(base),
      before: metadataOf(stat),
    }
    this.#journal.write([{ is: 'zone', zone }])
    onDisk(staging, () => {
      mkdirSync(fsPath(staging), 0o700)
      chmodSync(fsPath(staging), 0o700)
    })
    const opened = { ...place, zone, device: stat.dev, top: `${staging}/new`, mixesNames: mixesNames(staging) }
    this.#open.push(opened)
    this.#byPlace.set(place, opened)
    return opened
  }

  /** Zones of one base share the folder; another restore of the same second does not. */
  #safety(base: string): string {
    const shared = this.#open.find(({ zone }) => zone.base === base)
    if (shared) return shared.zone.safety
    const name = below(base, safetyName(this.#now))
    let free = name
    for (let count = 2; look(free); count++) free = `${name}-${count}`
    return free
  }
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

// The catalogue of this computer: the names of all files in all backups that it knows, so that a file is found without looking into a backup. A folder of the
// data folder, private:
//   <owner>.table     the names of one plan of one computer (table.ts)
//   arrivals/*.table  those of one backup, left there by the run that made or read it (feed.ts), until they are joined to the others
//   places.json       where backups lie that were copied or removed since
// Guarantees: it can be lost: it holds nothing that the contents indexes of the backups do not. What is damaged is removed, never believed, and then those backups are
// not known here any more (`knows`), which whoever lists backups tells. Nothing of it stands in the way of a backup. A backup that lies nowhere any more is not found.
// Only the owner of the data folder may open it. Does not read backups, and does not know which places can be reached.
import { createHash } from 'node:crypto'
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../api/failure.ts'
import type { Run } from '../api/model.ts'
import { fromErrno, readSmall, sweepFolder, writeDurably } from '../lib/files.ts'
import { privateFolder } from '../lib/private-folder.ts'
import { type Feeding, tableSuffix } from './feed.ts'
import { fold, wordsOf } from './fold.ts'
import type { MergeOrder } from './merge.ts'
import { type Held, keyOf, type Owner, ordinalsIn, type Row, split } from './row.ts'
import { type Matches, type Searched, search } from './search.ts'
import { Table } from './table.ts'

export interface CatalogueOptions {
  /** In the data folder; made if it is missing. */
  readonly folder: string
  /** Joins tables, in a thread of its own. */
  readonly merge: (order: MergeOrder) => Promise<void>
  readonly onBug: (error: unknown) => void
}

export interface Wanted {
  /** As typed: several words must all stand in the path. */
  readonly text: string
  readonly limit: number
  /** Only files of this plan, as the names of its backups say it. */
  readonly subject?: string | undefined
  /** As it was then, in ms since 1970. */
  readonly before?: number | undefined
}

/** One version of a file, and the backups in which it stands, the newest first; they are there. */
export interface FileVersion {
  readonly size: number
  readonly mtime: number
  readonly type: Row['type']
  readonly held: readonly Held[]
}

type Backup = Pick<Held, 'name' | 'size'>

/** How a place is known here. */
export function placeKey({ id, path }: { readonly id?: string | undefined; readonly path: string }): string {
  return id ?? path
}

const arrivalsFolder = (folder: string) => join(folder, 'arrivals')

/** The longest list of places that is believed, in bytes. */
const longestPlaces = 64 * 1024 * 1024

export class Catalogue {
  readonly #options: CatalogueOptions
  readonly #tables = new Map<string, Table>()
  /** By keyOf. */
  readonly #places: Map<string, readonly string[]>
  #work: Promise<unknown> = Promise.resolve()
  #collecting = false
  /** Names of the backups, and their keys; undefined: to be worked out. */
  #known: Set<string> | undefined
  #changed = false
  #moment = 0
  /** When a backup came here, to a further place or away from one since the start, by keyOf; in moments, of which each has one more. */
  readonly #since = new Map<string, number>()

  /** Where there can be none, it is empty: no reason not to open anything else. */
  static async open(options: CatalogueOptions): Promise<Catalogue> {
    const { folder } = options
    const catalogue = new Catalogue(options, await readPlaces(folder))
    await catalogue.#inTurn(async () => {
      for (const one of [folder, arrivalsFolder(folder)]) {
        await privateFolder(one)
        await sweepFolder(one)
      }
      for (const name of await readdir(folder))
        if (name.endsWith(tableSuffix)) await catalogue.#load(join(folder, name))
    })
    return catalogue
  }

  private constructor(options: CatalogueOptions, places: Map<string, readonly string[]>) {
    this.#options = options
    this.#places = places
  }

  /** For an order: where a run leaves the names of a backup on this place. */
  feeding(place: { readonly id?: string | undefined; readonly path: string }): Feeding {
    return { arrivals: arrivalsFolder(this.#options.folder), place: placeKey(place) }
  }

  /** Takes what runs have left, soon. Never fails; what cannot be taken now is taken the next time. */
  collect(): void {
    if (this.#collecting) return
    this.#collecting = true
    void this.#inTurn(async () => {
      this.#collecting = false
      await this.#collect()
    })
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.#work
  }

  /** The names of this backup are here. Without a size: of one with this name. */
  knows(name: string, size?: number): boolean {
    this.#known ??= new Set(this.#helds().flatMap((one) => [one.name, keyOf(one)]))
    return this.#known.has(size === undefined ? name : keyOf({ name, size }))
  }

  /** Names of plans whose files are here. */
  subjects(): string[] {
    return [...new Set([...this.#tables.values()].map(({ about }) => about.subject))].sort()
  }

  /** Nothing to look for: nothing found. */
  async find({ text, limit, subject, before }: Wanted, signal?: AbortSignal): Promise<Matches> {
    const words = wordsOf(text)
    if (words.length === 0) return { matches: [], total: 0, more: false }
    const tables = this.#searched().filter(({ table }) => subject === undefined || table.about.subject === subject)
    try {
      const found = await search(tables, { words, phrase: fold(text.trim()), limit, before }, signal)
      return { ...found, matches: found.matches.map((match) => ({ ...match, held: this.#placed(match.held) })) }
    } catch (error) {
      if (!(await this.#drop(error))) throw error
      return this.find({ text, limit, subject, before }, signal)
    }
  }

  /** All versions of a file, the newest first. */
  async versions(owner: Owner, path: string): Promise<FileVersion[]> {
    const table = this.#tables.get(this.#pathOf(owner))
    if (!table) return []
    const row = await this.#row(table, path)
    const versions = (row?.versions ?? []).map(({ size, mtime, in: spans }) => ({
      size,
      mtime,
      type: row?.type ?? 'file',
      held: [...ordinalsIn(spans)]
        .reverse()
        .flatMap((ordinal) => table.about.artifacts[ordinal] ?? [])
        .map((held) => this.#placed(held))
        .filter(({ places }) => places.length > 0),
    }))
    const made = ({ held: [first] }: FileVersion) => first?.made ?? 0
    return versions.filter(({ held }) => held.length > 0).sort((one, other) => made(other) - made(one))
  }

  /** A run has ended: what it copied lies in another place too, what it removed does not lie there any more. */
  note(run: Pick<Run, 'kind' | 'medium' | 'artifact' | 'sha256' | 'stored' | 'removed'>): void {
    const { kind, medium, artifact, sha256, stored, removed = [] } = run
    if (!medium) return
    const place = placeKey(medium)
    const gone = new Set(removed)
    for (const held of this.#helds()) {
      const copied = kind === 'copy' && sha256 !== undefined && held.name === artifact && held.size === stored
      if (gone.has(held.name) || copied) this.#moved(held)
      if (gone.has(held.name)) this.#put(held, without(held.places, place))
      else if (copied) this.#put(held, [...without(held.places, place), place])
    }
    this.#keep()
  }

  /**
   * To be called before a place is listed. The answer takes all backups that lie there: what else was thought to lie there does not, but for what came or
   * went while it was listed.
   */
  listing(place: { readonly id?: string | undefined; readonly path: string }): (backups: readonly Backup[]) => void {
    const key = placeKey(place)
    const asked = this.#moment
    return (backups) => {
      const lying = new Set(backups.map(keyOf))
      for (const held of this.#helds()) {
        if ((this.#since.get(keyOf(held)) ?? 0) > asked) continue
        const others = without(held.places, key)
        this.#put(held, lying.has(keyOf(held)) ? [...others, key] : others)
      }
      this.#keep()
    }
  }

  async #row(table: Table, path: string): Promise<Row | undefined> {
    try {
      const reading = await table.reading()
      try {
        return await reading.find(...split(path))
      } finally {
        await reading.close()
      }
    } catch (error) {
      if (!(await this.#drop(error))) throw error
      return undefined
    }
  }

  #searched(): Searched[] {
    const newest = ({ about }: Table) => about.artifacts.at(-1)?.made ?? 0
    return [...this.#tables.values()]
      .sort((one, other) => newest(other) - newest(one))
      .map((table) => ({
        table: table,
        there: table.about.artifacts.map((held) => this.#placed(held).places.length > 0),
      }))
  }

  #helds(): Held[] {
    return [...this.#tables.values()].flatMap(({ about }) => about.artifacts.map((held) => this.#placed(held)))
  }

  #placed(held: Held): Held {
    return { ...held, places: this.#places.get(keyOf(held)) ?? held.places }
  }

  #put(held: Held, places: readonly string[]): void {
    const same = places.length === held.places.length && places.every((place) => held.places.includes(place))
    if (same) return
    this.#places.set(keyOf(held), places)
    this.#changed = true
  }

  #moved(held: Backup): void {
    this.#moment += 1
    this.#since.set(keyOf(held), this.#moment)
  }

  /** Writes down where backups lie, and removes tables of which nothing is left. */
  #keep(): void {
    if (!this.#changed) return
    this.#changed = false
    void this.#inTurn(async () => {
      const known = new Set(this.#helds().map(keyOf))
      for (const key of this.#places.keys()) if (!known.has(key)) this.#places.delete(key)
      for (const key of this.#since.keys()) if (!known.has(key)) this.#since.delete(key)
      const path = placesPath(this.#options.folder)
      await writeDurably(path, JSON.stringify(Object.fromEntries(this.#places)), { mode: 0o600 })
      for (const { table, there } of this.#searched()) if (!there.some(Boolean)) await this.#forget(table.path)
    })
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(work).catch((error: unknown) => {
      // A disk that is full costs the search and nothing else.
      if (!(error instanceof Failure)) this.#options.onBug(error)
    })
    this.#work = done
    return done
  }

  async #collect(): Promise<void> {
    const folder = arrivalsFolder(this.#options.folder)
    const arrived = new Map<string, string[]>()
    const names = await readdir(folder).catch((error: unknown) => {
      throw fromErrno(error, { path: folder })
    })
    for (const name of names) {
      if (!name.endsWith(tableSuffix)) continue
      const path = join(folder, name)
      const table = await opened(path)
      if (!table) continue
      const into = this.#pathOf(table.about)
      arrived.set(into, [...(arrived.get(into) ?? []), path])
    }
    let problem: unknown
    for (const [into, paths] of arrived)
      await this.#join(into, paths).catch((error: unknown) => {
        // One that cannot be joined, for want of room say, keeps no other waiting.
        problem ??= error
      })
    if (problem !== undefined) throw problem
  }

  async #join(into: string, paths: readonly string[]): Promise<void> {
    const known = this.#tables.has(into)
    try {
      const places = this.#placesBeside(paths)
      if (!known && paths.length === 1) await rename(paths[0] as string, into)
      else await this.#options.merge({ into, from: known ? [into, ...paths] : paths, places })
    } catch (error) {
      if (!(await this.#drop(error))) throw fromErrno(error, { path: into })
      return this.#collect()
    }
    await this.#load(into)
    for (const path of paths) await rm(path, { force: true })
  }

  /** What has just arrived says itself where it lies, and that it is there. */
  #placesBeside(arrived: readonly string[]): MergeOrder['places'] {
    const places = new Map(this.#places)
    for (const path of arrived)
      for (const held of Table.open(path).about.artifacts) {
        const known = places.get(keyOf(held)) ?? this.#helds().find((one) => keyOf(one) === keyOf(held))?.places ?? []
        places.set(keyOf(held), [...new Set([...known, ...held.places])])
        this.#places.delete(keyOf(held))
        this.#moved(held)
      }
    return Object.fromEntries(places)
  }

  async #load(path: string): Promise<void> {
    const table = await opened(path)
    this.#known = undefined
    if (table) this.#tables.set(path, table)
    else this.#tables.delete(path)
  }

  /** True: what is damaged was removed, what was replaced meanwhile is known as it is now. */
  async #drop(error: unknown): Promise<boolean> {
    if (error instanceof Failure && error.code === 'changed' && typeof error.details.path === 'string') {
      await this.#load(error.details.path)
      return true
    }
    const gone = error instanceof Failure && ['damaged', 'not-found'].includes(error.code)
    const path = gone ? error.details.path : undefined
    if (typeof path !== 'string' || !path.endsWith(tableSuffix)) return false
    await this.#forget(path)
    return true
  }

  async #forget(path: string): Promise<void> {
    this.#tables.delete(path)
    this.#known = undefined
    await rm(path, { force: true })
  }

  #pathOf({ subject, host }: Owner): string {
    const name = createHash('sha256').update(`${subject}\0${host}`).digest('hex').slice(0, 32)
    return join(this.#options.folder, `${name}${tableSuffix}`)
  }
}

function without(places: readonly string[], place: string): string[] {
  return places.filter((one) => one !== place)
}

/** A table that is damaged is removed: undefined. */
async function opened(path: string): Promise<Table | undefined> {
  try {
    return Table.open(path)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    if (error.code === 'damaged') await rm(path, { force: true })
    return undefined
  }
}

const placesPath = (folder: string) => join(folder, 'places.json')

/** Lost or damaged: each table says where its backups lay when it was made. */
async function readPlaces(folder: string): Promise<Map<string, readonly string[]>> {
  const places = new Map<string, readonly string[]>()
  const text = await readSmall(placesPath(folder), { limit: longestPlaces }).catch(() => undefined)
  try {
    const found: unknown = JSON.parse(text ?? '{}')
    for (const [key, value] of Object.entries(found ?? {}))
      if (Array.isArray(value) && value.every((one) => typeof one === 'string')) places.set(key, value)
  } catch {
    // As if there were none.
  }
  return places
}

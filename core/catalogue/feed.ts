// Takes the names of one backup as they come and makes a table of them, in the folder where the catalogue looks for new ones (`arrivals`).
// Guarantees: memory is bounded; nothing appears before the backup is known to be whole (`done`). Whatever goes wrong here costs the names of this backup in the
// search and nothing else: it is kept, and `done` tells it.
import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ArchiveEntry } from '../api/model.ts'
import { together, write } from './merge.ts'
import { type About, type Held, type Owner, type Row, split } from './row.ts'
import { Table } from './table.ts'
import { TableWriter } from './table-writer.ts'

/** Where the names of a backup go: plain values, for an order. */
export interface Feeding {
  /** The catalogue's folder of new tables. */
  readonly arrivals: string
  /** Where the backup lies: the id of its medium, or its path. */
  readonly place: string
}

type Named = Pick<ArchiveEntry, 'path' | 'type' | 'size' | 'mtime'>

/** In memory at once, in bytes, about. */
const mostAtOnce = 16 * 1024 * 1024

/** This many sorted runs of a level are made into one of the next. */
const mostRuns = 16

/** What stands in for what a run is about: nobody reads it. */
const nobody: About = { subject: '', host: '', artifacts: [] }

export class Feed {
  readonly #to: Feeding
  readonly #temp: string
  /** By folder: what lies in one mostly comes together. */
  #folders = new Map<string, Map<string, Row>>()
  #weight = 0
  /** Sorted runs; those of the first level are the latest, each of another was made of many of the level before. */
  #levels: string[][] = []
  #failure: unknown

  /** `temp`: a private folder that is removed afterwards. */
  constructor(to: Feeding, temp: string) {
    this.#to = to
    this.#temp = temp
  }

  add({ path, type, size, mtime }: Named): void {
    if (this.#failure !== undefined || path === '' || path.startsWith('/')) return
    const [dir, name] = split(path)
    if (name === '') return
    let folder = this.#folders.get(dir)
    if (!folder) {
      folder = new Map()
      this.#folders.set(dir, folder)
    }
    // Of a path that comes twice the later one is what a restore leaves.
    folder.set(name, { dir, name, type, versions: [{ size, mtime: whole(mtime), in: [0, 0] }] })
    this.#weight += 250 + path.length
    if (this.#weight > mostAtOnce) this.#quietly(() => this.#spill())
  }

  /** The backup is whole. Throws what has gone wrong with its names. */
  done(held: Omit<Held, 'places'>, { subject, host }: Owner): void {
    if (this.#failure !== undefined) throw this.#failure
    const about = { subject, host, artifacts: [{ ...held, places: [this.#to.place] }] }
    const inputs = [...rowsIn(this.#levels.toReversed().flat()), this.#sorted()]
    write(join(this.#to.arrivals, `${randomUUID()}${tableSuffix}`), about, last(inputs), () => undefined)
    this.#forget()
  }

  #quietly(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#failure = error
      this.#folders = new Map()
    }
  }

  *#sorted(): Generator<Row> {
    const folders = this.#folders
    this.#folders = new Map()
    this.#weight = 0
    for (const dir of [...folders.keys()].sort()) {
      const rows = folders.get(dir) as Map<string, Row>
      for (const name of [...rows.keys()].sort()) yield rows.get(name) as Row
    }
  }

  #spill(): void {
    let made = this.#run(this.#sorted())
    for (let level = 0; ; level += 1) {
      const runs = this.#levels[level] ?? []
      this.#levels[level] = runs
      runs.push(made)
      if (runs.length < mostRuns) return
      made = this.#run(last(rowsIn(runs)))
      for (const path of runs.splice(0)) rmSync(path, { force: true })
    }
  }

  #run(rows: Iterable<Row>): string {
    const path = join(this.#temp, `${randomUUID()}.names`)
    const writer = new TableWriter(path)
    for (const row of rows) writer.add(row)
    writer.finish(nobody)
    return path
  }

  #forget(): void {
    for (const path of this.#levels.flat()) rmSync(path, { force: true })
    this.#levels = []
  }
}

function rowsIn(paths: readonly string[]): Generator<Row>[] {
  return paths.map((path) => Table.open(path).all())
}

export const tableSuffix = '.table'

function* last(inputs: readonly Iterator<Row, unknown>[]): Generator<Row> {
  for (const same of together(inputs)) yield (same.at(-1) as (typeof same)[number]).row
}

/** Times of files may be anything; those beyond what a number holds whole do not tell versions apart. */
function whole(mtime: number): number {
  const rounded = Math.floor(mtime)
  return Number.isSafeInteger(2 * rounded) ? rounded : 0
}

// Tables of the catalogue made into one: the names of a new backup joined to those of the earlier ones, and backups that are gone left out.
// Guarantees: memory is bounded by a block of each table; the new table is whole under its name, or what was there is as it was. Works in the thread that calls it.
import { renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fromErrno, temporaryName } from '../lib/files.ts'
import { type About, compareRows, type Held, keyOf, type Row, type Spans, type Version } from './row.ts'
import { Table } from './table.ts'
import { TableWriter } from './table-writer.ts'

/** Plain values: it goes to another thread. */
export interface MergeOrder {
  /** Path of the new table; one that is there is replaced. */
  readonly into: string
  /** Paths of tables of one owner. What a later one says of a backup holds. */
  readonly from: readonly string[]
  /** By keyOf: where backups lie that were moved since. Nowhere: it is gone. */
  readonly places: Readonly<Record<string, readonly string[]>>
}

/** Failures: `damaged` {path: of the table}, those of the disk, and what `check` throws. */
export function merge({ into, from, places }: MergeOrder, check: () => void): void {
  const tables = from.map((path) => Table.open(path))
  const artifacts = joinedArtifacts(tables, places)
  const [last] = tables.slice(-1)
  if (!last || artifacts.length === 0) {
    rmSync(into, { force: true })
    return
  }
  const ordinals = new Map(artifacts.map((one, at) => [keyOf(one), at]))
  const moves = tables.map(({ about }) => new Moves(about.artifacts.map((one) => ordinals.get(keyOf(one)) ?? -1)))
  const { subject, host } = last.about
  write(into, { subject, host, artifacts }, rows(tables, moves), check)
}

/** The oldest first. */
function joinedArtifacts(tables: readonly Table[], places: MergeOrder['places']): Held[] {
  const all = new Map<string, Held>()
  for (const { about } of tables) for (const one of about.artifacts) all.set(keyOf(one), one)
  return [...all]
    .map(([key, one]) => ({ ...one, places: places[key] ?? one.places }))
    .filter((one) => one.places.length > 0)
    .sort((one, other) => one.made - other.made || (one.name < other.name ? -1 : 1))
}

/** Rows are checked for a cancel this often. */
const often = 4096

/** Puts rows into a table under a temporary name, which is then renamed. */
export function write(into: string, about: About, all: Iterable<Row>, check: () => void): void {
  const temporary = join(dirname(into), temporaryName())
  const writer = new TableWriter(temporary)
  try {
    let count = 0
    for (const row of all) {
      writer.add(row)
      count += 1
      if (count % often === 0) check()
    }
  } catch (error) {
    writer.drop()
    throw error
  }
  try {
    writer.finish(about)
    renameSync(temporary, into)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw fromErrno(error, { path: into })
  }
}

function* rows(tables: readonly Table[], moves: readonly Moves[]): Generator<Row> {
  for (const same of together(tables.map((table) => table.all()))) {
    const row = same.length === 1 ? moved(same[0] as Found, moves) : united(same, moves)
    if (row.versions.length > 0) yield row
  }
}

interface Found {
  readonly row: Row
  readonly from: number
}

/** Rows of several inputs in their order: those of one path together, those of an earlier input first. */
export function* together(inputs: readonly Iterator<Row, unknown>[]): Generator<Found[]> {
  const waiting: (Row | undefined)[] = inputs.map(next)
  for (;;) {
    let same: Found[] = []
    for (const [from, row] of waiting.entries()) {
      if (!row) continue
      const first = same[0]
      const order = first ? compareRows(row, first.row) : -1
      if (order < 0) same = [{ row, from }]
      else if (order === 0) same.push({ row, from })
    }
    if (same.length === 0) return
    for (const { from } of same) waiting[from] = next(inputs[from] as Iterator<Row, unknown>)
    yield same
  }
}

function next(input: Iterator<Row, unknown>): Row | undefined {
  const found = input.next()
  return found.done ? undefined : found.value
}

function moved({ row, from }: Found, moves: readonly Moves[]): Row {
  const move = moves[from] as Moves
  if (move.none) return row
  const versions = row.versions.map((version) => ({ ...version, in: move.spans(version.in) }))
  return { ...row, versions: versions.filter((version) => version.in.length > 0) }
}

function united(same: readonly Found[], moves: readonly Moves[]): Row {
  const [one, other, ...more] = same.map((found) => moved(found, moves))
  const [version, again] = [one?.versions[0], other?.versions[0]]
  const single = more.length === 0 && one?.versions.length === 1 && other?.versions.length === 1
  // What has not changed.
  if (single && version && again && version.size === again.size && version.mtime === again.mtime)
    return { ...other, versions: [{ ...version, in: union(version.in, again.in) }] }
  const versions = new Map<string, Version>()
  for (const found of same)
    for (const version of moved(found, moves).versions) {
      const key = `${version.size} ${version.mtime}`
      const known = versions.get(key)
      versions.set(key, known ? { ...version, in: union(known.in, version.in) } : version)
    }
  return { ...(same.at(-1) as Found).row, versions: [...versions.values()] }
}

function union(one: Spans, other: Spans): Spans {
  // A new backup mostly comes after all others.
  const last = one[one.length - 1]
  if (last !== undefined && other.length === 2 && other[0] === last + 1)
    return [...one.slice(0, -1), other[1] as number]
  const pairs: [number, number][] = []
  for (const spans of [one, other])
    for (let at = 0; at < spans.length; at += 2) pairs.push([spans[at] as number, spans[at + 1] as number])
  pairs.sort(([a], [b]) => a - b)
  const all: number[] = []
  for (const [first, last] of pairs) {
    const end = all.length - 1
    if (end > 0 && first <= (all[end] as number) + 1) all[end] = Math.max(all[end] as number, last)
    else all.push(first, last)
  }
  return all
}

/** Ordinals of one table in the new one. Spans repeat: each is worked out once. */
class Moves {
  /** All stay what they are. */
  readonly none: boolean
  readonly #to: readonly number[]
  readonly #known = new Map<number, Spans>()

  /** By ordinal; -1: gone. Ascending, because both tables have the oldest backup first. */
  constructor(to: readonly number[]) {
    this.#to = to
    this.none = to.every((ordinal, at) => ordinal === at)
  }

  spans(spans: Spans): Spans {
    if (spans.length === 2) return this.#span(spans[0] as number, spans[1] as number)
    let all: Spans = []
    for (let at = 0; at < spans.length; at += 2)
      all = union(all, this.#span(spans[at] as number, spans[at + 1] as number))
    return all
  }

  #span(first: number, last: number): Spans {
    const key = first * this.#to.length + last
    const known = this.#known.get(key)
    if (known) return known
    const ordinals = this.#to.slice(first, last + 1).filter((ordinal) => ordinal >= 0)
    const made = ordinals.reduce<Spans>((spans, ordinal) => union(spans, [ordinal, ordinal]), [])
    this.#known.set(key, made)
    return made
  }
}

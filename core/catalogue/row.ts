// What a table of the catalogue holds: rows, each a path with all its versions, and the backups in which these stand. Plain values.
import type { ArchiveEntry } from '../api/model.ts'

export type Kind = ArchiveEntry['type']

export const kinds: readonly Kind[] = ['file', 'folder', 'symlink', 'link', 'other']

/** Pairs of ordinals of backups, first and last, ascending: [0, 3, 7, 7] are the backups 0 to 3, and 7. */
export type Spans = readonly number[]

export interface Version {
  readonly size: number
  /** Whole milliseconds since 1970. */
  readonly mtime: number
  readonly in: Spans
}

export interface Row {
  /** '' at the top. */
  readonly dir: string
  readonly name: string
  readonly type: Kind
  /** Each stands in at least one backup; no two are equal. */
  readonly versions: readonly Version[]
}

/** A backup whose names are in a table. Its place in the list is its ordinal; the oldest comes first. */
export interface Held {
  readonly name: string
  /** Of the archive file, in bytes. */
  readonly size: number
  /** In ms since 1970. */
  readonly made: number
  /** Top folders, and where each came from; '' where that is not known. */
  readonly roots: readonly { readonly name: string; readonly origin: string }[]
  /** Where it was seen last: ids of media and places, or paths where there is no id. */
  readonly places: readonly string[]
}

/** Whose files they are: one plan, one computer. */
export interface Owner {
  /** As the names of its backups say it. */
  readonly subject: string
  /** '' where the backups do not say it. */
  readonly host: string
}

export interface About extends Owner {
  readonly artifacts: readonly Held[]
}

/** A backup by its name and size: two computers may have given the same name. */
export function keyOf({ name, size }: Pick<Held, 'name' | 'size'>): string {
  return `${size} ${name}`
}

export function split(path: string): [dir: string, name: string] {
  const at = path.lastIndexOf('/')
  return at < 0 ? ['', path] : [path.slice(0, at), path.slice(at + 1)]
}

export function joined(dir: string, name: string): string {
  return dir === '' ? name : `${dir}/${name}`
}

type Placed = Pick<Row, 'dir' | 'name'>

/** The order of rows in a table. */
export function compareRows(one: Placed, other: Placed): number {
  if (one.dir !== other.dir) return one.dir < other.dir ? -1 : 1
  return one.name < other.name ? -1 : one.name > other.name ? 1 : 0
}

export function holds(spans: Spans, ordinal: number): boolean {
  for (let at = 0; at < spans.length; at += 2)
    if ((spans[at] as number) <= ordinal) {
      if (ordinal <= (spans[at + 1] as number)) return true
    } else return false
  return false
}

export function* ordinalsIn(spans: Spans): Generator<number> {
  for (let at = 0; at < spans.length; at += 2)
    for (let one = spans[at] as number; one <= (spans[at + 1] as number); one += 1) yield one
}

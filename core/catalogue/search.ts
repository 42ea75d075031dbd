// Looks for words in the tables of the catalogue. Only the folded names are read, block by block, and the longest word is found in them by its bytes; the others
// are looked for where it stands.
// Guarantees: the thread is held for a block at a time; memory is bounded; every word stands in the path of what is found, in whatever order. What matches best comes
// first: the whole name, its beginning, within the name, only in the path; of equal ones the newest. Where very much matches, counting ends (`more`).
import { Failure } from '../api/failure.ts'
import { type Held, holds, joined, type Owner, type Row, type Version } from './row.ts'
import type { Reading, Records, Table } from './table.ts'
import { folderMark, newline } from './table-format.ts'

export interface Query {
  /** Folded (wordsOf): the longest first. */
  readonly words: readonly string[]
  /** All that was typed, folded: what a name may be as a whole. */
  readonly phrase: string
  /** How many are given. */
  readonly limit: number
  /** As it was then, in ms since 1970: only what stands in the last backup before. */
  readonly before?: number | undefined
}

/** A table, and which of its backups are there, by ordinal. */
export interface Searched {
  readonly table: Table
  readonly there: readonly boolean[]
}

export interface Match extends Owner {
  readonly path: string
  readonly type: Row['type']
  /** The version that stands in the newest of its backups, or in the last one before. */
  readonly size: number
  readonly mtime: number
  /** How many versions there are in all. */
  readonly versions: number
  /** The newest backup in which this version stands. */
  readonly held: Held
}

export interface Matches {
  readonly matches: Match[]
  /** How many there are in all. */
  readonly total: number
  /** There are more than that. */
  readonly more: boolean
}

/** Whoever gets so many types another word. */
const countedAtMost = 50_000

/** Blocks that are read ahead. */
const ahead = 4

export async function search(
  tables: readonly Searched[],
  query: Query,
  signal: AbortSignal | undefined,
): Promise<Matches> {
  const best = new Best(query.limit)
  for (const searched of tables) {
    if (best.total >= countedAtMost) break
    await new TableSearch(searched, query, best).run(signal)
  }
  return { matches: best.all(), total: best.total, more: best.total >= countedAtMost }
}

/** How well something matches, the best first. */
const ranks = { whole: 0, begins: 1, inName: 2, inPath: 3 }

interface Ranked {
  readonly rank: number
  readonly match: Match
}

/** The best of all that was found. */
class Best {
  readonly #limit: number
  readonly #found: Ranked[] = []
  total = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** False: one of this rank has no chance, however new it is. */
  wants(rank: number): boolean {
    const last = this.#found[this.#limit - 1]
    return !last || rank <= last.rank
  }

  add(one: Ranked): void {
    let [low, high] = [0, this.#found.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (isBetter(one, this.#found[middle] as Ranked)) high = middle
      else low = middle + 1
    }
    if (low >= this.#limit) return
    this.#found.splice(low, 0, one)
    if (this.#found.length > this.#limit) this.#found.pop()
  }

  all(): Match[] {
    return this.#found.map(({ match }) => match)
  }
}

function isBetter(one: Ranked, other: Ranked): boolean {
  return one.rank < other.rank || (one.rank === other.rank && one.match.mtime > other.match.mtime)
}

class TableSearch {
  readonly #searched: Searched
  readonly #best: Best
  readonly #words: readonly Word[]
  readonly #phrase: string
  #anchor: Buffer = Buffer.alloc(0)
  /** The only backup that counts; undefined: all that are there. */
  readonly #at: number | undefined
  /** Whatever matches is there. */
  readonly #plain: boolean

  constructor(searched: Searched, { words, phrase, before }: Query, best: Best) {
    this.#searched = searched
    this.#best = best
    this.#phrase = Buffer.from(phrase).toString('latin1')
    this.#words = words.map((word) => new Word(word))
    this.#at = before === undefined ? undefined : lastBefore(searched, before)
    this.#plain = before === undefined && searched.there.every(Boolean)
  }

  async run(signal: AbortSignal | undefined): Promise<void> {
    const { table } = this.#searched
    if (this.#at === -1) return
    const reading = await table.reading()
    try {
      this.#anchor = await this.#rarest(reading)
      for await (const { text, number } of blocks(reading, table.blocks)) {
        if (signal?.aborted) throw new Failure('cancelled')
        const first = text.indexOf(this.#anchor)
        if (first === -1) continue
        this.#block(text, await reading.records(number, text), first)
        if (this.#best.total >= countedAtMost) return
      }
    } finally {
      await reading.close()
    }
  }

  /** What is looked for first, because the fewest folders have it: by what some blocks say. */
  async #rarest(reading: Reading): Promise<Buffer> {
    const { blocks: count } = this.#searched.table
    const [first, ...others] = this.#words.map(({ anchor }) => ({ anchor, hits: 0 }))
    if (!first || others.length === 0 || count === 0) return first?.anchor ?? Buffer.alloc(0)
    for (const number of new Set([0, count >> 1, count - 1])) {
      const text = await reading.text(number)
      for (const one of [first, ...others]) one.hits += hitsIn(text, one.anchor)
    }
    return others.reduce((best, one) => (one.hits < best.hits ? one : best), first).anchor
  }

  #block(text: Buffer, records: Records, first: number): void {
    for (let hit = first; hit !== -1; ) {
      const begin = text.lastIndexOf(folderMark, hit)
      const next = text.indexOf(folderMark, begin + 1)
      const end = next === -1 ? text.length : next
      this.#folder({ text, records, line: records.lineAt(begin), end })
      hit = next === -1 ? -1 : text.indexOf(this.#anchor, next)
    }
  }

  /** A folder in which something has the anchor: itself, or what lies directly in it. */
  #folder(folder: Folder): void {
    const dir = folder.records.folded(folder.line)
    const missing: Needed[] = []
    for (const word of this.#words) {
      const needed = word.neededOf(dir)
      if (needed === 'never') return
      if (needed !== 'nothing') missing.push(needed)
    }
    const [rarest, ...others] = missing
    if (!rarest) {
      this.#inside(folder)
      return
    }
    for (const line of linesWith(rarest.bytes, folder)) {
      const name = folder.records.folded(line)
      if (rarest.fits(name) && others.every((word) => word.fits(name))) this.#take(folder, line, this.#rank(name))
    }
  }

  /** All that lies in a folder whose path has every word. */
  #inside(folder: Folder): void {
    const { records, line: first, end } = folder
    if (!this.#plain || this.#best.wants(ranks.inPath)) {
      for (let line = first + 1; records.startOf(line) < end; line += 1)
        this.#take(folder, line, this.#rank(records.folded(line)))
      return
    }
    this.#best.total += records.lineAt(end - 1) - first
    for (const line of linesWith(this.#anchor, folder)) {
      const rank = this.#rank(records.folded(line))
      if (this.#best.wants(rank)) this.#add(folder, line, rank)
    }
  }

  #take(folder: Folder, line: number, rank: number): void {
    const counts = this.#plain && !this.#best.wants(rank)
    if (counts || this.#add(folder, line, rank)) this.#best.total += 1
  }

  /** False: no backup that counts has it. */
  #add({ records, line: first }: Folder, line: number, rank: number): boolean {
    const match = this.#match(records.row(line, records.dir(first)))
    if (match) this.#best.add({ rank, match })
    return match !== undefined
  }

  #rank(name: string): number {
    if (!this.#words.every(({ text }) => name.includes(text))) return ranks.inPath
    if (!name.startsWith(this.#phrase)) return ranks.inName
    const { length } = this.#phrase
    return name.length === length || name.lastIndexOf('.') === length ? ranks.whole : ranks.begins
  }

  /** Undefined: no backup that counts has it. */
  #match({ dir, name, type, versions }: Row): Match | undefined {
    const { table, there } = this.#searched
    let shown: Version | undefined
    let ordinal = -1
    let count = 0
    for (const version of versions) {
      const newest = newestOf(version, there)
      if (newest === -1) continue
      count += 1
      const counts = this.#at === undefined ? newest > ordinal : holds(version.in, this.#at)
      if (!counts) continue
      shown = version
      ordinal = this.#at ?? newest
    }
    const held = table.about.artifacts[ordinal]
    if (!shown || !held) return undefined
    const { subject, host } = table.about
    const { size, mtime } = shown
    return { subject, host, path: joined(dir, name), type, size, mtime, versions: count, held }
  }
}

/** A piece of a block: a folder and what lies directly in it. */
interface Folder {
  readonly text: Buffer
  readonly records: Records
  /** Of the folder itself. */
  readonly line: number
  /** Where its last line ends. */
  readonly end: number
}

/** What a name must have, because its folder has it not. */
interface Needed {
  /** Stands in the text of such a line, or right before it. */
  readonly bytes: Buffer
  fits(name: string): boolean
}

/** A word, and how it can stand in a path: in the folder, in the name, or, with a slash in it, where the two meet. */
class Word {
  /** UTF-8 read byte by byte, as the lines are. */
  readonly text: string
  /** Its longest piece between slashes: folders and names are looked at apart. */
  readonly anchor: Buffer
  readonly #inName: Needed
  readonly #meeting: { readonly before: string; readonly begin: Needed } | undefined

  constructor(word: string) {
    const bytes = Buffer.from(word)
    const text = bytes.toString('latin1')
    this.text = text
    this.anchor = Buffer.from(
      word.split('/').reduce((longest, piece) => (piece.length > longest.length ? piece : longest)),
    )
    this.#inName = { bytes, fits: (name) => name.includes(text) }
    const slash = text.lastIndexOf('/')
    if (slash === -1) return
    const after = text.slice(slash + 1)
    const begin = { bytes: Buffer.from(`\n${after}`, 'latin1'), fits: (name: string) => name.startsWith(after) }
    this.#meeting = { before: text.slice(0, slash), begin }
  }

  neededOf(dir: string): Needed | 'nothing' | 'never' {
    if (dir.includes(this.text)) return 'nothing'
    if (!this.#meeting) return this.#inName
    const { before, begin } = this.#meeting
    return `/${dir}`.endsWith(before) ? begin : 'never'
  }
}

/** Lines in a folder in which these bytes stand, or at whose beginning they do. */
function* linesWith(bytes: Buffer, { text, records, line: first, end }: Folder): Generator<number> {
  // What lies behind must not be looked through for each folder anew.
  const here = text.subarray(0, end - 1)
  // From the end of the folder's own line on, where the first line begins.
  for (let from = records.startOf(first + 1) - 1; ; ) {
    const hit = here.indexOf(bytes, from)
    if (hit === -1) return
    const line = records.lineAt(here[hit] === newline ? hit + 1 : hit)
    yield line
    from = records.startOf(line + 1) - 1
  }
}

/** More hits in a block than this say no more. */
const enough = 1000

function hitsIn(text: Buffer, bytes: Buffer): number {
  let hits = 0
  for (let at = text.indexOf(bytes); at !== -1 && hits < enough; at = text.indexOf(bytes, at + 1)) hits += 1
  return hits
}

/** The last backup that was made before; -1: there is none. */
function lastBefore({ table, there }: Searched, before: number): number {
  return table.about.artifacts.findLastIndex(({ made }, ordinal) => made <= before && there[ordinal])
}

/** The newest backup that is there and has it; -1: none. */
function newestOf({ in: spans }: Version, there: readonly boolean[]): number {
  for (let at = spans.length - 2; at >= 0; at -= 2)
    for (let one = spans[at + 1] as number; one >= (spans[at] as number); one -= 1) if (there[one]) return one
  return -1
}

/** One after the other, while the next ones are read already. A text is valid until the next is taken. */
async function* blocks(reading: Reading, count: number): AsyncGenerator<{ text: Buffer; number: number }> {
  const rooms: Buffer[] = Array.from({ length: ahead + 1 }, () => Buffer.alloc(0))
  const coming: Promise<Buffer>[] = []
  const fetch = (number: number) => {
    const found = reading.text(number, rooms[number % rooms.length])
    found.catch(() => undefined)
    coming[number] = found
  }
  for (let number = 0; number < Math.min(ahead, count); number += 1) fetch(number)
  try {
    for (let number = 0; number < count; number += 1) {
      const text = await (coming[number] as Promise<Buffer>)
      delete coming[number]
      const room = rooms[number % rooms.length] as Buffer
      if (text.buffer !== room.buffer) rooms[number % rooms.length] = Buffer.from(text.buffer)
      if (number + ahead < count) fetch(number + ahead)
      yield { text, number }
    }
  } finally {
    await Promise.allSettled(Object.values(coming))
  }
}

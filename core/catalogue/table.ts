// A table of the catalogue: the files of one plan of one computer in all its backups, each path once. One file, written once; another may take its name.
//   a heading line; blocks; the footer (JSON: whose it is, its backups, its blocks); the trailer (a word, the length and the CRC-32 of the footer)
//   a block: its text, then where each line of it begins (u32), where each record begins (u32), and the records
//   the text: lines of folded names (fold.ts) in the order of rows. A line that begins with 0x02 is a folder: the lines below are what lies directly in it.
//   It is what is searched (search.ts), and it is read alone for that.
//   a record: of a folder, its name where folding has changed it; of any other line its kind, its name likewise, and its versions
// Guarantees: whole under its name, or absent; what is read was compared with its CRC-32 first, else Failure `damaged`. Memory is bounded by a block. It is a file for
// this computer: numbers stand in the order of its processor.
import { type BigIntStats, closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { Failure } from '../api/failure.ts'
import { fromErrno } from '../lib/files.ts'
import { decodeName } from '../lib/paths.ts'
import { Unpacking } from './packed.ts'
import { type About, compareRows, kinds, type Row, type Version } from './row.ts'
import { type BlockAt, ending, type Footer, folderMark, heading, onDisk, trailerLength } from './table-format.ts'

/** What is beside the text of a block. */
export class Records {
  readonly #starts: Uint32Array
  readonly #places: Uint32Array
  readonly #data: Buffer
  readonly #text: Buffer

  constructor(text: Buffer, rest: Buffer, lines: number) {
    this.#text = text
    this.#starts = new Uint32Array(rest.buffer, rest.byteOffset, lines)
    this.#places = new Uint32Array(rest.buffer, rest.byteOffset + 4 * lines, lines)
    this.#data = rest.subarray(8 * lines)
  }

  get lines(): number {
    return this.#starts.length
  }

  /** Number of the line that holds this byte of the text. */
  lineAt(offset: number): number {
    let [low, high] = [0, this.#starts.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((this.#starts[middle] as number) <= offset) low = middle
      else high = middle
    }
    return low
  }

  startOf(line: number): number {
    return this.#starts[line] ?? this.#text.length
  }

  isFolder(line: number): boolean {
    return this.#text[this.startOf(line)] === folderMark
  }

  /** The text of a line, as UTF-8 read byte by byte: for comparing. */
  folded(line: number): string {
    const start = this.startOf(line) + (this.isFolder(line) ? 1 : 0)
    return this.#text.toString('latin1', start, this.startOf(line + 1) - 1)
  }

  /** The folder of a line that begins one. */
  dir(line: number): string {
    return this.#name(new Unpacking(this.#data, this.#places[line]), line)
  }

  row(line: number, dir: string): Row {
    const record = new Unpacking(this.#data, this.#places[line])
    const type = kinds[record.number()] ?? 'other'
    const name = this.#name(record, line)
    const versions: Version[] = []
    for (let left = record.number(); left > 0; left -= 1) {
      const size = record.number()
      const mtime = record.signed()
      const spans: number[] = []
      let before = 0
      for (let more = record.number(); more > 0; more -= 1) {
        before += record.number()
        spans.push(before)
      }
      versions.push({ size, mtime, in: spans })
    }
    return { dir, name, type, versions }
  }

  #name(record: Unpacking, line: number): string {
    const length = record.number()
    if (length > 0) return decodeName(record.bytes(length))
    const start = this.startOf(line) + (this.isFolder(line) ? 1 : 0)
    return this.#text.toString('utf8', start, this.startOf(line + 1) - 1)
  }
}

export class Table {
  readonly path: string
  readonly about: About
  readonly rows: number
  readonly #blocks: readonly BlockAt[]
  /** Of the file: another may stand under its name by now. */
  readonly #identity: string
  /** Parts of blocks that were compared with their checksums already (`sound`). */
  readonly #sound: Uint8Array

  /** Failures: `damaged`, and those of the disk; of what reads it later also `changed`: another file stands there by now. */
  static open(path: string): Table {
    const file = onDisk(path, () => openSync(path, 'r'))
    try {
      return new Table(path, readFooter(path, file), identityOf(fstatSync(file, { bigint: true })))
    } finally {
      closeSync(file)
    }
  }

  private constructor(path: string, { about, rows, blocks }: Footer, identity: string) {
    this.path = path
    this.#identity = identity
    this.about = about
    this.rows = rows
    this.#blocks = blocks
    this.#sound = new Uint8Array(blocks.length)
  }

  get blocks(): number {
    return this.#blocks.length
  }

  /** All rows in their order; reads in this thread. */
  *all(): Generator<Row> {
    const file = onDisk(this.path, () => openSync(this.path, 'r'))
    try {
      this.#requireSame(fstatSync(file, { bigint: true }))
      for (const { offset, text, rest, lines, crcs } of this.#blocks) {
        const [names, beside] = [read(this.path, file, offset, text), read(this.path, file, offset + text, rest)]
        if (crc32(names) !== crcs[0] || crc32(beside) !== crcs[1]) throw damaged(this.path)
        yield* rowsOf(new Records(names, beside, lines))
      }
    } finally {
      closeSync(file)
    }
  }

  async reading(): Promise<Reading> {
    const file = await open(this.path).catch((error: unknown) => {
      throw fromErrno(error, { path: this.path })
    })
    try {
      this.#requireSame(await file.stat({ bigint: true }))
    } catch (error) {
      await file.close()
      throw error
    }
    return new Reading(this.path, file, this.#blocks, this.#sound)
  }

  /** What was learnt of the former file says nothing about one that has replaced it. */
  #requireSame(stat: BigIntStats): void {
    if (identityOf(stat) !== this.#identity) throw new Failure('changed', { name: this.path, path: this.path })
  }
}

function identityOf({ dev, ino, size, mtimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs].join(' ')
}

function* rowsOf(records: Records): Generator<Row> {
  let dir = ''
  for (let line = 0; line < records.lines; line += 1) {
    if (records.isFolder(line)) dir = records.dir(line)
    else yield records.row(line, dir)
  }
}

/** Bits of a block. */
const sound = { text: 1, records: 2 }

/** A table that is open for searching: blocks by their numbers, read without holding up the thread. */
export class Reading {
  readonly #path: string
  readonly #file: FileHandle
  readonly #blocks: readonly BlockAt[]
  readonly #sound: Uint8Array

  constructor(path: string, file: FileHandle, blocks: readonly BlockAt[], sound: Uint8Array) {
    this.#path = path
    this.#file = file
    this.#blocks = blocks
    this.#sound = sound
  }

  /** The text of a block, in `buffer` where that has room for it. */
  async text(number: number, buffer?: Buffer): Promise<Buffer> {
    const { offset, text, crcs } = this.#at(number)
    const room = buffer && buffer.length >= text ? buffer.subarray(0, text) : Buffer.allocUnsafeSlow(text)
    await this.#fill(room, offset)
    this.#check(number, sound.text, room, crcs[0])
    return room
  }

  async records(number: number, names: Buffer): Promise<Records> {
    const { offset, text, rest, lines, crcs } = this.#at(number)
    const room = Buffer.allocUnsafeSlow(rest)
    await this.#fill(room, offset + text)
    this.#check(number, sound.records, room, crcs[1])
    return new Records(names, room, lines)
  }

  /** Once in the life of the program: a search reads the same again and again. */
  #check(number: number, part: number, data: Buffer, crc: number): void {
    const known = this.#sound[number] as number
    if ((known & part) === 0 && crc32(data) !== crc) throw damaged(this.#path)
    this.#sound[number] = known | part
  }

  /** The row of a path; undefined: there is none. */
  async find(dir: string, name: string): Promise<Row | undefined> {
    const wanted = { dir, name }
    let [low, high] = [0, this.#blocks.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const [first, second] = this.#at(middle).first
      if (compareRows({ dir: first, name: second }, wanted) <= 0) low = middle + 1
      else high = middle
    }
    if (low === 0) return undefined
    const text = await this.text(low - 1)
    const records = await this.records(low - 1, text)
    for (const row of rowsOf(records)) if (compareRows(row, wanted) === 0) return row
    return undefined
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  #at(number: number): BlockAt {
    return this.#blocks[number] as BlockAt
  }

  async #fill(room: Buffer, position: number): Promise<void> {
    for (let at = 0; at < room.length; ) {
      const { bytesRead } = await this.#file.read(room, at, room.length - at, position + at).catch((error: unknown) => {
        throw fromErrno(error, { path: this.#path })
      })
      if (bytesRead === 0) throw damaged(this.#path)
      at += bytesRead
    }
  }
}

/** The longest footer that is believed, in bytes. */
const longestFooter = 256 * 1024 * 1024

function readFooter(path: string, file: number): Footer {
  const { size } = onDisk(path, () => fstatSync(file))
  if (size < heading.length + trailerLength) throw damaged(path)
  const trailer = read(path, file, size - trailerLength, trailerLength)
  const length = trailer.readUInt32LE(ending.length)
  const start = size - trailerLength - length
  if (!trailer.subarray(0, ending.length).equals(ending) || length > longestFooter || start < heading.length)
    throw damaged(path)
  const footer = read(path, file, start, length)
  if (crc32(footer) !== trailer.readUInt32LE(ending.length + 4)) throw damaged(path)
  if (!read(path, file, 0, heading.length).equals(heading)) throw damaged(path)
  // Its checksum fits: it is what was written.
  return JSON.parse(footer.toString('utf8')) as Footer
}

function read(path: string, file: number, position: number, length: number): Buffer {
  const room = Buffer.allocUnsafeSlow(length)
  for (let at = 0; at < length; ) {
    const count = onDisk(path, () => readSync(file, room, at, length - at, position + at))
    if (count === 0) throw damaged(path)
    at += count
  }
  return room
}

function damaged(path: string): Failure {
  return new Failure('damaged', { name: path, path, reason: 'CRC-32' })
}

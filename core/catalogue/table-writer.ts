// Writes a table of the catalogue (table.ts), row by row.
// Guarantees: memory is bounded by a block; the file is on the disk when `finish` returns.
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { encodeName } from '../lib/paths.ts'
import { fold } from './fold.ts'
import { Packed } from './packed.ts'
import { type About, kinds, type Row } from './row.ts'
import {
  type BlockAt,
  ending,
  type Footer,
  folderMark,
  heading,
  newline,
  onDisk,
  trailerLength,
} from './table-format.ts'

/** Bytes of text after which a block ends. */
const blockLength = 256 * 1024

export class TableWriter {
  readonly #path: string
  readonly #file: number
  readonly #text = new Packed()
  readonly #records = new Packed()
  #starts: number[] = []
  #places: number[] = []
  #first: [string, string] | undefined
  #dir: string | undefined
  #offset = 0
  #rows = 0
  readonly #blocks: BlockAt[] = []

  /** The file must not be there. */
  constructor(path: string) {
    this.#path = path
    this.#file = this.#disk(() => openSync(path, 'wx', 0o600))
    this.#write(heading)
  }

  /** In the order of compareRows, none twice. */
  add(row: Row): void {
    if (this.#text.length >= blockLength) this.#endBlock()
    this.#first ??= [row.dir, row.name]
    if (row.dir !== this.#dir) {
      this.#line(row.dir, true)
      this.#dir = row.dir
    }
    this.#line(row.name, false, kinds.indexOf(row.type))
    this.#records.number(row.versions.length)
    for (const { size, mtime, in: spans } of row.versions) {
      this.#records.number(size)
      this.#records.signed(mtime)
      this.#records.number(spans.length)
      let before = 0
      for (const ordinal of spans) {
        this.#records.number(ordinal - before)
        before = ordinal
      }
    }
    this.#rows += 1
  }

  /** Durable under its name from then on. */
  finish(about: About): void {
    if (this.#starts.length > 0) this.#endBlock()
    const footer = Buffer.from(JSON.stringify({ about, rows: this.#rows, blocks: this.#blocks } satisfies Footer))
    const trailer = Buffer.alloc(trailerLength)
    ending.copy(trailer)
    trailer.writeUInt32LE(footer.length, ending.length)
    trailer.writeUInt32LE(crc32(footer), ending.length + 4)
    this.#write(footer)
    this.#write(trailer)
    this.#disk(() => fsyncSync(this.#file))
    this.#disk(() => closeSync(this.#file))
  }

  /** Removes what there is of it. */
  drop(): void {
    closeSync(this.#file)
    rmSync(this.#path, { force: true })
  }

  #line(name: string, folder: boolean, kind?: number): void {
    this.#starts.push(this.#text.length)
    this.#places.push(this.#records.length)
    if (folder) this.#text.number(folderMark)
    const folded = fold(name)
    this.#text.text(folded, 'utf8')
    this.#text.number(newline)
    if (kind !== undefined) this.#records.number(kind)
    const raw = folded === name ? undefined : encodeName(name)
    this.#records.number(raw ? raw.length : 0)
    if (raw) this.#records.bytes(raw)
  }

  #endBlock(): void {
    const text = this.#text.view()
    const tables = [Uint32Array.from(this.#starts), Uint32Array.from(this.#places)]
    const rest = Buffer.concat([...tables.map(({ buffer }) => Buffer.from(buffer)), this.#records.view()])
    this.#blocks.push({
      offset: this.#offset,
      text: text.length,
      rest: rest.length,
      lines: this.#starts.length,
      crcs: [crc32(text), crc32(rest)],
      first: this.#first ?? ['', ''],
    })
    this.#write(text)
    this.#write(rest)
    this.#text.clear()
    this.#records.clear()
    this.#starts = []
    this.#places = []
    this.#first = undefined
    this.#dir = undefined
  }

  #write(data: Buffer): void {
    for (let at = 0; at < data.length; ) at += this.#disk(() => writeSync(this.#file, data, at))
    this.#offset += data.length
  }

  #disk<T>(call: () => T): T {
    return onDisk(this.#path, call)
  }
}

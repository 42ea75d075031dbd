// A file of SQL into single statements, as the client programs of MySQL and MariaDB divide it: by a delimiter that the file may change.
// Guarantees: each byte of the file is one character (Latin-1) of a statement, so that nothing is lost whatever the file's character set is;
// memory holds two statements. Does not judge what a statement does (guard.ts), but that rows are nothing else (rows.ts). Never runs a
// client command.
import type { FileHandle } from 'node:fs/promises'
import { Failure } from '../../api/failure.ts'
import { beginsRows, more, RowScan } from './rows.ts'

export interface Statement {
  /** One character a byte; without the delimiter and without what stands before it. To be read before the next statement is asked for. */
  readonly text: string
  /** The same; these stay until the statement after the next one is asked for. */
  readonly bytes: Uint8Array
  /** Where it begins, counted from 1. */
  readonly line: number
  /** Bytes of the file up to its end. */
  readonly end: number
  /** Bytes of the statement. */
  readonly length: number
  /** The table of a statement that holds rows for it and nothing else, as it stands between backquotes. */
  readonly rows?: string | undefined
}

/** What quotes and backslashes mean: it depends on the session's `sql_mode`, which a dump changes between statements. */
export interface Quoting {
  /** Double quotes are for names. */
  readonly ansi: boolean
  /** In texts, a backslash takes the next character along. */
  readonly backslash: boolean
}

export const plainQuoting: Quoting = { ansi: false, backslash: true }

/** Bytes per read. */
const chunkSize = 256 * 1024

/** What the clients take for the largest packet (`--max-allowed-packet=512M`), and nearly the longest string of V8. */
const longest = 512 * 1024 * 1024 - 64

/**
 * The statements of a file in their order. Text after the last delimiter is Failure `load-failed` (no-end), unless it is blank. `quoting`: asked before
 * each statement.
 */
export async function* statementsOf(
  file: FileHandle,
  quoting: () => Quoting = () => plainQuoting,
): AsyncGenerator<Statement> {
  const splitter = new Splitter(quoting)
  let offset = 0
  for (;;) {
    const buffer = splitter.room(chunkSize)
    const { bytesRead } = await file.read(buffer, 0, buffer.length, offset)
    if (bytesRead === 0) break
    offset += bytesRead
    splitter.filled(bytesRead)
    for (let next = splitter.next(); next; next = splitter.next()) yield next
  }
  splitter.end()
  for (let next = splitter.next(); next; next = splitter.next()) yield next
  splitter.finish()
}

/** What can end the string or comment that one is in: the character itself, or one of these. */
const none = 0
const lineEnd = 0x0a
const starSlash = 0x2a

/** So many bytes show what a statement is: more than `INSERT INTO` and a quote, or `DELIMITER` have. */
const enough = 16

/** Bytes at which something begins: ' " ` # - / and the delimiter's first one. */
const marks = [0x27, 0x22, 0x60, 0x23, 0x2d, 0x2f]

/** Divides what is pushed. */
export class Splitter {
  readonly #quoting: () => Quoting
  #bytes: Buffer = Buffer.allocUnsafe(2 * chunkSize)
  /** In which the statement before was, and which may still be being sent; whether one was given from the bytes at hand since they took its place. */
  #spare: Buffer | undefined
  #given = false
  /** Where the statement begins, where the bytes end, and up to where they were looked at. */
  #start = 0
  #filled = 0
  #at = 0
  #ended = false
  /** Inside of a string or comment: what ends it. */
  #until = none
  #rows: RowScan | undefined
  /** The statement is not of rows. */
  #plain = false
  #delimiter: Buffer = Buffer.from(';')
  #special = specialBytes(this.#delimiter)
  #line = 1
  #offset = 0

  constructor(quoting: () => Quoting) {
    this.#quoting = quoting
  }

  /** Where the next bytes go, at least `least` of them; then say `filled`. */
  room(least: number): Buffer {
    const waiting = this.#filled - this.#start
    if (waiting > longest) throw this.#failure('too-long')
    if (this.#bytes.length - this.#filled < least) {
      const small = 2 * chunkSize
      const length = waiting + least <= small ? small : Math.max(2 * waiting, waiting + least)
      this.#move(length, waiting)
    }
    return this.#bytes.subarray(this.#filled, this.#filled + least)
  }

  /** To the beginning of a buffer of this length in which nobody reads: see `bytes` of a statement. */
  #move(length: number, waiting: number): void {
    const free = this.#given ? this.#spare : this.#bytes
    const fits = free && length <= free.length && free.length <= 8 * length
    const into = fits ? free : Buffer.allocUnsafe(length)
    this.#bytes.copy(into, 0, this.#start, this.#filled)
    if (this.#given) this.#spare = this.#bytes
    this.#given = false
    this.#at -= this.#start
    this.#start = 0
    this.#filled = waiting
    this.#bytes = into
  }

  filled(count: number): void {
    this.#filled += count
  }

  push(bytes: Uint8Array): void {
    this.room(bytes.length).set(bytes)
    this.#filled += bytes.length
  }

  /** Nothing more comes. */
  end(): void {
    this.#ended = true
  }

  /** The next whole statement that is not blank. */
  next(): Statement | undefined {
    for (;;) {
      if (this.#at === this.#start && this.#until === none && !this.#begin()) return undefined
      const end = this.#rowsEnd() ?? this.#find()
      if (end === undefined) return undefined
      const statement = this.#statement(end)
      this.#drop(end + this.#delimiter.length, this.#rows?.lines)
      this.#rows = undefined
      this.#plain = false
      if (statement) return statement
    }
  }

  finish(): void {
    const text = this.#bytes.toString('latin1', this.#start, this.#filled)
    if (this.#until === none && /^DELIMITER[ \t]+\S+[ \t\r]*$/i.test(text)) return
    if (this.#until === lineEnd && !/\S/.test(text.slice(0, text.search(/#|--/)))) return
    if (text.trim() !== '') throw this.#failure('no-end')
  }

  #failure(reason: string): Failure {
    const text = this.#bytes.toString('latin1', this.#start, Math.min(this.#filled, this.#start + headLength))
    return new Failure('load-failed', { line: this.#line, statement: beginning(text), reason })
  }

  #statement(end: number): Statement | undefined {
    const bytes = this.#bytes
    const start = this.#start
    if (isBlank(bytes, start, end)) return undefined
    this.#given = true
    return {
      bytes: bytes.subarray(start, end),
      get text() {
        return bytes.toString('latin1', start, end)
      },
      line: this.#line,
      end: this.#offset + end - start + this.#delimiter.length,
      length: end - start,
      rows: this.#rows?.table,
    }
  }

  /** `lines`: how many there are before `to`, where they have been counted. */
  #drop(to: number, lines?: number): void {
    if (lines !== undefined) this.#line += lines
    else {
      for (
        let at = this.#bytes.indexOf(lineEnd, this.#start);
        at >= 0 && at < to;
        at = this.#bytes.indexOf(lineEnd, at + 1)
      )
        this.#line += 1
    }
    this.#offset += to - this.#start
    this.#start = to
    this.#at = to
  }

  /** Past white space, whole line comments and client commands, which belong to no statement; false: not enough bytes to tell. */
  #begin(): boolean {
    for (;;) {
      this.#skipWhite()
      const at = this.#start
      if (at === this.#filled || (!this.#ended && this.#filled - at < enough)) return false
      const byte = this.#bytes[at] as number
      const comment = byte === 0x23 || (byte === 0x2d && this.#isComment(at))
      if (!comment && (byte | 0x20) !== 0x64) return true
      const skipped = comment ? this.#skipLine() : this.#command(at)
      if (skipped !== true) return skipped === undefined
    }
  }

  #skipWhite(): void {
    let at = this.#start
    while (at < this.#filled && isWhite(this.#bytes[at] as number)) at += 1
    if (at > this.#start) this.#drop(at)
  }

  /** False: its end is not yet there; undefined: it has none. */
  #skipLine(): boolean | undefined {
    const end = this.#bytes.indexOf(lineEnd, this.#start)
    if (end < 0 || end >= this.#filled) return this.#ended ? undefined : false
    this.#drop(end + 1)
    return true
  }

  /** `DELIMITER ;;` on a line of its own: the only command for the client that a dump holds. False: more is needed; undefined: it is none. */
  #command(at: number): boolean | undefined {
    const text = this.#bytes.toString('latin1', at, Math.min(this.#filled, at + 200))
    if (!/^DELIMITER[ \t]/i.test(text)) return undefined
    const found = /^DELIMITER[ \t]+(\S+)[^\n]*\n/i.exec(text)
    if (!found) return text.length < 200 && !this.#ended ? false : undefined
    this.#delimiter = Buffer.from(found[1] as string, 'latin1')
    this.#special = specialBytes(this.#delimiter)
    this.#drop(at + found[0].length)
    return true
  }

  /** The end of a statement of rows; undefined: it is another one, or not yet all there. */
  #rowsEnd(): number | undefined {
    if (this.#plain || this.#until !== none) return undefined
    if (!this.#rows && !this.#mayBeRows()) {
      this.#plain = true
      return undefined
    }
    this.#rows ??= new RowScan()
    const end = this.#rows.scan(this.#bytes, this.#start, this.#filled)
    if (end >= 0) return this.#start + end
    if (end === more && !this.#ended) return undefined
    this.#rows = undefined
    this.#plain = true
    return undefined
  }

  #mayBeRows(): boolean {
    const [delimiter] = this.#delimiter
    if (this.#delimiter.length > 1 || delimiter !== 0x3b || !this.#quoting().backslash) return false
    return beginsRows(this.#bytes, this.#start, this.#filled)
  }

  /** Where the delimiter is that ends the statement; undefined: not in what was read so far. */
  #find(): number | undefined {
    if (this.#rows) return undefined
    const [first] = this.#delimiter
    for (;;) {
      if (this.#until !== none && !this.#leave()) return undefined
      let at = this.#at
      while (at < this.#filled && this.#special[this.#bytes[at] as number] === 0) at += 1
      this.#at = at
      if (at === this.#filled) return undefined
      const rest = this.#filled - at
      // What begins here may go on in what has not been read yet.
      if (!this.#ended && rest < Math.max(4, this.#delimiter.length)) return undefined
      if (this.#bytes[at] === first && this.#startsWith(this.#delimiter, at)) return at
      this.#enter(at)
    }
  }

  #startsWith(what: Buffer, at: number): boolean {
    return at + what.length <= this.#filled && this.#bytes.compare(what, 0, what.length, at, at + what.length) === 0
  }

  #enter(at: number): void {
    const byte = this.#bytes[at] as number
    if (byte === 0x27 || byte === 0x22 || byte === 0x60) this.#open(byte, 1)
    else if (byte === 0x23) this.#open(lineEnd, 1)
    else if (byte === 0x2d && this.#isComment(at)) this.#open(lineEnd, 2)
    else if (byte === 0x2f && !/^\/\*(?:!|M!)/.test(this.#latin1(at, 4)) && this.#latin1(at, 2) === '/*')
      this.#open(starSlash, 2)
    else this.#at = at + 1
  }

  #latin1(at: number, length: number): string {
    return this.#bytes.toString('latin1', at, Math.min(at + length, this.#filled))
  }

  #isComment(at: number): boolean {
    return isLineComment(this.#latin1(at, 3), 0) && this.#bytes[at + 1] === 0x2d
  }

  #open(until: number, skip: number): void {
    this.#until = until
    this.#at += skip
  }

  /** To the end of the string or comment; false: it is not in what was read so far. */
  #leave(): boolean {
    const until = this.#until
    const { ansi, backslash } = this.#quoting()
    const end = until === starSlash ? this.#commentEnd() : this.#textEnd(until, backslash && isText(until, ansi))
    if (end < 0) return false
    this.#at = end
    this.#until = none
    return true
  }

  #commentEnd(): number {
    const found = this.#bytes.indexOf('*/', this.#at, 'latin1')
    if (found >= 0 && found + 2 <= this.#filled) return found + 2
    // Half of it may be there.
    this.#at = Math.max(this.#at, this.#filled - 1)
    return -1
  }

  #textEnd(until: number, escapes: boolean): number {
    const bytes = this.#bytes
    let at = this.#at
    for (; at < this.#filled; at += 1) {
      const byte = bytes[at]
      if (byte === until) return at + 1
      if (byte !== 0x5c || !escapes) continue
      // A backslash at the end is looked at again.
      if (at + 1 === this.#filled) break
      at += 1
    }
    this.#at = at
    return -1
  }
}

/** In texts a backslash can be an escape, in names and comments it is a letter. */
function isText(quote: number, ansi: boolean): boolean {
  return quote === 0x27 || (quote === 0x22 && !ansi)
}

/** Of a statement that people are shown the beginning of. */
const headLength = 400

function specialBytes(delimiter: Buffer): Uint8Array {
  const special = new Uint8Array(256)
  for (const mark of marks) special[mark] = 1
  special[delimiter[0] as number] = 1
  return special
}

function isWhite(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)
}

function isBlank(bytes: Buffer, from: number, to: number): boolean {
  let at = from
  while (at < to && isWhite(bytes[at] as number)) at += 1
  return at === to
}

/** The position after the string or comment that began before `from`; -1: it does not end. In texts a backslash takes the next character along. */
export function endOf(text: string, from: number, until: string, { ansi, backslash }: Quoting): number {
  const escapes = backslash && (until === "'" || (until === '"' && !ansi))
  for (let at = text.indexOf(until, from); at >= 0; at = text.indexOf(until, at + 1)) {
    if (!escapes) return at + until.length
    let slashes = 0
    while (at - 1 - slashes >= from && text[at - 1 - slashes] === '\\') slashes += 1
    if (slashes % 2 === 0) return at + 1
  }
  return -1
}

/** `--` begins a comment only before white space or a control character, or at the end (sql/sql_lex.cc of both makers). */
export function isLineComment(text: string, at: number): boolean {
  const code = text.charCodeAt(at + 2)
  return Number.isNaN(code) || code <= 0x20 || code === 0x7f
}

/** The first words of a statement, for people. */
export function beginning(statement: string | Uint8Array): string {
  const bytes = typeof statement === 'string' ? Buffer.from(statement.slice(0, headLength), 'latin1') : statement
  const head = Buffer.from(bytes.subarray(0, headLength)).toString('utf8').replace(/\s+/g, ' ').trim()
  return head.length > 100 ? `${head.slice(0, 100)}…` : head
}

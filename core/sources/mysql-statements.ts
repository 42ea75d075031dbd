// A file of SQL into single statements, as the client programs of MySQL and MariaDB divide it: by a delimiter that the file may change.
// Guarantees: each byte of the file is one character (Latin-1) of a statement, so that nothing is lost whatever the file's character set is;
// memory holds one statement. Does not judge what a statement does: see mysql-guard.ts. Never runs a client command.
import type { FileHandle } from 'node:fs/promises'
import { Failure } from '../api/failure.ts'

export interface Statement {
  /** One character a byte; without the delimiter and without what stands before it. */
  readonly text: string
  /** Where it begins, counted from 1. */
  readonly line: number
  /** Bytes of the file up to its end. */
  readonly end: number
}

/** Bytes per read; more while a statement is long, so that a long one is not scanned over and over. */
const chunkSize = 1024 * 1024

/** What the clients take for the largest packet (`--max-allowed-packet=512M`), and nearly the longest string of V8. */
const longest = 512 * 1024 * 1024 - 64

/** Characters at which code ends or a delimiter may begin; the delimiter's own first one is added. */
const special = '\'"`#\\-/'

/** The statements of a file in their order. Text after the last delimiter is Failure `load-failed` (no-end), unless it is blank. */
export async function* statementsOf(file: FileHandle): AsyncGenerator<Statement> {
  const splitter = new Splitter()
  let offset = 0
  for (;;) {
    const buffer = Buffer.allocUnsafe(Math.max(chunkSize, splitter.waiting))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, offset)
    if (bytesRead === 0) break
    offset += bytesRead
    splitter.push(buffer.toString('latin1', 0, bytesRead))
    for (let next = splitter.next(); next; next = splitter.next()) yield next
    if (splitter.waiting > longest) throw splitter.failure('too-long')
  }
  splitter.ended = true
  for (let next = splitter.next(); next; next = splitter.next()) yield next
  splitter.finish()
}

class Splitter {
  /** Nothing more comes. */
  ended = false
  #text = ''
  /** Up to here it was looked at. */
  #at = 0
  /** Inside of a string or comment: what ends it. */
  #until: string | undefined
  #delimiter = ';'
  #code = codePattern(';')
  #line = 1
  #offset = 0

  get waiting(): number {
    return this.#text.length
  }

  push(more: string): void {
    this.#text += more
  }

  /** The next whole statement that is not blank. */
  next(): Statement | undefined {
    for (;;) {
      this.#skipBlank()
      if (this.#command()) continue
      const end = this.#find()
      if (end === undefined) return undefined
      const text = this.#text.slice(0, end)
      const { line } = this
      this.#drop(end + this.#delimiter.length)
      if (text.trim() !== '') return { text, line, end: this.#offset }
    }
  }

  get line(): number {
    return this.#line
  }

  finish(): void {
    if (this.#until === undefined && /^DELIMITER[ \t]+\S+[ \t\r]*$/i.test(this.#text)) return
    if (this.#until === '\n' && !/\S/.test(this.#text.slice(0, this.#text.search(/#|--/)))) return
    if (this.#text.trim() !== '') throw this.failure('no-end')
  }

  failure(reason: string): Failure {
    return new Failure('load-failed', { line: this.#line, statement: beginning(this.#text), reason })
  }

  #drop(length: number): void {
    for (let at = this.#text.indexOf('\n'); at >= 0 && at < length; at = this.#text.indexOf('\n', at + 1))
      this.#line += 1
    this.#text = this.#text.slice(length)
    this.#offset += length
    this.#at = 0
  }

  /** White space and whole line comments before a statement belong to none. */
  #skipBlank(): void {
    while (this.#until === undefined && this.#at === 0) {
      const blank = /^(?:[ \t-\r]+|(?:#|--[ \t\r])[^\n]*\n|--\n)/.exec(this.#text)
      if (!blank) return
      this.#drop(blank[0].length)
    }
  }

  /** `DELIMITER ;;` on a line of its own: the only command for the client that a dump holds. */
  #command(): boolean {
    if (this.#at !== 0 || this.#until !== undefined) return false
    const found = /^DELIMITER[ \t]+(\S+)[^\n]*\n/i.exec(this.#text.slice(0, 200))
    if (!found) return false
    this.#delimiter = found[1] as string
    this.#code = codePattern(this.#delimiter)
    this.#drop(found[0].length)
    return true
  }

  /** Where the delimiter is that ends the statement; undefined: not in what was read so far. */
  #find(): number | undefined {
    for (;;) {
      if (this.#until !== undefined && !this.#leave(this.#until)) return undefined
      this.#code.lastIndex = this.#at
      const found = this.#code.exec(this.#text)
      if (!found) {
        this.#at = this.#text.length
        return undefined
      }
      this.#at = found.index
      // What begins here may go on in what has not been read yet.
      if (this.#text.startsWith(this.#delimiter, this.#at)) return this.#at
      if (!this.ended && this.#text.length - this.#at < Math.max(4, this.#delimiter.length)) return undefined
      this.#enter()
    }
  }

  #enter(): void {
    const character = this.#text[this.#at] as string
    if (character === "'" || character === '"' || character === '`') this.#open(character, 1)
    else if (character === '#') this.#open('\n', 1)
    else if (this.#text.startsWith('--', this.#at) && isLineComment(this.#text, this.#at)) this.#open('\n', 2)
    else if (this.#text.startsWith('/*', this.#at) && !/^(?:!|M!)/.test(this.#text.slice(this.#at + 2, this.#at + 4)))
      this.#open('*/', 2)
    else this.#at += 1
  }

  #open(until: string, skip: number): void {
    this.#until = until
    this.#at += skip
  }

  /** To the end of the string or comment; false: it is not in what was read so far. */
  #leave(until: string): boolean {
    const end = endOf(this.#text, this.#at, until)
    if (end < 0) {
      // A backslash at the end, or half of the end of a comment, is looked at again.
      if (until === '\n') this.#at = this.#text.length
      return false
    }
    this.#at = end
    this.#until = undefined
    return true
  }
}

function codePattern(delimiter: string): RegExp {
  const first = (delimiter[0] as string).replace(/[\\\]^-]/g, '\\$&')
  return new RegExp(`[${special.replace(/[\\\]^-]/g, '\\$&')}${first}]`, 'g')
}

/** The position after the string or comment that began before `from`; -1: it does not end. In strings a backslash takes the next character along. */
export function endOf(text: string, from: number, until: string): number {
  for (let at = text.indexOf(until, from); at >= 0; at = text.indexOf(until, at + 1)) {
    if (until !== "'" && until !== '"') return at + until.length
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
export function beginning(text: string): string {
  const head = Buffer.from(text.slice(0, 400), 'latin1').toString('utf8').replace(/\s+/g, ' ').trim()
  return head.length > 100 ? `${head.slice(0, 100)}…` : head
}

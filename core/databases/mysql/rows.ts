// Rows as mysqldump and mariadb-dump write them, INSERT INTO `table` [(`a`, …)] VALUES (…),(…), found and judged in one pass over the bytes.
// Guarantees: accepts a part of what the guard (guard.ts) accepts as values, never more: literals, parentheses and commas; all else is `other`,
// and then divided and judged word by word. For strings with backslashes as escapes only. Pure; goes on where it stopped when more bytes have come.

/** More bytes are needed. */
export const more = -1
/** Not of this form. */
const other = -2

const head = Buffer.from('INSERT INTO `')
const values = Buffer.from(' VALUES')

/** Where in a statement: before the values, between them, in a text, in a number. */
const inHead = 0
const inCode = 1
const inText = 2
const inNumber = 3

/** What a byte between the values can be. */
const plain = 1
const line = 2
const digit = 3
const letter = 4
const quote = 5
const minus = 6
const semicolon = 7

const kinds = new Uint8Array(256)
for (const character of ' \t\v\f\r(),.+') kinds[character.charCodeAt(0)] = plain
for (let code = 0x30; code <= 0x39; code += 1) kinds[code] = digit
for (const first of [0x41, 0x61]) kinds.fill(letter, first, first + 26)
kinds[0x5f] = letter
kinds[0x0a] = line
kinds[0x27] = quote
kinds[0x2d] = minus
kinds[0x3b] = semicolon

const backslash = 0x5c
const backquote = 0x60

/** Words that stand for values, or before a text. The same as the guard's. */
export const valueWords = /^(?:NULL|TRUE|FALSE|DEFAULT|_(?:binary|utf8|utf8mb3|utf8mb4|latin1)|x|b|n)$/i

/** Whether a statement can be of this form. */
export function beginsRows(bytes: Buffer, from: number, end: number): boolean {
  return end - from >= head.length && bytes.compare(head, 0, head.length, from, from + head.length) === 0
}

export class RowScan {
  /** The name of the table, one character a byte, as it stands between the backquotes. */
  table = ''
  /** Line breaks so far. */
  lines = 0
  #place = inHead
  /** From the beginning of the statement. */
  #at = 0

  /** Where the semicolon is that ends the statement which begins at `from`, counted from there; or `more`, or `other`. */
  scan(bytes: Buffer, from: number, end: number): number {
    if (this.#place === inHead) {
      const at = this.#head(bytes, from, end)
      if (at < 0) return at
      this.#at = at - from
      this.#place = inCode
    }
    let at = from + this.#at
    while (at < end) {
      if (this.#place === inText) at = this.#text(bytes, at, end)
      else if (this.#place === inNumber) at = this.#number(bytes, at, end)
      else at = this.#code(bytes, at, end)
      if (at < 0) return other
      if (this.#stopped) break
    }
    this.#at = at - from
    this.#stopped = false
    return at < end && bytes[at] === 0x3b && this.#place === inCode ? this.#at : more
  }

  /** At the end, or where the next byte must be seen first. */
  #stopped = false

  #code(bytes: Buffer, from: number, end: number): number {
    let at = this.#skipPlain(bytes, from, end)
    while (at < end) {
      const kind = kinds[bytes[at] as number]
      if (kind === quote || kind === digit) {
        this.#place = kind === quote ? inText : inNumber
        return at + 1
      }
      if (kind === semicolon) break
      const next = kind === letter ? afterWord(bytes, at, end) : afterMinus(bytes, at, end)
      if (next === other) return other
      if (next === more) break
      at = this.#skipPlain(bytes, next, end)
    }
    this.#stopped = true
    return at
  }

  #skipPlain(bytes: Buffer, from: number, end: number): number {
    let at = from
    for (; at < end; at += 1) {
      const kind = kinds[bytes[at] as number]
      if (kind === line) this.lines += 1
      else if (kind !== plain) break
    }
    return at
  }

  #text(bytes: Buffer, from: number, end: number): number {
    let at = from
    while (at < end) {
      const byte = bytes[at] as number
      if (byte === 0x27) {
        // One that is doubled closes and opens again.
        this.#place = inCode
        return at + 1
      }
      if (byte === backslash) {
        if (at + 1 === end) break
        at += 1
      }
      if (bytes[at] === 0x0a) this.lines += 1
      at += 1
    }
    this.#stopped = true
    return at
  }

  /** Whatever begins with a digit: 12, 1e5, 0xFF00. */
  #number(bytes: Buffer, from: number, end: number): number {
    let at = from
    while (at < end && isWord(bytes[at] as number)) at += 1
    if (at < end) this.#place = inCode
    return at
  }

  /** After VALUES. */
  #head(bytes: Buffer, from: number, end: number): number {
    let at = afterName(bytes, from + head.length - 1, end)
    if (at < 0) return at
    this.table = bytes.toString('latin1', from + head.length, at - 1)
    if (at + 1 >= end) return more
    if (bytes[at + 1] === 0x28) {
      at = afterColumns(bytes, at + 2, end)
      if (at < 0) return at
    }
    if (at + values.length >= end) return more
    if (bytes.compare(values, 0, values.length, at, at + values.length) !== 0) return other
    at += values.length
    return isWord(bytes[at] as number) ? other : at
  }
}

function afterWord(bytes: Buffer, from: number, end: number): number {
  let at = from
  while (at < end && at - from < 12 && isWord(bytes[at] as number)) at += 1
  if (at === end) return more
  return valueWords.test(bytes.toString('latin1', from, at)) ? at : other
}

/** Two of them can begin a comment; and any other character is none of values. */
function afterMinus(bytes: Buffer, at: number, end: number): number {
  if (kinds[bytes[at] as number] !== minus) return other
  if (at + 1 === end) return more
  return bytes[at + 1] === 0x2d ? other : at + 1
}

function isWord(byte: number): boolean {
  const kind = kinds[byte]
  return kind === letter || kind === digit
}

/** After the name in backquotes that begins at `from`; a doubled backquote is a part of it. */
function afterName(bytes: Buffer, from: number, end: number): number {
  for (let at = bytes.indexOf(backquote, from + 1); at >= 0 && at < end; at = bytes.indexOf(backquote, at + 2)) {
    if (at + 1 === end) return more
    if (bytes[at + 1] !== backquote) return at + 1
  }
  return more
}

/** After the parenthesis that closes a list of names. */
function afterColumns(bytes: Buffer, from: number, end: number): number {
  for (let at = from; at < end; ) {
    const byte = bytes[at] as number
    if (byte === 0x29) return at + 1
    if (byte === backquote) {
      at = afterName(bytes, at, end)
      if (at < 0) return at
    } else if (byte === 0x2c || byte === 0x20 || isWord(byte)) at += 1
    else return other
  }
  return more
}

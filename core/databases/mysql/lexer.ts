// The words of one SQL statement, as a server of MySQL or MariaDB reads them in a given mode of quoting. Pure.
// Guarantees: comments that such a server would execute (`/*!50003 … */`) are resolved by its version, so that what is judged, and then sent, holds
// none any more. Text is Latin-1, one character a byte. Does not know any grammar.
import { endOf, isLineComment, plainQuoting, type Quoting } from './statements.ts'

export interface Token {
  /** `name`: in backquotes (or double quotes, where they are for names); `text`: in quotes; `sign`: one character. Numbers count as words. */
  readonly kind: 'word' | 'name' | 'text' | 'sign'
  /** Words in upper case, names and texts without their quotes. */
  readonly value: string
  readonly start: number
  readonly end: number
}

export interface ServerVersion {
  /** 101119 for 10.11.19. */
  readonly number: number
  readonly mariadb: boolean
}

/** From what a server says of itself: `10.11.19-MariaDB-log`, `8.4.0`. */
export function versionOf(text: string): ServerVersion {
  const [, major = '0', minor = '0', patch = '0'] = /^(?:5\.5\.5-)?(\d+)\.(\d+)\.(\d+)/.exec(text) ?? []
  return {
    number: Number(major) * 10_000 + Number(minor) * 100 + Number(patch),
    mariadb: /mariadb/i.test(text),
  }
}

/** Why a statement is not let through: a word of `common.reason`. */
export class Refusal extends Error {}

export function refuse(reason: string): never {
  throw new Refusal(reason)
}

function skipTo(text: string, from: number, until: string, quoting: Quoting): number {
  const end = endOf(text, from, until, quoting)
  if (end >= 0) return end
  if (until === '\n') return text.length
  return refuse('nested')
}

/** The end of the quote or plain comment that begins at `at`; undefined: none begins there. */
function quoteOrComment(text: string, at: number, quoting: Quoting): number | undefined {
  const character = text[at]
  if (character === "'" || character === '"' || character === '`') return skipTo(text, at + 1, character, quoting)
  if (character === '#' || (text.startsWith('--', at) && isLineComment(text, at)))
    return skipTo(text, at, '\n', quoting)
  return text.startsWith('/*', at) ? skipTo(text, at + 2, '*/', quoting) : undefined
}

const conditional = /\/\*(M?)!(\d{5,6})?/y
const interesting = /['"`#]|--|\/\*|\*\//g

/** The statement without executable comments: their content stands there, or is gone, as this server would see it. */
export function resolved(text: string, server: ServerVersion, quoting: Quoting = plainQuoting): string {
  if (!/\/\*M?!/.test(text)) return text
  let out = ''
  let copied = 0
  let depth = 0
  for (let at = nextMark(text, 0); at < text.length; ) {
    const marker = markerAt(text, at, server)
    if (marker) {
      depth += marker.depth
      if (depth < 0) refuse('nested')
      out += `${text.slice(copied, at)} `
      copied = marker.end
    }
    at = nextMark(text, marker?.end ?? quoteOrComment(text, at, quoting) ?? at + 1)
  }
  if (depth > 0) refuse('nested')
  return out + text.slice(copied)
}

function nextMark(text: string, from: number): number {
  interesting.lastIndex = from
  return interesting.exec(text)?.index ?? text.length
}

/** What is to be left out at `at`: the beginning of an executable comment, or all of one that is not executed, or an end. */
function markerAt(text: string, at: number, server: ServerVersion): { end: number; depth: number } | undefined {
  if (text.startsWith('*/', at)) return { end: at + 2, depth: -1 }
  conditional.lastIndex = at
  const found = conditional.exec(text)
  if (!found) return undefined
  if (!isExecuted(found[1] !== '', Number(found[2] ?? 0), server)) return { end: skipNested(text, at + 2), depth: 0 }
  return { end: at + found[0].length, depth: 1 }
}

/** MariaDB passes over what is meant for MySQL 5.7 and later (its Knowledge Base, "Comment Syntax"); MySQL does not know `/*M!`. */
function isExecuted(onlyMariadb: boolean, version: number, server: ServerVersion): boolean {
  if (onlyMariadb && !server.mariadb) return false
  if (server.mariadb && !onlyMariadb && version >= 50700 && version <= 99999) return false
  return version <= server.number
}

/** Past a comment that is not executed, with comments inside it. */
function skipNested(text: string, from: number): number {
  let depth = 1
  const marks = /\/\*|\*\//g
  marks.lastIndex = from
  for (let found = marks.exec(text); found; found = marks.exec(text)) {
    depth += found[0] === '*/' ? -1 : 1
    if (depth === 0) return marks.lastIndex
  }
  return refuse('nested')
}

/** Not `\s`: 0xA0 is a part of letters here. */
const blank = /[ \t-\r]+/y
const word = /[\w$\x80-\xff]+/y

export class Lexer {
  at = 0
  readonly #text: string
  readonly #quoting: Quoting

  constructor(text: string, quoting: Quoting = plainQuoting) {
    this.#text = text
    this.#quoting = quoting
  }

  /** The next token; undefined at the end. */
  next(): Token | undefined {
    this.#skip()
    const start = this.at
    const character = this.#text[start]
    if (character === undefined) return undefined
    if (character === '`' || character === "'" || character === '"') {
      // A doubled quote stands for itself.
      do this.at = skipTo(this.#text, this.at + 1, character, this.#quoting)
      while (this.#text[this.at] === character)
      const kind = character === '`' || (character === '"' && this.#quoting.ansi) ? 'name' : 'text'
      return { kind, value: this.#text.slice(start + 1, this.at - 1), start, end: this.at }
    }
    word.lastIndex = start
    const found = word.exec(this.#text)?.[0]
    this.at = start + (found?.length ?? 1)
    return found === undefined
      ? { kind: 'sign', value: character, start, end: this.at }
      : { kind: 'word', value: found.toUpperCase(), start, end: this.at }
  }

  #skip(): void {
    for (;;) {
      blank.lastIndex = this.at
      this.at += blank.exec(this.#text)?.[0].length ?? 0
      const isComment = /[#/-]/.test(this.#text[this.at] ?? '')
      const end = isComment ? quoteOrComment(this.#text, this.at, this.#quoting) : undefined
      if (end === undefined) return
      this.at = end
    }
  }

  all(): Token[] {
    const tokens: Token[] = []
    for (let token = this.next(); token; token = this.next()) tokens.push(token)
    return tokens
  }
}

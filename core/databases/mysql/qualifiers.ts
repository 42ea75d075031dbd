// Names of a dump that say in which database they are: `db`.`table`. A dump names its own database here and there (defaults that take from a sequence,
// triggers as they were typed, views whose account is gone), and is loaded under another name.
// Guarantees: its own name gives way to that of the database that is loaded into; another one is told, so that it can be refused. Pure.
import type { Token } from './lexer.ts'

/** A piece of a statement and what takes its place. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

export function edited(text: string, edits: readonly Edit[]): string {
  let out = ''
  let copied = 0
  for (const { start, end, text: into } of edits.toSorted((one, other) => one.start - other.start)) {
    out += text.slice(copied, start) + into
    copied = end
  }
  return copied === 0 ? text : out + text.slice(copied)
}

/** A name in backquotes, one character a byte: a name in every mode. */
export function quotedName(name: string): string {
  return `\`${Buffer.from(name).toString('latin1').replaceAll('`', '``')}\``
}

export function isName(token: Token | undefined): token is Token & { kind: 'name' | 'word' } {
  return token?.kind === 'name' || token?.kind === 'word'
}

/** `1.5` has a dot too. */
function isNamed(token: Token | undefined): token is Token {
  return token?.kind === 'name' || (token?.kind === 'word' && !/^\d/.test(token.value))
}

/** Names joined by dots, from a place in a list of tokens on. */
interface Chain {
  readonly at: number
  readonly names: readonly Token[]
}

function chainAt(tokens: readonly Token[], at: number): Chain | undefined {
  const names: Token[] = []
  for (let next = at; isNamed(tokens[next]); next += 2) {
    names.push(tokens[next] as Token)
    if (tokens[next + 1]?.kind !== 'sign' || tokens[next + 1]?.value !== '.' || !isName(tokens[next + 2])) break
  }
  return names.length === 0 ? undefined : { at, names }
}

function chainsOf(tokens: readonly Token[]): Chain[] {
  const chains: Chain[] = []
  for (let at = 0; at < tokens.length; ) {
    const chain = chainAt(tokens, at)
    if (chain) chains.push(chain)
    at += chain ? chain.names.length * 2 - 1 : 1
  }
  return chains
}

export class Qualifiers {
  readonly #own: string
  readonly #into: string

  /** `own`: the name of the database that was dumped; `into`: of the one that is loaded into. */
  constructor(own: string, into: string) {
    this.#own = own
    this.#into = quotedName(into)
  }

  isOwn(token: Token): boolean {
    const name = token.kind === 'name' ? token.value.replace(/(["`])\1/g, '$1') : token.value
    // Words come in upper case, and servers may find names in any.
    return sameName(Buffer.from(name, 'latin1').toString(), this.#own)
  }

  /** Takes the place of the own database's name. */
  edit({ start, end }: Token): Edit {
    return { start, end, text: this.#into }
  }

  /** The name at `at` with or without its database: what to change, and where it goes on. Undefined: of another database, or no name. */
  named(tokens: readonly Token[], at: number): { name: Token; next: number; edits: Edit[] } | undefined {
    const [first, second, third] = chainAt(tokens, at)?.names ?? []
    if (!first || third) return undefined
    if (!second) return { name: first, next: at + 1, edits: [] }
    return this.isOwn(first) ? { name: second, next: at + 3, edits: [this.edit(first)] } : undefined
  }

  /** What to change where only databases can stand before a dot; undefined: there is another one. */
  everywhere(tokens: readonly Token[]): Edit[] | undefined {
    const edits: Edit[] = []
    for (const { names } of chainsOf(tokens)) {
      if (names.length === 1) continue
      const [first] = names as [Token]
      if (!this.isOwn(first)) return undefined
      edits.push(this.edit(first))
    }
    return edits
  }

  /**
   * What to change in a view, where tables stand before dots too: `a`.`b`.`c` is of a database, and so is what a sequence is called by; `a`.`b` where no
   * table of that name is there.
   */
  inView(tokens: readonly Token[]): Edit[] {
    const chains = chainsOf(tokens)
    const tableOfThatName = chains.some(
      ({ names: [first, second], at }) => first && !second && this.isOwn(first) && tokens[at - 1]?.value !== 'AS',
    )
    return chains.flatMap(({ names, at }) => {
      const [first, second, third] = names
      if (!first || !second || !this.isOwn(first)) return []
      const certain = third !== undefined || ofSequence(tokens, at)
      return certain || !tableOfThatName ? [this.edit(first)] : []
    })
  }
}

function sameName(one: string, other: string): boolean {
  return one === other || one.toLowerCase() === other.toLowerCase()
}

/** `nextval(`, `lastval(`, `setval(`, `NEXT VALUE FOR`, `PREVIOUS VALUE FOR` before it. */
function ofSequence(tokens: readonly Token[], at: number): boolean {
  const [before, opening] = [tokens[at - 2]?.value, tokens[at - 1]?.value]
  if (opening === '(') return /^(?:NEXTVAL|LASTVAL|SETVAL)$/.test(before ?? '')
  return opening === 'FOR' && before === 'VALUE'
}

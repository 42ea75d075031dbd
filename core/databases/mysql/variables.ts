// Which settings of its session a dump may change: those that dumps set, to literals and to what they were before; and what quotes mean then.
// Guarantees: nothing is computed, nothing reaches beyond the session, and `quoting` is always what the session's sql_mode makes of quotes and
// backslashes: a mode that is not known for certain is refused. What is set for the server's own log or copies is left out.
import { refuse, type Token } from './lexer.ts'
import type { Quoting } from './statements.ts'

const variables = new Set([
  'NAMES',
  'CHARACTER_SET_CLIENT',
  'CHARACTER_SET_RESULTS',
  'CHARACTER_SET_CONNECTION',
  'COLLATION_CONNECTION',
  'TIME_ZONE',
  'UNIQUE_CHECKS',
  'FOREIGN_KEY_CHECKS',
  'SQL_MODE',
  'SQL_NOTES',
  'NOTE_VERBOSITY',
  'AUTOCOMMIT',
  'SQL_QUOTE_SHOW_CREATE',
  // mariadb-dump --dump-history: rows of system-versioned tables with their times.
  'SYSTEM_VERSIONING_INSERT_HISTORY',
])

/** Of the server's log and its copies (replication): nothing of the database. */
const leftOut = new Set(['SQL_LOG_BIN', 'GTID_PURGED', 'GTID_SLAVE_POS', 'GTID_NEXT'])

/** Modes that make names of what stands in double quotes: the first, and those that are made of several. */
const ansiModes = new Set(['ANSI_QUOTES', 'ANSI', 'ORACLE', 'MSSQL', 'DB2', 'MAXDB', 'POSTGRESQL'])
/** The names of all modes of both makers; an unknown one could mean anything. */
const otherModes = new Set(
  `ALLOW_INVALID_DATES EMPTY_STRING_IS_NULL ERROR_FOR_DIVISION_BY_ZERO HIGH_NOT_PRECEDENCE IGNORE_BAD_TABLE_OPTIONS IGNORE_SPACE MYSQL323 MYSQL40
  NO_AUTO_CREATE_USER NO_AUTO_VALUE_ON_ZERO NO_DIR_IN_CREATE NO_ENGINE_SUBSTITUTION NO_FIELD_OPTIONS NO_KEY_OPTIONS NO_TABLE_OPTIONS NO_UNSIGNED_SUBTRACTION
  NO_ZERO_DATE NO_ZERO_IN_DATE ONLY_FULL_GROUP_BY PAD_CHAR_TO_FULL_LENGTH PIPES_AS_CONCAT REAL_AS_FLOAT SIMULTANEOUS_ASSIGNMENT STRICT_ALL_TABLES
  STRICT_TRANS_TABLES TIME_ROUND_FRACTIONAL TIME_TRUNCATE_FRACTIONAL TRADITIONAL`.split(/\s+/),
)

/** Character sets in which the second byte of a letter can be a backslash or a quote. */
const badCharsets = /^(?:BIG5|CP932|SJIS|GBK|GB18030|GB2312|EUCKR|UCS2|UTF16|UTF16LE|UTF32)(?:_|$)/i

const notOfTheSession = /^(?:GLOBAL|PERSIST|PERSIST_ONLY|PASSWORD|ROLE|STATEMENT|TRANSACTION)$/

interface Assignment {
  /** In upper case; a variable of the dump's own begins with `@`. */
  readonly name: string
  readonly value: readonly Token[]
  readonly start: number
  readonly end: number
}

/** The settings of a session as a dump changes them. It begins in a mode in which quotes mean what they mean by themselves. */
export class SessionSettings {
  #mode = ''
  /** Values of the dump's own variables, where they can be a mode. */
  readonly #own = new Map<string, string>()
  #quoting: Quoting = { ansi: false, backslash: true }

  /** For the statements that follow. */
  get quoting(): Quoting {
    return this.#quoting
  }

  /** The words after SET: `text` without what is left out, or undefined when nothing remains. */
  take(text: string, tokens: readonly Token[]): string | undefined {
    const assignments = divided(tokens)
    const kept = assignments.filter(({ name }) => !leftOut.has(name))
    for (const assignment of kept) check(assignment)
    this.#follow(kept)
    if (kept.length === assignments.length) return text
    if (kept.length === 0) return undefined
    return `SET ${kept.map(({ start, end }) => text.slice(start, end)).join(', ')}`
  }

  /** All values are those from before the statement; one that would depend on the order inside of it is refused. */
  #follow(assignments: readonly Assignment[]): void {
    const changed = new Map<string, string | undefined>()
    for (const { name, value } of assignments) {
      const isMode = name === 'SQL_MODE'
      if (!isMode && !name.startsWith('@')) continue
      const read = readName(value)
      if (read !== undefined && changed.has(read)) refuse('sql-mode')
      const known = read === undefined ? literalOf(value) : this.#valueOf(read)
      if (isMode && known === undefined) refuse('sql-mode')
      changed.set(name, known)
    }
    for (const [name, value] of changed) {
      if (name === 'SQL_MODE') this.#setMode(value as string)
      else if (value === undefined) this.#own.delete(name)
      else this.#own.set(name, value)
    }
  }

  #valueOf(name: string): string | undefined {
    return name === 'SQL_MODE' ? this.#mode : this.#own.get(name)
  }

  #setMode(text: string): void {
    const modes = text.split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim().toUpperCase()]))
    for (const mode of modes)
      if (!ansiModes.has(mode) && !otherModes.has(mode) && mode !== 'NO_BACKSLASH_ESCAPES') refuse('sql-mode')
    this.#mode = text
    this.#quoting = {
      ansi: modes.some((mode) => ansiModes.has(mode)),
      backslash: !modes.includes('NO_BACKSLASH_ESCAPES'),
    }
  }
}

function divided(tokens: readonly Token[]): Assignment[] {
  const found: Assignment[] = []
  let from = 0
  for (let at = 0; at <= tokens.length; at += 1) {
    const token = tokens[at]
    if (token && !(token.kind === 'sign' && token.value === ',')) continue
    found.push(assignmentOf(tokens.slice(from, at)))
    from = at + 1
  }
  return found
}

const scopes = /^(?:SESSION|LOCAL|GLOBAL|PERSIST|PERSIST_ONLY)$/

/** `a = 1`, `SESSION a = 1`, `@@SESSION.a = 1`, `@a = 1`, `NAMES utf8`. */
function assignmentOf(part: readonly Token[]): Assignment {
  const [first] = part
  const last = part.at(-1)
  if (!first || !last) return refuse('not-of-a-dump')
  const { start } = first
  const { end } = last
  const equals = part.findIndex(({ kind, value }) => kind === 'sign' && value === '=')
  const left = equals < 0 ? part : part.slice(0, equals)
  const value = equals < 0 ? [] : part.slice(equals + 1)
  const words = left.filter(({ kind }) => kind !== 'sign')
  const signs = left.filter(({ kind }) => kind === 'sign').map((sign) => sign.value)
  // `@a := 1` is the same as `@a = 1`.
  if (signs[0] === '@' && /^@:?$/.test(signs.join(''))) {
    const [name] = words
    if (words.length !== 1 || !name || equals < 0) return refuse('not-of-a-dump')
    return { name: `@${name.value.toUpperCase()}`, value, start, end }
  }
  const isScope = ({ kind, value }: Token) => kind === 'word' && scopes.test(value)
  const name = words.find((word) => !isScope(word))
  if (!name || name.kind === 'text') return refuse('not-of-a-dump')
  const scope = words.find(isScope)
  const known = name.value.toUpperCase()
  // Whatever it is set to, nothing of it is sent.
  if (leftOut.has(known)) return { name: known, value, start, end }
  if ((scope && notOfTheSession.test(scope.value)) || signs.includes(':')) refuse('not-of-a-dump')
  if (equals >= 0 && words.length > (scope ? 2 : 1)) refuse('not-of-a-dump')
  return { name: known, value: equals < 0 ? words.slice(1) : value, start, end }
}

function check({ name, value }: Assignment): void {
  if (!name.startsWith('@') && !variables.has(name)) refuse('not-of-a-dump')
  for (const token of value) {
    if (token.kind === 'sign' && !/^[=:,@.]$/.test(token.value)) refuse('not-of-a-dump')
    if (badCharsets.test(token.value)) refuse('sql-mode')
    if (token.kind !== 'word') continue
    // Numbers are another way to write a mode.
    if (/^\d/.test(token.value) && !/^[012]$/.test(token.value)) refuse('sql-mode')
    if (notOfTheSession.test(token.value)) refuse('not-of-a-dump')
  }
}

/** A single text, as it is written: one in which something is escaped is no mode. */
function literalOf(value: readonly Token[]): string | undefined {
  const [only, ...others] = value
  return only?.kind === 'text' && others.length === 0 && !/[\\'"]/.test(only.value) ? only.value : undefined
}

/** `SQL_MODE` for `@@sql_mode` and the like, `@X` for `@x`; undefined: it is neither. */
function readName(value: readonly Token[]): string | undefined {
  const signs = value.map(({ kind, value: sign }) => (kind === 'sign' ? sign : 'x')).join('')
  const last = value.at(-1)?.value.toUpperCase() ?? ''
  if (signs === '@x') return `@${last}`
  if (signs === '@@x') return last
  return signs === '@@x.x' && /^(?:SESSION|LOCAL)$/i.test(value[2]?.value ?? '') ? last : undefined
}

// Which statements of a dump may be loaded, and as what. A backup is somebody else's data: whoever could write to the medium could have written it.
// Guarantees: what passes changes nothing but the database that is the session's own, runs no code of the backup while it is loaded, and touches no
// file of the server: kinds of statements that dumps hold are let through one by one, all else is Failure `dump-refused`. It relies on a server that
// takes one statement at a time (mysql-session.ts). What the code of a backup (triggers, events, routines) does later, in its own place, is not judged.
// The kinds are those of mysqldump and mariadb-dump (client/mysqldump.c) and of LabBook's and phpMyAdmin's dumps.
import { Failure } from '../api/failure.ts'
import { Lexer, Refusal, refuse, resolved, type ServerVersion, type Token } from './mysql-lexer.ts'
import { beginning, endOf, type Statement } from './mysql-statements.ts'
import { checkSet } from './mysql-variables.ts'

export interface GuardOptions {
  readonly server: ServerVersion
  /** The database that is loaded into, for statements that must name it. */
  readonly database: string
  /** What an event is to be: events of a scratch database must not run. */
  readonly events: (name: string, enabled: boolean) => 'ENABLE' | 'DISABLE'
}

export class Guard {
  readonly #options: GuardOptions
  /** Tables with triggers, and views: filling them would run code, or write elsewhere. Lower case. */
  readonly #notToFill = new Set<string>()

  constructor(options: GuardOptions) {
    this.#options = options
  }

  /** The statement as it is to be sent; undefined: nothing is left of it on this server. Failure `dump-refused` {line, statement, reason}. */
  admit({ text, line }: Statement): string | undefined {
    try {
      return this.#admit(text)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const details = { line, statement: beginning(text), reason: error.message }
      throw new Failure('dump-refused', details, { cause: error })
    }
  }

  #admit(text: string): string | undefined {
    const head = /^[ \t-\r]*(INSERT|REPLACE)[ \t-\r]/i.test(text)
    const plain = head ? text : resolved(text, this.#options.server)
    const lexer = new Lexer(plain)
    const first = lexer.next()
    if (!first) return undefined
    if (first.value === '\\') refuse('client-command')
    if (first.kind !== 'word') refuse('not-of-a-dump')
    if (first.value === 'INSERT' || first.value === 'REPLACE') {
      this.#insert(plain, lexer)
      return plain
    }
    return this.#other(plain, first, lexer.all())
  }

  #other(text: string, first: Token, rest: readonly Token[]): string {
    const [second] = rest
    switch (first.value) {
      case 'SET':
        checkSet(rest)
        return text
      case 'CREATE':
        return this.#create(text, rest)
      case 'DROP':
        return drop(text, rest)
      case 'ALTER':
        return this.#alter(text, rest)
      case 'LOCK':
        if (second?.value !== 'TABLES' && second?.value !== 'TABLE') refuse('not-of-a-dump')
        noOtherDatabase(rest)
        return text
      case 'UNLOCK':
      case 'COMMIT':
      case 'BEGIN':
        if (rest.length > 1) refuse('not-of-a-dump')
        return text
      case 'START':
        if (rest.length !== 1 || second?.value !== 'TRANSACTION') refuse('not-of-a-dump')
        return text
      case 'DO':
        checkSetval(rest)
        return text
      case 'USE':
        return refuse('other-database')
      case 'SYSTEM':
      case 'SOURCE':
        return refuse('client-command')
      default:
        return refuse('not-of-a-dump')
    }
  }

  /** `INSERT INTO t (a, b) VALUES (1, 'x'), …` and nothing that is computed. */
  #insert(text: string, lexer: Lexer): void {
    let token = lexer.next()
    while (token?.kind === 'word' && /^(?:IGNORE|LOW_PRIORITY|DELAYED|HIGH_PRIORITY)$/.test(token.value))
      token = lexer.next()
    if (token?.kind === 'word' && token.value === 'INTO') token = lexer.next()
    if (!isName(token)) refuse('not-of-a-dump')
    if (this.#notToFill.has(nameOf(token))) refuse('runs-code')
    token = lexer.next()
    if (token?.value === '.') refuse('other-database')
    if (token?.kind === 'sign' && token.value === '(') token = afterNames(lexer)
    if (token?.kind !== 'word' || !/^VALUES?$/.test(token.value)) refuse('not-of-a-dump')
    // Not looked into above, but the server might.
    if (text.slice(0, lexer.at).includes('/*')) refuse('nested')
    checkValues(text, lexer.at)
  }

  #create(text: string, rest: readonly Token[]): string {
    const at = kindIndex(rest)
    const kind = rest[at]?.value
    let next = at + 1
    if (rest[next]?.value === 'IF' && rest[next]?.kind === 'word') next += rest[next + 1]?.value === 'NOT' ? 3 : 2
    const name = rest[next]
    if (kind === 'DATABASE' || kind === 'SCHEMA') refuse('other-database')
    if (!isName(name)) refuse('not-of-a-dump')
    const after = rest.slice(next + 1)
    if (after[0]?.value === '.') refuse('other-database')
    switch (kind) {
      case 'TABLE':
        checkTable(after)
        return text
      case 'SEQUENCE':
        noOtherDatabase(after)
        return text
      case 'VIEW':
        this.#notToFill.add(nameOf(name))
        return text
      case 'TRIGGER':
        this.#notToFill.add(triggerTable(after))
        return text
      case 'PROCEDURE':
      case 'FUNCTION':
        // Without parentheses it would be a function from a library (SONAME).
        if (after[0]?.value !== '(') refuse('file-access')
        return text
      case 'PACKAGE':
        return text
      case 'EVENT':
        return this.#event(text, nameOf(name), after)
      default:
        return refuse('not-of-a-dump')
    }
  }

  /** The word before DO (or COMMENT) that says whether it runs, as the options want it. */
  #event(text: string, name: string, after: readonly Token[]): string {
    const end = after.findIndex((token) => token.kind === 'word' && (token.value === 'DO' || token.value === 'COMMENT'))
    if (end < 0) refuse('not-of-a-dump')
    const at = after.findIndex(
      (token, index) => index < end && token.kind === 'word' && /^(?:ENABLE|DISABLE)$/.test(token.value),
    )
    const wanted = this.#options.events(name, at < 0 || after[at]?.value === 'ENABLE')
    const from = at < 0 ? (after[end] as Token).start : (after[at] as Token).start
    // DISABLE ON SLAVE (or ON REPLICA): all of it goes.
    const to = at < 0 ? from : (after[after[at + 1]?.value === 'ON' ? at + 2 : at] as Token).end
    return `${text.slice(0, from)} ${wanted} ${text.slice(to)}`
  }

  #alter(text: string, rest: readonly Token[]): string {
    const [what, name] = rest
    if (what?.kind !== 'word') refuse('not-of-a-dump')
    if (what.value === 'TABLE') {
      checkTable(rest.slice(1))
      return text
    }
    if (what.value !== 'DATABASE' && what.value !== 'SCHEMA') refuse('not-of-a-dump')
    // Dumps change the database's character set around triggers and routines, and name the database for it: here it has another name.
    const set =
      name !== undefined && isName(name) && !(name.kind === 'word' && name.value === 'CHARACTER')
        ? rest.slice(2)
        : rest.slice(1)
    if (!set.every((token) => token.kind === 'word' || token.value === '=')) refuse('not-of-a-dump')
    const values = set.filter(
      (token) => !['CHARACTER', 'SET', 'COLLATE', '=', 'DEFAULT', 'CHARSET'].includes(token.value),
    )
    if (values.length === 0 || values.length > 2) refuse('not-of-a-dump')
    return `ALTER DATABASE ${quotedName(this.#options.database)} ${set.map((token) => token.value).join(' ')}`
  }
}

/** A name in backquotes, one character a byte. */
function quotedName(name: string): string {
  return `\`${Buffer.from(name).toString('latin1').replaceAll('`', '``')}\``
}

function isName(token: Token | undefined): token is Token & { kind: 'name' | 'word' } {
  return token?.kind === 'name' || token?.kind === 'word'
}

/** In lower case: where names differ by case only, too much is refused. */
function nameOf(token: Token): string {
  return token.value.toLowerCase()
}

/** After `(a, b, c)`. */
function afterNames(lexer: Lexer): Token | undefined {
  for (let token = lexer.next(); token; token = lexer.next()) {
    if (token.kind === 'sign' && token.value === ')') return lexer.next()
    if (!isName(token) && token.value !== ',') break
  }
  return refuse('not-of-a-dump')
}

const otherThanValues = /[^\w \t-\r(),.+-]/
const words = /(?<![\w.])[A-Za-z_]\w*/g
const valueWords = /^(?:NULL|TRUE|FALSE|DEFAULT|_(?:binary|utf8|utf8mb3|utf8mb4|latin1)|x|b|n)$/i

/** From `from` on only literals, parentheses and commas. */
function checkValues(text: string, from: number): void {
  for (let at = from; at < text.length; ) {
    const single = text.indexOf("'", at)
    const code = text.slice(at, single < 0 ? text.length : single)
    const double = code.indexOf('"')
    const part = double < 0 ? code : code.slice(0, double)
    if (otherThanValues.test(part) || /--[ \t-\r]/.test(part)) refuse('not-of-a-dump')
    for (const [found] of part.matchAll(words)) if (!valueWords.test(found)) refuse('not-of-a-dump')
    if (double < 0 && single < 0) return
    const quote = double < 0 ? "'" : '"'
    at = endOf(text, at + part.length + 1, quote)
    if (at < 0) refuse('no-end')
  }
}

const kinds = new Set([
  'TABLE',
  'VIEW',
  'TRIGGER',
  'PROCEDURE',
  'FUNCTION',
  'EVENT',
  'SEQUENCE',
  'PACKAGE',
  'DATABASE',
  'SCHEMA',
])

/** Past `OR REPLACE`, `ALGORITHM=…`, `DEFINER=…@…`, `SQL SECURITY …`. */
function kindIndex(tokens: readonly Token[]): number {
  for (let at = 0; at < tokens.length; at += 1) {
    const { kind, value } = tokens[at] as Token
    if (kind === 'sign' && (value === '=' || value === '@')) at += 1
    else if (kind === 'word' && kinds.has(value))
      return value === 'PACKAGE' && tokens[at + 1]?.value === 'BODY' ? at + 1 : at
    else if (kind !== 'word' && kind !== 'sign') break
  }
  return refuse('not-of-a-dump')
}

function noOtherDatabase(tokens: readonly Token[]): void {
  const dot = tokens.some(
    (token, at) => token.value === '.' && token.kind === 'sign' && isName(tokens[at + 1]) && isNamed(tokens[at - 1]),
  )
  if (dot) refuse('other-database')
}

/** `1.5` has a dot too. */
function isNamed(token: Token | undefined): boolean {
  return token?.kind === 'name' || (token?.kind === 'word' && !/^\d/.test(token.value))
}

/** Engines whose tables lie in the server's own files. */
const engines = new Set([
  'INNODB',
  'MYISAM',
  'ARIA',
  'MEMORY',
  'HEAP',
  'ARCHIVE',
  'CSV',
  'BLACKHOLE',
  'ROCKSDB',
  'TOKUDB',
])
const forbiddenInTable = new Set([
  'SELECT',
  'RENAME',
  'EXCHANGE',
  'IMPORT',
  'DISCARD',
  'UNION',
  'CONNECTION',
  'TABLESPACE',
])

/** CREATE TABLE and ALTER TABLE, after the name. */
function checkTable(tokens: readonly Token[]): void {
  noOtherDatabase(tokens)
  let depth = 0
  for (const [at, { kind, value }] of tokens.entries()) {
    if (kind === 'sign' && value === '(') depth += 1
    if (kind === 'sign' && value === ')') depth -= 1
    if (kind !== 'word') continue
    if (value === 'SELECT') refuse('runs-code')
    if (value === 'DIRECTORY') refuse('file-access')
    if (depth === 0) checkTableOption(value, tokens.slice(at + 1, at + 3))
  }
}

/** What stands outside of the parentheses. */
function checkTableOption(option: string, following: readonly Token[]): void {
  if (forbiddenInTable.has(option)) refuse('not-of-a-dump')
  if (option !== 'ENGINE' && option !== 'TYPE') return
  const engine = following.find(({ value }) => value !== '=')?.value ?? ''
  if (!engines.has(engine.toUpperCase())) refuse('file-access')
}

function triggerTable(tokens: readonly Token[]): string {
  const at = tokens.findIndex((token) => token.kind === 'word' && token.value === 'ON')
  const table = tokens[at + 1]
  if (at < 0 || !isName(table)) refuse('not-of-a-dump')
  if (tokens[at + 2]?.value === '.') refuse('other-database')
  return nameOf(table)
}

const dropped = new Set([
  'TABLE',
  'TABLES',
  'VIEW',
  'TRIGGER',
  'PROCEDURE',
  'FUNCTION',
  'EVENT',
  'SEQUENCE',
  'PACKAGE',
  'TEMPORARY',
])

function drop(text: string, rest: readonly Token[]): string {
  const [what] = rest
  if (what?.value === 'DATABASE' || what?.value === 'SCHEMA') refuse('other-database')
  if (what?.kind !== 'word' || !dropped.has(what.value)) refuse('not-of-a-dump')
  noOtherDatabase(rest)
  return text
}

/** `DO SETVAL(`s`, 1, 0)`: how a dump sets a sequence. */
function checkSetval(rest: readonly Token[]): void {
  const [call, open, name, ...others] = rest
  const close = others.pop()
  const plain = others.every((token) => /^(?:,|-|\d+)$/.test(token.value))
  if (call?.value !== 'SETVAL' || open?.value !== '(' || name?.kind !== 'name' || close?.value !== ')' || !plain)
    refuse('not-of-a-dump')
}

// Which statements of a dump may be loaded, and as what. A backup is somebody else's data: whoever could write to the medium could have written it.
// Guarantees: what passes changes nothing but the database that is the session's own, runs no code of the backup while it is loaded, and touches no
// file of the server: kinds of statements that dumps hold are let through one by one, all else is Failure `dump-refused`. It relies on a server that
// takes one statement at a time (session.ts). What the code of a backup (triggers, events, routines) does later, in its own place, is not judged.
// The kinds are those of mysqldump and mariadb-dump (client/mysqldump.c) and of LabBook's and phpMyAdmin's dumps.
import { Failure } from '../../api/failure.ts'
import { Lexer, Refusal, refuse, resolved, type ServerVersion, type Token } from './lexer.ts'
import { type Edit, edited, isName, Qualifiers, quotedName } from './qualifiers.ts'
import { valueWords } from './rows.ts'
import { beginning, endOf, type Quoting, type Statement } from './statements.ts'
import { SessionSettings } from './variables.ts'

export interface GuardOptions {
  readonly server: ServerVersion
  /** The database that is loaded into, for statements that must name it. */
  readonly database: string
  /** The database that was dumped, which the dump may name; absent: the one that is loaded into. */
  readonly own?: string | undefined
  /** What an event is to be: events of a scratch database must not run. */
  readonly events: (name: string, enabled: boolean) => 'ENABLE' | 'DISABLE'
}

/** What a statement is about: rows and tables, everything else that a database holds, or how the session reads the next ones. */
export type Subject = 'tables' | 'objects' | 'session'

export class Guard {
  readonly #options: GuardOptions
  readonly #qualifiers: Qualifiers
  readonly #settings = new SessionSettings()
  /** Tables with triggers, and views: filling them would run code, or write elsewhere. Lower case. */
  readonly #notToFill = new Set<string>()
  #subject: Subject = 'tables'

  constructor(options: GuardOptions) {
    this.#options = options
    this.#qualifiers = new Qualifiers(options.own ?? options.database, options.database)
  }

  /** What quotes mean in the next statement. */
  get quoting(): Quoting {
    return this.#settings.quoting
  }

  /** Of the statement that was judged last. */
  get subject(): Subject {
    return this.#subject
  }

  /**
   * The statement as it is to be sent, as text or, of rows, as its own bytes; undefined: nothing is left of it on this server. Failure `dump-refused`
   * {line, statement, reason}.
   */
  admit(statement: Statement): string | Uint8Array | undefined {
    try {
      this.#subject = 'tables'
      if (statement.rows === undefined) return this.#admit(statement.text)
      this.#fill(statement.rows)
      return statement.bytes
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const details = { line: statement.line, statement: beginning(statement.bytes), reason: error.message }
      throw new Failure('dump-refused', details, { cause: error })
    }
  }

  #admit(text: string): string | undefined {
    const head = /^[ \t-\r]*(INSERT|REPLACE)[ \t-\r]/i.test(text)
    const plain = head ? text : resolved(text, this.#options.server, this.quoting)
    const lexer = new Lexer(plain, this.quoting)
    const first = lexer.next()
    if (!first) return undefined
    if (first.value === '\\') refuse('client-command')
    if (first.kind !== 'word') refuse('not-of-a-dump')
    if (first.value === 'INSERT' || first.value === 'REPLACE') return this.#insert(plain, lexer)
    return this.#other(plain, first, lexer.all())
  }

  #other(text: string, first: Token, rest: readonly Token[]): string | undefined {
    const [second] = rest
    switch (first.value) {
      case 'SET':
        this.#subject = 'session'
        return this.#settings.take(text, rest)
      case 'CREATE':
        return this.#create(text, rest)
      case 'DROP':
        return this.#drop(text, rest)
      case 'ALTER':
        return this.#alter(text, rest)
      case 'LOCK':
        // Nobody else knows the database; and what takes from a sequence could not be filled, because the sequence is not locked too.
        return second?.value === 'TABLES' || second?.value === 'TABLE' ? undefined : refuse('not-of-a-dump')
      case 'UNLOCK':
        return undefined
      case 'ANALYZE':
        // Statistics (histograms) are the server's own; nothing of the database.
        return rest.slice(0, 2).some(({ value }) => value === 'TABLE') ? undefined : refuse('not-of-a-dump')
      case 'CHANGE':
        // Where a copy of this server would go on reading.
        return /^(?:MASTER|REPLICATION)$/.test(second?.value ?? '') ? undefined : refuse('not-of-a-dump')
      case 'COMMIT':
      case 'BEGIN':
        if (rest.length > 1) refuse('not-of-a-dump')
        return text
      case 'START':
        if (rest.length !== 1 || second?.value !== 'TRANSACTION') refuse('not-of-a-dump')
        return text
      case 'DO':
        return this.#setval(text, rest)
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
  #insert(text: string, lexer: Lexer): string {
    const edits: Edit[] = []
    let token = lexer.next()
    while (token?.kind === 'word' && /^(?:IGNORE|LOW_PRIORITY|DELAYED|HIGH_PRIORITY)$/.test(token.value))
      token = lexer.next()
    if (token?.kind === 'word' && token.value === 'INTO') token = lexer.next()
    if (!isName(token)) return refuse('not-of-a-dump')
    let name: Token = token
    token = lexer.next()
    if (token?.kind === 'sign' && token.value === '.') {
      if (!this.#qualifiers.isOwn(name)) refuse('other-database')
      edits.push(this.#qualifiers.edit(name))
      name = lexer.next() ?? refuse('not-of-a-dump')
      token = lexer.next()
    }
    this.#fill(name.value)
    if (token?.kind === 'sign' && token.value === '(') token = afterNames(lexer)
    if (token?.kind !== 'word' || !/^VALUES?$/.test(token.value)) refuse('not-of-a-dump')
    // Not looked into above, but the server might.
    if (text.slice(0, lexer.at).includes('/*')) refuse('nested')
    checkValues(text, lexer.at, this.quoting)
    return edited(text, edits)
  }

  /** In lower case: where names differ by case only, too much is refused. */
  #fill(table: string): void {
    if (this.#notToFill.has(table.toLowerCase())) refuse('runs-code')
  }

  /** The name of what is made or dropped, if it is of this database. */
  #named(tokens: readonly Token[], at: number) {
    if (!isName(tokens[at])) refuse('not-of-a-dump')
    return this.#qualifiers.named(tokens, at) ?? refuse('other-database')
  }

  #everywhere(tokens: readonly Token[]): Edit[] {
    return this.#qualifiers.everywhere(tokens) ?? refuse('other-database')
  }

  #create(text: string, rest: readonly Token[]): string {
    const at = kindIndex(rest)
    const kind = rest[at]?.value
    let next = at + 1
    if (rest[next]?.value === 'IF' && rest[next]?.kind === 'word') next += rest[next + 1]?.value === 'NOT' ? 3 : 2
    if (kind === 'DATABASE' || kind === 'SCHEMA') refuse('other-database')
    const { name, next: end, edits } = this.#named(rest, next)
    const after = rest.slice(end)
    if (kind === 'TABLE') return edited(text, [...edits, ...this.#table(after)])
    if (kind === 'SEQUENCE') return edited(text, [...edits, ...this.#everywhere(after)])
    this.#subject = 'objects'
    switch (kind) {
      case 'VIEW':
        this.#notToFill.add(nameOf(name))
        return edited(text, [...edits, ...this.#qualifiers.inView(after)])
      case 'TRIGGER':
        return edited(text, [...edits, ...this.#trigger(after)])
      case 'PROCEDURE':
      case 'FUNCTION':
        // Without parentheses it would be a function from a library (SONAME); what ORACLE mode lets go without them begins with AS or IS.
        if (after[0]?.value !== '(' && after.some(({ value }) => value === 'SONAME')) refuse('file-access')
        return edited(text, edits)
      case 'PACKAGE':
      case 'BODY':
        return edited(text, edits)
      case 'EVENT':
        return edited(text, [...edits, ...this.#event(nameOf(name), after)])
      default:
        return refuse('not-of-a-dump')
    }
  }

  /** CREATE TABLE and ALTER TABLE, after the name. */
  #table(tokens: readonly Token[]): Edit[] {
    const edits = this.#everywhere(tokens)
    checkTable(tokens)
    return edits
  }

  /** What follows its name: when it runs, and on which table. */
  #trigger(after: readonly Token[]): Edit[] {
    const at = after.findIndex((token) => token.kind === 'word' && token.value === 'ON')
    if (at < 0) refuse('not-of-a-dump')
    const { name, edits } = this.#named(after, at + 1)
    this.#notToFill.add(nameOf(name))
    return edits
  }

  #drop(text: string, rest: readonly Token[]): string {
    const [what] = rest
    if (what?.value === 'DATABASE' || what?.value === 'SCHEMA') refuse('other-database')
    if (what?.kind !== 'word' || !dropped.has(what.value)) return refuse('not-of-a-dump')
    if (!/^(?:TABLES?|SEQUENCE|TEMPORARY)$/.test(what.value)) this.#subject = 'objects'
    return edited(text, this.#everywhere(rest))
  }

  /** `DO SETVAL(`s`, 1, 0)`: how a dump sets a sequence. */
  #setval(text: string, rest: readonly Token[]): string {
    const [call, open] = rest
    if (call?.value !== 'SETVAL' || open?.value !== '(' || rest[2]?.kind !== 'name') refuse('not-of-a-dump')
    const { next, edits } = this.#named(rest, 2)
    const others = rest.slice(next)
    const close = others.pop()
    if (close?.value !== ')' || !others.every((token) => /^(?:,|-|\d+)$/.test(token.value))) refuse('not-of-a-dump')
    return edited(text, edits)
  }

  /** The word before DO (or COMMENT) that says whether it runs, as the options want it. */
  #event(name: string, after: readonly Token[]): Edit[] {
    const end = after.findIndex((token) => token.kind === 'word' && (token.value === 'DO' || token.value === 'COMMENT'))
    if (end < 0) refuse('not-of-a-dump')
    const at = after.findIndex(
      (token, index) => index < end && token.kind === 'word' && /^(?:ENABLE|DISABLE)$/.test(token.value),
    )
    const wanted = this.#options.events(name, at < 0 || after[at]?.value === 'ENABLE')
    const from = at < 0 ? (after[end] as Token).start : (after[at] as Token).start
    // DISABLE ON SLAVE (or ON REPLICA): all of it goes.
    const to = at < 0 ? from : (after[after[at + 1]?.value === 'ON' ? at + 2 : at] as Token).end
    return [{ start: from, end: to, text: ` ${wanted} ` }]
  }

  #alter(text: string, rest: readonly Token[]): string {
    const [what, name] = rest
    if (what?.kind !== 'word') refuse('not-of-a-dump')
    if (what.value === 'TABLE') {
      const { next, edits } = this.#named(rest, 1)
      return edited(text, [...edits, ...this.#table(rest.slice(next))])
    }
    if (what.value !== 'DATABASE' && what.value !== 'SCHEMA') refuse('not-of-a-dump')
    this.#subject = 'session'
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

function checkCode(part: string): void {
  if (otherThanValues.test(part) || /--[ \t-\r]/.test(part)) refuse('not-of-a-dump')
  for (const [found] of part.matchAll(words)) if (!valueWords.test(found)) refuse('not-of-a-dump')
}

/** From `from` on only literals, parentheses and commas. */
function checkValues(text: string, from: number, quoting: Quoting): void {
  for (let at = from; at < text.length; ) {
    const single = text.indexOf("'", at)
    const code = text.slice(at, single < 0 ? text.length : single)
    const double = quoting.ansi ? -1 : code.indexOf('"')
    const part = double < 0 ? code : code.slice(0, double)
    checkCode(part)
    if (double < 0 && single < 0) return
    const quote = double < 0 ? "'" : '"'
    at = endOf(text, at + part.length + 1, quote, quoting)
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

// Loads a dump into one database of a server, statement by statement.
// Guarantees: nothing but that database is changed (guard.ts); the first statement that the server does not accept ends it, and the Failure
// names its line; memory holds three statements, and those that are remembered. The database must exist. Does not make what was loaded visible to anybody.
import type { FileHandle } from 'node:fs/promises'
import { Failure } from '../../api/failure.ts'
import { throwIfCancelled } from '../../lib/bytes.ts'
import type { Context } from '../../lib/work.ts'
import { Guard, type GuardOptions } from './guard.ts'
import { type Session, StatementError } from './session.ts'
import { beginning, type Statement, statementsOf } from './statements.ts'

/** A statement of a dump as it stands there, one byte a character. */
export interface Remembered {
  readonly text: Buffer
  readonly line: number
}

/** What a dump holds beside tables, with the settings in which it is to be made. */
export interface Objects {
  /** The database that was dumped. */
  readonly own: string | undefined
  readonly statements: readonly Remembered[]
}

export interface LoadOptions extends Omit<GuardOptions, 'server' | 'own'> {
  readonly session: Session
  readonly file: FileHandle
}

/** Failures `dump-refused`, `load-failed` {line, statement, reason, why?}, `database-unreachable`, `cancelled`. */
export async function loadDump(options: LoadOptions, ctx: Pick<Context, 'signal' | 'report'>): Promise<Objects> {
  const { session, file, database, events } = options
  const own = await dumpedDatabase(file)
  const guard = new Guard({ server: session.version, database, own, events })
  const statements: Remembered[] = []
  await prepare(session, database)
  let working: Promise<void> = Promise.resolve()
  let done = 0
  try {
    for await (const statement of statementsOf(file, () => guard.quoting)) {
      throwIfCancelled(ctx.signal)
      // Judged while the server still works on the one before, whose bytes must stay until then.
      const text = guard.admit(statement)
      const { subject } = guard
      await working
      ctx.report.advance(statement.end - done)
      done = statement.end
      if (text === undefined) continue
      if (subject !== 'tables') statements.push(remembered(statement))
      working = send(session, text, statement.line)
      // Looked at before the next one is sent.
      working.catch(() => undefined)
    }
  } finally {
    await working
  }
  await session.send('COMMIT')
  return { own, statements }
}

function remembered({ text, line }: Statement): Remembered {
  return { text: Buffer.from(text, 'latin1'), line }
}

/**
 * Makes objects that were loaded with their tables before once more in another database, where these tables are. Views that need others which do not
 * yet stand are made after those. Failures as of `loadDump`.
 */
export async function makeObjects(session: Session, objects: Objects, place: Place): Promise<void> {
  let missing: ReadonlySet<Remembered> | undefined
  for (;;) {
    const failed = await makeOnce(session, objects, place, missing)
    const [first] = failed.values()
    if (failed.size === 0) return
    // Nothing new stands since the last time.
    if (failed.size === (missing?.size ?? objects.statements.length)) throw first
    missing = new Set(failed.keys())
  }
}

type Place = Pick<GuardOptions, 'database' | 'events'>

/** `only`: of the objects these. What could not be made, where others may have to stand first. */
async function makeOnce(
  session: Session,
  { own, statements }: Objects,
  { database, events }: Place,
  only: ReadonlySet<Remembered> | undefined,
): Promise<Map<Remembered, Failure>> {
  const guard = new Guard({ server: session.version, database, own, events })
  const failed = new Map<Remembered, Failure>()
  await prepare(session, database)
  for (const statement of statements) {
    const { text: bytes, line } = statement
    const judged = { text: bytes.toString('latin1'), bytes, line, end: 0, length: bytes.length }
    const text = guard.admit(judged)
    if (text === undefined || (only && guard.subject === 'objects' && !only.has(statement))) continue
    const failure = await send(session, text, line).then(() => undefined, viewFailure(judged.text))
    if (failure) failed.set(statement, failure)
  }
  return failed
}

function viewFailure(text: string) {
  return (error: unknown) => {
    if (error instanceof Failure && error.code === 'load-failed' && isView(text)) return error
    throw error
  }
}

function isView(text: string): boolean {
  return /^\s*(?:\/\*M?!\d*\s*)?CREATE\b/i.test(text) && /\bVIEW\b/i.test(text)
}

/** The objects of a file that `fileOf` made of a database. Failures as of `loadDump`. */
export async function objectsIn(
  file: FileHandle,
  { server, database }: Pick<GuardOptions, 'server' | 'database'>,
): Promise<Objects> {
  const guard = new Guard({ server, database, events: () => 'DISABLE' })
  const statements: Remembered[] = []
  for await (const statement of statementsOf(file, () => guard.quoting)) {
    guard.admit(statement)
    statements.push(remembered(statement))
  }
  return { own: database, statements }
}

/** The statements as a file. */
export function* fileOf({ statements }: Objects): Generator<Buffer> {
  for (const { text } of statements) {
    let delimiter = ';;'
    while (text.includes(delimiter)) delimiter = `${delimiter}arche;;`
    yield Buffer.concat([Buffer.from(`DELIMITER ${delimiter}\n`), text, Buffer.from(`\n${delimiter}\n`)])
  }
}

async function prepare(session: Session, database: string): Promise<void> {
  await session.send(Buffer.from(`USE ${quoted(database)}`).toString('latin1'))
  await session.send('SET NAMES utf8')
  await session.send(
    "SET SESSION foreign_key_checks = 0, unique_checks = 0, autocommit = 1, sql_mode = 'NO_AUTO_VALUE_ON_ZERO'",
  )
}

async function send(session: Session, text: string | Uint8Array, line: number): Promise<void> {
  if (text.length >= session.longest) {
    const packet = { why: 'packet', reason: 'max_allowed_packet', need: text.length, limit: session.longest }
    const details = { line, statement: beginning(text), ...packet, megabytes: megabytesFor(text.length) }
    throw new Failure('load-failed', details)
  }
  try {
    await session.send(text)
  } catch (error) {
    if (!(error instanceof StatementError)) throw error
    throw new Failure('load-failed', { line, statement: beginning(text), ...error.details }, { cause: error })
  }
}

/** Where a dump says what it is of. */
const headLength = 4096

/** The name of the database that was dumped, where the file says it: as mysqldump and mariadb-dump do, or phpMyAdmin. */
async function dumpedDatabase(file: FileHandle): Promise<string | undefined> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(headLength), 0, headLength, 0)
  return databaseIn(buffer.toString('utf8', 0, bytesRead))
}

/** As `dumpedDatabase`, from the beginning of a file. */
export function databaseIn(head: string): string | undefined {
  const [, name] = /^-- Host: .*?\s+Database: (.+)$/m.exec(head) ?? /^-- [\p{L}\s]+ ?: `(.+)`\s*$/mu.exec(head) ?? []
  return name
}

/** What `max_allowed_packet` is to be set to for a statement of this many bytes, in units of its `M`. */
export function megabytesFor(bytes: number): number {
  return Math.ceil((bytes + 1024) / 1024 / 1024)
}

/** A name as SQL. */
export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

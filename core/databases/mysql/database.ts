// What stands in a database, and moving it as a whole: tables by RENAME, everything else as text.
// Guarantees: answers are the server's own at that moment; several tables are moved in one statement, which other sessions see done or not done.
// Does not know why something is moved, nor how far it came after a crash: whoever calls looks again.
import { quoted } from './load.ts'
import { literal } from './names.ts'
import { type Session, StatementError } from './session.ts'

export interface Content {
  /** Everything that RENAME TABLE moves: tables of every kind, and sequences. */
  readonly tables: readonly string[]
  readonly views: readonly string[]
  readonly triggers: readonly string[]
  readonly procedures: readonly string[]
  readonly functions: readonly string[]
  /** Of MariaDB; their bodies go and come with them. */
  readonly packages: readonly string[]
  readonly events: readonly string[]
}

export interface Charset {
  readonly charset: string
  readonly collation: string
}

/** LabBook's own, for a database that is made anew. */
export const labbookCharset: Charset = { charset: 'utf8', collation: 'utf8_unicode_ci' }

/** Undefined: there is no such database, or it may not be seen. */
export async function charsetOf(session: Session, database: string): Promise<Charset | undefined> {
  const [row] = await session.rows(
    `SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ${literal(database)}`,
  )
  return row && { charset: row[0] ?? '', collation: row[1] ?? '' }
}

export async function contentOf(session: Session, database: string): Promise<Content> {
  const name = literal(database)
  const ask = async (sql: string) => session.rows(sql)
  const tables = await ask(`SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${name}`)
  const routines = await ask(
    `SELECT ROUTINE_NAME, ROUTINE_TYPE FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ${name}`,
  )
  const triggers = await ask(
    `SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ${name} ORDER BY ACTION_ORDER`,
  )
  const events = await ask(`SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ${name}`)
  const named = (rows: string[][], type: RegExp) =>
    rows.flatMap(([one = '', kind = '']) => (type.test(kind) ? [one] : []))
  return {
    tables: named(tables, /^(?!VIEW$|SYSTEM VIEW$)/).sort(),
    views: named(tables, /^VIEW$/).sort(),
    triggers: triggers.map(([one = '']) => one),
    procedures: named(routines, /^PROCEDURE$/),
    functions: named(routines, /^FUNCTION$/),
    packages: named(routines, /^PACKAGE$/),
    events: events.map(([one = '']) => one),
  }
}

export interface BrokenView {
  readonly name: string
  /** As the server still shows it. */
  readonly definition: string
}

/** A view as a comment of SQL. */
export function remark({ name, definition }: BrokenView): Buffer {
  return Buffer.from(`-- Left out, because it does not work: ${`${name}: ${definition}`.replace(/\s+/g, ' ')}\n`)
}

/** Views that do not work any more, because what they are made of is gone: neither can they be dumped, nor made again. */
export async function brokenViews(session: Session, database: string, views: readonly string[]): Promise<BrokenView[]> {
  const broken: BrokenView[] = []
  for (const name of views) {
    const place = `${quoted(database)}.${quoted(name)}`
    // What the dump programs ask, too.
    const works = await session.rows(`SHOW FIELDS FROM ${place}`).then(() => true, ifSaid)
    if (works) continue
    const [row] = (await session.rows(`SHOW CREATE VIEW ${place}`).catch(ifSaid)) || []
    broken.push({ name, definition: row?.[1] ?? '' })
  }
  return broken
}

/** False when the server has said something against it. */
function ifSaid(error: unknown): false {
  if (error instanceof StatementError) return false
  throw error
}

/** Bytes of rows and indexes, as the server keeps account of them. */
export async function sizeOf(session: Session, database: string): Promise<number> {
  const [row] = await session.rows(
    `SELECT COALESCE(SUM(DATA_LENGTH), 0) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${literal(database)}`,
  )
  return Number(row?.[0] ?? 0)
}

export async function tell(session: Session, sql: string): Promise<void> {
  await session.send(Buffer.from(sql).toString('latin1'))
}

export async function createDatabase(session: Session, name: string, { charset, collation }: Charset): Promise<void> {
  await tell(session, `CREATE DATABASE IF NOT EXISTS ${quoted(name)} CHARACTER SET ${charset} COLLATE ${collation}`)
}

export async function setCharset(session: Session, name: string, { charset, collation }: Charset): Promise<void> {
  await tell(session, `ALTER DATABASE ${quoted(name)} CHARACTER SET ${charset} COLLATE ${collation}`)
}

export async function dropDatabase(session: Session, name: string): Promise<void> {
  await tell(session, `DROP DATABASE IF EXISTS ${quoted(name)}`)
}

/** Everything that is no table. `before`: called before each statement. */
export async function dropObjects(
  session: Session,
  database: string,
  kinds: readonly ('triggers' | 'views' | 'routines' | 'events')[],
  before: (what: string) => void = () => undefined,
): Promise<void> {
  const content = await contentOf(session, database)
  const drop = async (kind: string, names: readonly string[]) => {
    for (const name of names) {
      before(`DROP ${kind} ${name}`)
      await tell(session, `DROP ${kind} IF EXISTS ${quoted(database)}.${quoted(name)}`)
    }
  }
  if (kinds.includes('events')) await drop('EVENT', content.events)
  if (kinds.includes('triggers')) await drop('TRIGGER', content.triggers)
  if (kinds.includes('views')) await drop('VIEW', content.views)
  if (kinds.includes('routines')) {
    await drop('PROCEDURE', content.procedures)
    await drop('FUNCTION', content.functions)
    if (content.packages.length > 0) {
      // Some servers know packages in this mode only.
      await tell(session, "SET @arche_mode = @@SESSION.sql_mode, SESSION sql_mode = 'ORACLE'")
      await drop('PACKAGE', content.packages)
      await tell(session, 'SET SESSION sql_mode = @arche_mode')
    }
  }
}

export interface Move {
  readonly from: string
  readonly to: string
  readonly table: string
}

/** All in one statement, one after the other as they stand here. Tables with triggers cannot be moved: their triggers must be gone. */
export async function moveTables(session: Session, moves: readonly Move[]): Promise<void> {
  if (moves.length === 0) return
  const list = moves.map(({ from, to, table }) => `${quoted(from)}.${quoted(table)} TO ${quoted(to)}.${quoted(table)}`)
  await tell(session, 'SET SESSION foreign_key_checks = 0')
  await tell(session, `RENAME TABLE ${list.join(', ')}`)
}

/** Defaults that take from a sequence of database `from` take from the one of that name in `to`, once their tables were moved there. */
export async function nameSequences(session: Session, from: string, to: string): Promise<void> {
  const columns = await session.rows(
    `SELECT TABLE_NAME, COLUMN_NAME, COLUMN_DEFAULT FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ${literal(to)} AND INSTR(COLUMN_DEFAULT, ${literal(`${quoted(from)}.`)}) > 0`,
  )
  if (columns.length === 0) return
  // A table with history may be changed only if it is to keep it.
  if (session.version.mariadb) await tell(session, "SET SESSION system_versioning_alter_history = 'KEEP'")
  // All of a table at once: while one still names what is gone, the table cannot be opened.
  const tables = new Map<string, string[]>()
  for (const [table = '', column = '', value = ''] of columns) {
    const named = value.replaceAll(`${quoted(from)}.`, `${quoted(to)}.`)
    tables.set(table, [...(tables.get(table) ?? []), `ALTER COLUMN ${quoted(column)} SET DEFAULT (${named})`])
  }
  for (const [table, changes] of tables)
    await tell(session, `ALTER TABLE ${quoted(to)}.${quoted(table)} ${changes.join(', ')}`)
}

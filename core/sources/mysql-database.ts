// What stands in a database, and moving it as a whole: tables by RENAME, everything else as text.
// Guarantees: answers are the server's own at that moment; several tables are moved in one statement, which other sessions see done or not done.
// Does not know why something is moved, nor how far it came after a crash: whoever calls looks again.
import { quoted } from './mysql-load.ts'
import type { Session } from './mysql-session.ts'

/** A text as SQL that is the same in every mode of a server. */
function literal(text: string): string {
  return `CONVERT(0x${Buffer.from(text).toString('hex')} USING utf8mb4)`
}

export interface Content {
  /** Everything that RENAME TABLE moves: tables of every kind, and sequences. */
  readonly tables: readonly string[]
  readonly views: readonly string[]
  readonly triggers: readonly string[]
  readonly procedures: readonly string[]
  readonly functions: readonly string[]
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
    events: events.map(([one = '']) => one),
  }
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

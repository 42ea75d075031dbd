// Whether databases of a server can be dumped whole: the login, its rights, the client programs, the room for a temporary copy; and their sizes.
// Guarantees: changes nothing; a dump silently leaves out what its user may not see, so every right is asked for before.

import type { Login } from '../api/database.ts'
import { Failure, type Finding } from '../api/failure.ts'
import type { MysqlSource } from '../api/sources/mysql.ts'
import { type Client, detailsOf } from '../databases/mysql/client.ts'
import { lackingIn } from '../databases/mysql/lacking.ts'
import { isOneOf, tablesOf } from '../databases/mysql/names.ts'
import { missingRights, rightsOf, seesAll } from '../databases/mysql/rights.ts'
import { freeBytes } from '../lib/files.ts'
import { type Access, withClient } from './mysql-spool.ts'

/** The server's own: what they hold is made by the server, or belongs to it alone (accounts and their rights). */
const systemDatabases = ['information_schema', 'performance_schema', 'sys', 'mysql']

/** What a restore of ours loads, and keeps for taking it back (core/restore/server/server.ts): it comes and goes with restores. */
const ours = /^arche_(?:new|old)_[0-9a-f]+$/

/** Names of databases, as a plan gives them or as the server lists them. */
export async function namesOn(client: Client, databases: MysqlSource['databases']): Promise<string[]> {
  if (databases !== 'all') return [...new Set(databases)]
  const rows = await client.ask('SELECT SCHEMA_NAME FROM information_schema.SCHEMATA ORDER BY SCHEMA_NAME')
  // MySQL and MariaDB compare these names without regard to case.
  return rows.flatMap(([name = '']) => (systemDatabases.includes(name.toLowerCase()) || ours.test(name) ? [] : [name]))
}

/** Problems of the server, of the login and of the client programs are findings here, the same that a run would fail with. */
export async function checkDatabases(
  access: Access,
  databases: MysqlSource['databases'],
  ready: (names: readonly string[], about: { version: string; tool: string }) => Finding,
  signal: AbortSignal | undefined,
): Promise<Finding[]> {
  try {
    return await withClient(access, signal, (client) => examine(client, access, databases, ready))
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'cancelled') throw error
    return [{ level: 'error', code: error.code, details: error.details }]
  }
}

async function examine(
  client: Client,
  { database: login, temp }: Access,
  databases: MysqlSource['databases'],
  ready: Parameters<typeof checkDatabases>[2],
): Promise<Finding[]> {
  const version = (await client.ask('SELECT VERSION()'))[0]?.[0] ?? ''
  const names = await namesOn(client, databases)
  const missing = await missingOf(client, names)
  if (missing.length > 0)
    return missing.map((name) => ({
      level: 'error',
      code: 'database-missing',
      details: detailsOf({ ...login, name }),
    }))
  // Quotes in the answer depend on the mode of the server.
  const grants = (await client.ask("SET SESSION sql_mode = ''; SHOW GRANTS")).map((row) => row.join('\t'))
  const blind: Finding[] =
    databases !== 'all' || seesAll(grants)
      ? []
      : [{ level: 'error', code: 'database-rights', details: { ...detailsOf(login), rights: ['SHOW DATABASES'] } }]
  if (names.length === 0)
    return blind.length > 0 ? blind : [{ level: 'error', code: 'database-missing', details: detailsOf(login) }]
  const sizes = await sizesOf(client, names)
  return [
    ready(names, { version, tool: client.tools.version }),
    ...blind,
    ...rightsFindings(login, names, grants, await hiddenRoutines(client, names), /mariadb/i.test(version)),
    ...tablesFindings(login, await otherTables(client, names)),
    ...(await lackingIn(client, login, names)).problems.map((problem): Finding => ({ level: 'warning', ...problem })),
    ...(await spaceFindings(Math.max(...sizes.values()), temp)),
  ]
}

async function missingOf(client: Client, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return []
  const rows = await client.ask(
    `SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE ${isOneOf('SCHEMA_NAME', names)}`,
  )
  const [cases] = await client.ask('SELECT @@lower_case_table_names')
  const asKept = (name: string) => (cases?.[0] === '0' ? name : name.toLowerCase())
  const there = new Set(rows.map(([name = '']) => asKept(name)))
  return names.filter((name) => !there.has(asKept(name)))
}

/** Databases that lack the same rights are told together. */
function rightsFindings(
  login: Login,
  names: readonly string[],
  grants: readonly string[],
  hidden: ReadonlyMap<string, number>,
  mariadb: boolean,
): Finding[] {
  const groups = new Map<string, { rights: string[]; unknown: boolean; names: string[] }>()
  for (const name of names) {
    const rights = rightsOf(grants, name)
    const lacking = missingRights(rights, hidden.get(name) ?? 0, mariadb)
    if (lacking.length === 0) continue
    const group = groups.get(lacking.join()) ?? { rights: lacking, unknown: rights.unknown, names: [] }
    group.names.push(name)
    groups.set(lacking.join(), group)
  }
  return [...groups.values()].map(({ rights, unknown, names: concerned }) => ({
    level: unknown ? 'warning' : 'error',
    code: 'database-rights',
    details: { ...detailsOf({ ...login, name: concerned.join(', ') }), rights },
  }))
}

function tablesFindings(login: Login, tables: readonly string[]): Finding[] {
  if (tables.length === 0) return []
  return [{ level: 'info', code: 'database-tables', details: { ...detailsOf(login), tables: [...tables] } }]
}

async function hiddenRoutines(client: Client, names: readonly string[]): Promise<Map<string, number>> {
  const rows = await client.ask(
    `SELECT ROUTINE_SCHEMA, COUNT(*) FROM information_schema.ROUTINES WHERE ${isOneOf('ROUTINE_SCHEMA', names)} AND ROUTINE_DEFINITION IS NULL GROUP BY ROUTINE_SCHEMA`,
  )
  return new Map(rows.map(([name = '', count]) => [name, Number(count)]))
}

/** Tables that can change while they are dumped. */
async function otherTables(client: Client, names: readonly string[]): Promise<string[]> {
  const rows = await client.ask(
    `SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE ${isOneOf('TABLE_SCHEMA', names)} AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') AND ENGINE <> 'InnoDB'`,
  )
  return tablesOf(rows, names)
}

/** What the tables hold, as the server keeps account of it: SQL has about that size, up to twice for binary columns. */
export async function sizesOf(client: Client, names: readonly string[]): Promise<Map<string, number>> {
  const sizes = new Map(names.map((name) => [name, 0]))
  if (names.length === 0) return sizes
  const rows = await client.ask(
    `SELECT TABLE_SCHEMA, SUM(DATA_LENGTH) FROM information_schema.TABLES WHERE ${isOneOf('TABLE_SCHEMA', names)} AND DATA_LENGTH IS NOT NULL GROUP BY TABLE_SCHEMA`,
  )
  for (const [kept = '', bytes] of rows) {
    // The server may keep names in lower case and find them in any.
    const name = sizes.has(kept) ? kept : names.find((one) => one.toLowerCase() === kept.toLowerCase())
    if (name !== undefined) sizes.set(name, Number(bytes))
  }
  return sizes
}

/** Half-empty pages of a table count as data but are not dumped. */
const hopeless = 0.25
const worst = 2

async function spaceFindings(bytes: number, temp: string): Promise<Finding[]> {
  const free = await freeBytes(temp)
  const details = { path: temp, free, need: Math.ceil(bytes * worst) }
  if (free < bytes * hopeless) return [{ level: 'error', code: 'temporary-space', details }]
  return free < details.need ? [{ level: 'warning', code: 'temporary-space-tight', details }] : []
}

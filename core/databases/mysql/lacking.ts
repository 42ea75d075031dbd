// What a dump of a database would lack or hold too much of, for what the programs and the server can do: history of tables, generated columns.
// Guarantees: changes nothing. The same is told before a backup, as findings, and during it, as warnings.

import type { Login } from '../../api/database.ts'
import type { Problem } from '../../api/failure.ts'
import { type Client, detailsOf, makerOf } from './client.ts'
import { versionOf } from './lexer.ts'
import { isOneOf, tablesOf } from './names.ts'

/** The first MariaDB that takes rows of the past: 10.11 (its dumps mark them so). */
const firstWithHistory = 101_100

export interface Lacking {
  readonly problems: readonly Problem[]
  /** Databases whose tables are to be saved with their history. */
  readonly history: ReadonlySet<string>
}

/** `names`: databases of the server. */
export async function lackingIn(client: Client, login: Login, names: readonly string[]): Promise<Lacking> {
  const version = (await client.ask('SELECT VERSION()'))[0]?.[0] ?? ''
  if (names.length === 0) return { problems: [], history: new Set() }
  if (makerOf(version) === 'mariadb') return historyOf(client, login, names, versionOf(version).number)
  return { problems: await generatedOf(client, login, names), history: new Set() }
}

/** What tables held before is saved where program and server can, and no table counts by transactions: the program stops at such a one. */
async function historyOf(client: Client, login: Login, names: readonly string[], version: number): Promise<Lacking> {
  const versioned = await client.ask(
    `SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE ${isOneOf('TABLE_SCHEMA', names)} AND TABLE_TYPE = 'SYSTEM VERSIONED'`,
  )
  if (versioned.length === 0) return { problems: [], history: new Set() }
  const precise = await client.ask(
    `SELECT DISTINCT TABLE_SCHEMA FROM information_schema.COLUMNS WHERE ${isOneOf('TABLE_SCHEMA', names)} AND GENERATION_EXPRESSION = 'ROW START' AND DATA_TYPE = 'bigint'`,
  )
  const able = version >= firstWithHistory && (await client.savesHistory())
  const without = new Set(able ? precise.map(([name]) => name) : versioned.map(([name]) => name))
  const lost = versioned.filter(([name]) => without.has(name))
  const history = new Set(versioned.flatMap(([name = '']) => (without.has(name) ? [] : [name])))
  const details = { ...detailsOf(login), tables: tablesOf(lost, names) }
  return { history, problems: lost.length === 0 ? [] : [{ code: 'database-history', details }] }
}

/** MariaDB's programs write values for the generated columns of a MySQL server, which it refuses to take back. */
async function generatedOf(client: Client, login: Login, names: readonly string[]): Promise<Problem[]> {
  if (client.tools.maker === 'mysql') return []
  const tables = await client.ask(
    `SELECT DISTINCT TABLE_SCHEMA, TABLE_NAME FROM information_schema.COLUMNS WHERE ${isOneOf('TABLE_SCHEMA', names)} AND GENERATION_EXPRESSION <> ''`,
  )
  if (tables.length === 0) return []
  const details = { ...detailsOf(login), tool: client.tools.version, tables: tablesOf(tables, names) }
  return [{ code: 'database-generated', details }]
}

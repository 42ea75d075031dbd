// Databases of a MySQL or MariaDB server as a source: one of them under a given name (LabBook), or several, each as a file of SQL.
// Guarantees: a dump is one moment of its database (InnoDB) and whole, or the run fails: a client that stops, and a login that may not see
// everything, are Failures. Several are dumped one after the other, so the disk holds one dump at a time; they are not one moment together.
// Does not load anything into a server. Accounts and their rights belong to the server and are not saved.

import type { Database } from '../api/database.ts'
import type { Finding } from '../api/failure.ts'
import { recipes } from '../api/recipe.ts'
import type { MysqlSource } from '../api/sources/mysql.ts'
import type { Entry, Pack, Root } from '../archive/archive.ts'
import { type Client, detailsOf } from '../databases/mysql/client.ts'
import type { BrokenView } from '../databases/mysql/database.ts'
import { isOneOf } from '../databases/mysql/names.ts'
import { throwIfCancelled } from '../lib/bytes.ts'
import type { Context, Estimate } from '../lib/work.ts'
import { checkDatabases, namesOn, sizesOf } from './mysql-check.ts'
import { type Access, privateFile, spoolEntry, spooled, withClient } from './mysql-spool.ts'
import type { Item, Means, Source } from './source.ts'

export interface MysqlOptions extends Access {
  readonly database: Database
  /** Where the dump stands in the archive, e.g. `dump/dump.sql`. */
  readonly file: string
  /** Views that do not work: the database is saved without them. Absent: such a one ends the backup. */
  readonly broken?: readonly BrokenView[] | undefined
  readonly pack?: Pack | undefined
}

/**
 * SQL text becomes a fifth to a third of what the server counts for its rows and indexes; more where rows hold what is compressed already. What came
 * out of the plan's last backup says it better (services/expected.ts).
 */
const compressedShare = 0.35

function counts(files: number, bytes: number, pack: Pack | undefined): Estimate {
  if (!pack) return { files, bytes }
  const share = recipes[pack.format].codec === 'none' ? 1 : compressedShare
  return { files, bytes, stored: Math.ceil(bytes * share) }
}

/** One database. */
export function mysqlSource(options: MysqlOptions): Source {
  const { name } = options.database
  let counted: Estimate | undefined
  const estimate = async ({ signal }: Pick<Context, 'signal'>) => {
    const sizes = await withClient(options, signal, (client) => sizesOf(client, [name]))
    counted = counts(1, sizes.get(name) ?? 0, options.pack)
    return counted
  }
  const ready = (_: readonly string[], about: { version: string; tool: string }): Finding => ({
    level: 'info',
    code: 'database-ready',
    details: { ...detailsOf(options.database), ...about },
  })
  return {
    check: (signal) => checkDatabases(options, [name], ready, signal),
    estimate,
    async *items(ctx): AsyncGenerator<Item> {
      const { bytes } = counted ?? (await estimate(ctx))
      ctx.report.operation('dump', bytes)
      const spool = await spooled(options, { name, restorable: true, broken: options.broken }, ctx)
      try {
        yield {
          name,
          roots: [rootOf(options.file)],
          estimate: counts(1, spool.size, options.pack),
          entries: one(spoolEntry(options.file, spool, ctx)),
        }
      } finally {
        await spool.close()
      }
    },
  }
}

/** A dump comes from no folder: it has no place to go back to by itself. */
function rootOf(file: string): Root {
  return { name: file.split('/')[0] as string, origin: '' }
}

async function* one(entry: Entry): AsyncGenerator<Entry> {
  yield entry
}

// --- several ----------------------------------------------------------------------------------------------------------

/** SQL that makes the databases anew, empty, with their character sets: what a dump of one database does not say. */
const schemaFile = 'databases.sql'

/** Characters that file names cannot hold somewhere as `%2F`, like in addresses; a database may be called anything. */
function dumpPath(database: string): string {
  const escaped = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
  return `dump/${database.replace(/[%/\\:*?"<>|\p{Cc}]|^\./gu, escaped)}.sql`
}

/** Databases of a server: `databases.sql`, then `dump/<database>.sql` for each. */
export function serverSource({ server, databases }: MysqlSource, { temp, databasePassword, pack }: Means): Source {
  const access: Access = { database: server, password: databasePassword, temp }
  const look = ({ signal }: Pick<Context, 'signal'>) =>
    withClient(access, signal, async (client) => sizesOf(client, await namesOn(client, databases)))
  const ready = (names: readonly string[], about: { version: string; tool: string }): Finding => ({
    level: 'info',
    code: 'databases-ready',
    details: { ...detailsOf(server), ...about, databases: [...names] },
  })
  return {
    check: (signal) => checkDatabases(access, databases, ready, signal),
    estimate: async (ctx) => total(await look(ctx), pack),
    async *items(ctx): AsyncGenerator<Item> {
      const sizes = await look(ctx)
      yield {
        name: 'databases',
        roots: [rootOf(schemaFile), rootOf('dump')],
        estimate: total(sizes, pack),
        entries: everyDump(access, sizes, ctx),
      }
    },
  }
}

function total(sizes: ReadonlyMap<string, number>, pack: Pack | undefined): Estimate {
  const bytes = [...sizes.values()].reduce((sum, one) => sum + one, 0)
  return counts(sizes.size + 1, bytes, pack)
}

async function* everyDump(access: Access, sizes: ReadonlyMap<string, number>, ctx: Context): AsyncGenerator<Entry> {
  const schemas = await withClient(access, ctx.signal, (client) => schemasOf(client, [...sizes.keys()]))
  const sql = Buffer.from(schemas)
  yield { ...privateFile(schemaFile, sql.length, ctx), body: bodyOf(schemaFile, sql, ctx) }
  for (const [name, bytes] of sizes) {
    throwIfCancelled(ctx.signal)
    ctx.report.operation('dump', bytes)
    ctx.report.advance(0, name)
    const spool = await spooled(access, { name, restorable: false }, ctx)
    try {
      ctx.report.operation('archive', spool.size)
      yield spoolEntry(dumpPath(name), spool, ctx)
    } finally {
      await spool.close()
    }
  }
}

async function* bodyOf(path: string, bytes: Uint8Array, { report }: Context): AsyncGenerator<Uint8Array> {
  report.advance(bytes.length, path)
  yield bytes
}

async function schemasOf(client: Client, names: readonly string[]): Promise<string> {
  const rows = await client.ask(
    `SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE ${isOneOf('SCHEMA_NAME', names)} ORDER BY SCHEMA_NAME`,
  )
  const quoted = (name: string) => `\`${name.replaceAll('`', '``')}\``
  const statements = rows.map(
    ([name = '', characters = '', collation = '']) =>
      `CREATE DATABASE IF NOT EXISTS ${quoted(name)} CHARACTER SET ${characters} COLLATE ${collation};\n`,
  )
  return `SET NAMES utf8mb4;\n${statements.join('')}`
}

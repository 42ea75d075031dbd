// The client programs of MySQL and MariaDB: finding them, logging in, asking questions, dumping; and their errors as Failures.
// Guarantees: a password goes only through a private option file (0600, in a folder of its own that `close` removes), never through arguments or
// the environment; option files of the person or the system are not read. Does not decide what is asked.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Details, Failure } from '../api/failure.ts'
import { serverOf, type Login as ToServer } from '../api/plan-source.ts'
import type { Bytes } from '../lib/bytes.ts'
import { fromErrno } from '../lib/files.ts'
import { run } from '../lib/process.ts'
import { outputOf } from '../lib/process-stream.ts'

/** Both programs of one maker; MariaDB's first, because its `mysqldump` is only another name for the same. */
const pairs = [
  { dump: 'mariadb-dump', ask: 'mariadb' },
  { dump: 'mysqldump', ask: 'mysql' },
] as const

export interface Tools {
  readonly dump: string
  readonly ask: string
  /** As the dump program tells it, for people. */
  readonly version: string
  readonly maker: 'mariadb' | 'mysql'
}

/** Neither there: Failure `tool-missing`. */
async function findTools(signal?: AbortSignal): Promise<Tools> {
  let missing: unknown
  for (const { dump, ask } of pairs) {
    try {
      const options = { patience: 30_000, ...(signal ? { signal } : {}) }
      const { stdout } = await run(dump, ['--no-defaults', '--version'], options)
      await run(ask, ['--no-defaults', '--version'], options)
      const number = /(\d+\.\d+\.\d+(?:-MariaDB)?)/.exec(stdout)?.[1] ?? ''
      return { dump, ask, version: `${dump} ${number}`.trim(), maker: /mariadb/i.test(stdout) ? 'mariadb' : 'mysql' }
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'tool-missing') throw error
      missing ??= error
    }
  }
  throw missing
}

export interface Client {
  readonly tools: Tools
  /** The rows of one question. */
  ask(sql: string): Promise<string[][]>
  /** A whole database as SQL; ends normally only when the program says that it is whole. */
  dump(database: string): Bytes
  /**
   * What a database holds beside data, as SQL: triggers, routines, events, and these views. `tables`: the tables too, without their rows. Errors as
   * those of `dump`.
   */
  definitions(name: string, views: readonly string[], tables: boolean): Bytes
  close(): Promise<void>
}

export interface Login {
  readonly database: ToServer
  readonly password?: string | undefined
  /** Private folder (0700) for the option file. */
  readonly temp: string
  readonly signal?: AbortSignal | undefined
}

export async function openClient(login: Login): Promise<Client> {
  const { database, signal } = login
  const tools = await findTools(signal)
  const folder = await mkdtemp(join(login.temp, 'database-')).catch((error) => {
    throw fromErrno(error, { path: login.temp })
  })
  const close = () => rm(folder, { recursive: true, force: true })
  const file = join(folder, 'options.cnf')
  try {
    await writeFile(file, optionFile(database, login.password ?? ''), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    await close()
    throw temporaryFailure(error, login.temp)
  }
  return {
    tools,
    close,
    async ask(sql) {
      const args = [`--defaults-file=${file}`, ...askOptions, '--execute', sql]
      try {
        const { stdout } = await run(tools.ask, args, { patience: 120_000, ...(signal ? { signal } : {}) })
        return stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')]))
      } catch (error) {
        throw explained(error, database)
      }
    },
    async *dump(name) {
      try {
        yield* outputOf(tools.dump, [`--defaults-file=${file}`, ...dumpOptions(tools), '--', name], { signal })
      } catch (error) {
        throw explained(error, { ...database, name })
      }
    },
    async *definitions(name, views, tables) {
      const base = [`--defaults-file=${file}`, ...dumpOptions(tools), '--no-data']
      const calls = tables ? [[...base, '--', name]] : [[...base, '--no-create-info', '--', name]]
      // Views are left out with `--no-create-info`, and dumped by name.
      if (!tables && views.length > 0)
        calls.push([...base, '--skip-triggers', '--skip-routines', '--skip-events', '--', name, ...views])
      try {
        for (const args of calls) yield* outputOf(tools.dump, args, { signal })
      } catch (error) {
        throw explained(error, database)
      }
    },
  }
}

const askOptions = [
  '--batch',
  '--raw',
  '--skip-column-names',
  '--connect-timeout=10',
  '--default-character-set=utf8mb4',
]

/**
 * LabBook 3's form: one database, tables dropped before they are made, complete inserts, UTF-8. Binary columns are hexadecimal, as in LabBook's
 * own dumps, so that the file is text throughout. MySQL 8 would add statements and questions that MariaDB does not know.
 */
function dumpOptions({ maker }: Tools): string[] {
  return [
    '--single-transaction',
    '--quick',
    '--routines',
    '--triggers',
    '--events',
    '--complete-insert',
    '--hex-blob',
    '--add-drop-table',
    '--default-character-set=utf8mb4',
    '--max-allowed-packet=512M',
    '--no-tablespaces',
    ...(maker === 'mysql' ? ['--loose-set-gtid-purged=OFF', '--loose-column-statistics=0'] : []),
  ]
}

/** Longest line that the clients read of an option file (MySQL and MariaDB, mysys/my_default.c: a buffer of 4096 bytes). */
const longestLine = 4000

/** An option file for `--defaults-file`: MariaDB Knowledge Base "Option file syntax", MySQL manual 4.2.2.2. */
function optionFile(database: ToServer, password: string): string {
  const { host, port, socket } = database
  const overNetwork = host !== undefined || port !== undefined
  const options: [string, string | undefined][] = [
    ['user', database.user],
    ['password', password],
    ['protocol', socket === undefined ? (overNetwork ? 'tcp' : undefined) : 'socket'],
    ['socket', socket],
    ['host', overNetwork ? (host ?? '127.0.0.1') : undefined],
    ['port', port?.toString()],
  ]
  const lines = options.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${quotedOption(value)}`]))
  return `[client]\n${lines.join('\n')}\n`
}

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
}

function quotedOption(value: string): string {
  const quoted = `"${value.replace(/[\\"\n\r\t\b]/g, (character) => escapes[character] as string)}"`
  if (value.includes('\0') || Buffer.byteLength(quoted) > longestLine)
    throw new Failure('bad-input', { reason: 'database-login' })
  return quoted
}

/** What a Failure about this database tells. */
export function detailsOf(database: ToServer): Details {
  return { database: database.name ?? '*', user: database.user, server: serverOf(database) }
}

/** Numbers of client and server errors: MariaDB Knowledge Base "MariaDB error codes", MySQL "Client error message reference". */
export const denied = new Set([1045, 1130, 1251, 1524, 1698, 1862, 2059])
export const unreachable = new Set([1040, 1129, 1203, 2001, 2002, 2003, 2005, 2006, 2013, 2026, 4151])

/** The clients' own words as a Failure; anything else comes back as it is. */
function explained(error: unknown, database: ToServer): unknown {
  if (!(error instanceof Failure) || error.code !== 'tool-failed') return error
  const said = String(error.details.stderr)
  const number = Number(/(?:ERROR|error:?)\s+(\d{4})\b/i.exec(said)?.[1] ?? /\((\d{4})\)\s*$/m.exec(said)?.[1])
  const details = { ...detailsOf(database), reason: lastWords(said) || String(error.details.status) }
  const options = { cause: error }
  const begun = /when (?:dumping|executing)|Couldn't execute|during query/i.test(said)
  if (number === 1049) return new Failure('database-missing', details, options)
  if (!begun && denied.has(number)) return new Failure('database-denied', details, options)
  if (!begun && unreachable.has(number))
    return new Failure('database-unreachable', details, { ...options, retryable: true })
  return new Failure('dump-failed', details, options)
}

/** The line of the error itself, without the program's name before it. */
function lastWords(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '')
  const line = lines.find((one) => /error|couldn't|denied/i.test(one)) ?? lines.at(-1) ?? ''
  return line.replace(/^[\w./-]*(?:mariadb|mysql)[\w-]*: /, '').slice(0, 500)
}

const full = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** An error of the file system in the temporary folder. */
export function temporaryFailure(error: unknown, path: string): unknown {
  const known = fromErrno(error, { path })
  if (!(known instanceof Failure) || !full.has(String(known.details.reason))) return known
  return new Failure('temporary-space', { path }, { cause: error })
}

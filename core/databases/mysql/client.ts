// The client programs of MySQL and MariaDB: finding them, logging in, asking questions, dumping; and their errors as Failures.
// Guarantees: a password goes only through a private option file (0600, in a folder of its own that `close` removes), never through arguments or
// the environment; option files of the person or the system are not read. Does not decide what is asked.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hostOf, serverOf, type Login as ToServer } from '../../api/database.ts'
import { type Details, Failure } from '../../api/failure.ts'
import type { Bytes } from '../../lib/bytes.ts'
import { fromErrno } from '../../lib/files.ts'
import { run } from '../../lib/process.ts'
import { outputOf } from '../../lib/process-stream.ts'

/** Both programs of one maker; MariaDB's first, because its `mysqldump` is only another name for the same. Which are taken: `fitting`. */
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

/** The pairs that are there, each maker once. None there: Failure `tool-missing`. */
async function findTools(signal?: AbortSignal): Promise<[Tools, ...Tools[]]> {
  const found: Tools[] = []
  let missing: unknown
  for (const { dump, ask } of pairs) {
    try {
      const options = { patience: 30_000, ...(signal ? { signal } : {}) }
      const { stdout } = await run(dump, ['--no-defaults', '--version'], options)
      await run(ask, ['--no-defaults', '--version'], options)
      const number = /(\d+\.\d+\.\d+(?:-MariaDB)?)/.exec(stdout)?.[1] ?? ''
      const maker = /mariadb/i.test(stdout) ? 'mariadb' : 'mysql'
      if (found.every((tools) => tools.maker !== maker))
        found.push({ dump, ask, version: `${dump} ${number}`.trim(), maker })
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'tool-missing') throw error
      missing ??= error
    }
  }
  const [first, ...others] = found
  if (!first) throw missing
  return [first, ...others]
}

/** The maker of a server, from its version. */
export function makerOf(version: string): Tools['maker'] {
  return /mariadb/i.test(version) ? 'mariadb' : 'mysql'
}

/**
 * The pair of the server's own maker, where both are there: MariaDB's writes values for the generated columns of a MySQL server, which refuses them.
 * `ask`: what one of them is answered.
 */
async function fitting(
  [first, ...others]: [Tools, ...Tools[]],
  ask: (tools: Tools) => Promise<string>,
): Promise<Tools> {
  if (others.length === 0) return first
  for (const tools of [first, ...others]) {
    try {
      const maker = makerOf(await ask(tools))
      return [first, ...others].find((one) => one.maker === maker) ?? tools
    } catch (error) {
      // One maker's programs do not know every way in which the other's servers let people in. What really is wrong is told later.
      if (!(error instanceof Failure) || error.code === 'cancelled') throw error
    }
  }
  return first
}

export interface Client {
  readonly tools: Tools
  /** The rows of one question. */
  ask(sql: string): Promise<string[][]>
  /** A whole database as SQL; ends normally only when the program says that it is whole. */
  dump(database: string, how?: DumpOptions): Bytes
  /** A database without its rows, as SQL. Errors as those of `dump`. */
  definitions(name: string, how?: Pick<DumpOptions, 'without'>): Bytes
  /** The program can save the history of system-versioned tables. */
  savesHistory(): Promise<boolean>
  close(): Promise<void>
}

export interface DumpOptions {
  /** Views that are left out. */
  readonly without?: readonly string[]
  /** Rows of system-versioned tables with those that they were before. */
  readonly history?: boolean
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
  const found = await findTools(signal)
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
  const asked = async (by: Tools, sql: string) => {
    const args = [`--defaults-file=${file}`, ...askOptions, '--execute', sql]
    const { stdout } = await run(by.ask, args, { patience: 120_000, ...(signal ? { signal } : {}) })
    return stdout
  }
  const tools = await fitting(found, (by) => asked(by, 'SELECT VERSION()')).catch(async (error) => {
    await close()
    throw error
  })
  return {
    tools,
    close,
    async ask(sql) {
      try {
        const stdout = await asked(tools, sql)
        return stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')]))
      } catch (error) {
        throw explained(error, database)
      }
    },
    async savesHistory() {
      if (tools.maker !== 'mariadb') return false
      const { stdout } = await run(tools.dump, ['--no-defaults', '--help'], { patience: 30_000 })
      return stdout.includes('--dump-history')
    },
    async *dump(name, { without = [], history = false } = {}) {
      const more = [...leftOut(name, without), ...(history ? ['--dump-history'] : [])]
      const args = [`--defaults-file=${file}`, ...dumpOptions(tools), ...more, '--', name]
      try {
        yield* outputOf(tools.dump, args, { signal })
      } catch (error) {
        throw explained(error, { ...database, name })
      }
    },
    async *definitions(name, { without = [] } = {}) {
      const args = [
        `--defaults-file=${file}`,
        ...dumpOptions(tools),
        '--no-data',
        ...leftOut(name, without),
        '--',
        name,
      ]
      try {
        yield* outputOf(tools.dump, args, { signal })
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
    // A table whose default takes from a sequence cannot be filled while it alone is locked.
    '--skip-add-locks',
    ...(maker === 'mysql' ? ['--loose-set-gtid-purged=OFF', '--loose-column-statistics=0'] : []),
  ]
}

function leftOut(database: string, names: readonly string[]): string[] {
  return names.map((name) => `--ignore-table=${database}.${name}`)
}

/** Longest line that the clients read of an option file (MySQL and MariaDB, mysys/my_default.c: a buffer of 4096 bytes). */
const longestLine = 4000

/** Undefined: over a socket, by which a name can still be one of this computer. Windows has no sockets that the programs would find by themselves. */
export function networkHost(database: ToServer): string | undefined {
  return process.platform === 'win32' && database.host === 'localhost' ? database.host : hostOf(database)
}

/** An option file for `--defaults-file`: MariaDB Knowledge Base "Option file syntax", MySQL manual 4.2.2.2. */
function optionFile(database: ToServer, password: string): string {
  const { port, socket } = database
  const host = networkHost(database)
  const options: [string, string | undefined][] = [
    ['user', database.user],
    ['password', password],
    ['protocol', socket === undefined ? (host === undefined ? undefined : 'tcp') : 'socket'],
    ['socket', socket],
    ['host', host],
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

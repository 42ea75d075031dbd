// One connection to a MySQL or MariaDB server for work that has to hold its state: loading a dump, changing tables over.
// Guarantees: the server takes one statement at a time (no multi-statements) and gets no file of this computer; statements are sent as they are, one
// byte a character; errors are Failures. The client programs (client.ts) cannot promise either.
import type { Connection, SqlError } from 'mariadb'
import type { Database } from '../../api/database.ts'
import { Failure } from '../../api/failure.ts'
import { denied, detailsOf, networkHost, openClient, unreachable } from './client.ts'
import { type ServerVersion, versionOf } from './lexer.ts'
import { type Line, openLine, placeholder } from './line.ts'

export interface Session {
  readonly version: ServerVersion
  /** As the server tells it. */
  readonly versionText: string
  /** The longest statement that the server takes, in bytes; it ends the connection at a longer one, so it must be asked before. */
  readonly longest: number
  /** The rows of a question in UTF-8. Failures `database-unreachable`; what the server says against it: `StatementError`. */
  rows(sql: string): Promise<string[][]>
  /** One statement: text with one byte a character (Latin-1), or bytes, which stay as they are until this resolves. Errors as those of `rows`. */
  send(statement: string | Uint8Array): Promise<void>
  close(): Promise<void>
}

/** What the server says against a statement; whoever sent it knows what it was about. */
export class StatementError extends Error {
  readonly number: number

  constructor(number: number, said: string, options: { cause: unknown }) {
    super(said, options)
    this.number = number
  }

  /** For the Failure that is made of it: the server's words, and the kind of cause (`why`) where a hint of its own helps. */
  get details(): { reason: string; why?: string } {
    const why = causes.get(this.number)
    return { reason: this.message, ...(why === undefined ? {} : { why }) }
  }
}

/** Numbers of the server (both makers) that people can do something about. */
const causes: ReadonlyMap<number, string> = new Map([
  // Lock wait timeout, also of the locks that DDL waits for: somebody else has a transaction open.
  [1205, 'busy'],
  // The account in whose name a view, trigger or routine works does not exist, or may not be named by this login.
  [1449, 'definer'],
  [1227, 'definer'],
])

export interface Login {
  readonly database: Database
  readonly password?: string | undefined
  /** Private folder (0700), for the client program that is asked where the server is. */
  readonly temp: string
  readonly signal?: AbortSignal | undefined
}

/** As the facts of LabBook say: large documents are single rows. */
const largestPacket = 512 * 1024 * 1024

/** Ends an ordinary wait for tables that somebody else uses, in seconds. */
const lockPatience = 60

/** Failures `database-unreachable`, `database-denied`, `tool-missing`, `cancelled`. No database is chosen. */
export async function openSession(login: Login): Promise<Session> {
  const { database, signal } = login
  const place = await placeOf(login)
  // Loaded only here: it takes as long as a small backup of folders.
  const { createConnection } = await import('mariadb')
  let line: Line | undefined
  const connection = await createConnection({
    ...('host' in place ? place : {}),
    stream(this: { socketPath?: string }) {
      if ('host' in place) line = openLine(place)
      else {
        line = openLine({ path: place.socketPath })
        // What the connector knows as a socket of this computer, it lets passwords through that it would not send over a network.
        this.socketPath = place.socketPath
      }
      return line.socket
    },
    user: database.user,
    ...(login.password === undefined ? {} : { password: login.password }),
    charset: 'utf8mb4',
    rowsAsArray: true,
    bigIntAsNumber: false,
    decimalAsNumber: false,
    dateStrings: true,
    multipleStatements: false,
    permitLocalInfile: false,
    allowPublicKeyRetrieval: true,
    maxAllowedPacket: largestPacket,
    connectTimeout: 10_000,
    connectAttributes: false,
    // The values of the last statements would be part of an error's message.
    logParam: false,
  }).catch((error) => {
    const known = explained(error, database, false)
    throw known instanceof StatementError
      ? new Failure('database-unreachable', { ...detailsOf(database), reason: known.message }, { cause: error })
      : known
  })
  // Told to whoever sends next.
  connection.on('error', () => undefined)
  const cancel = () => connection.destroy()
  signal?.addEventListener('abort', cancel, { once: true })
  const session = new OpenSession(connection, line as Line, database, signal, cancel)
  try {
    await session.begin()
    return session
  } catch (error) {
    await session.close()
    throw error
  }
}

/** Where the connection goes. Neither host nor socket: where the client programs find the server of this computer; MYSQL_UNIX_PORT is theirs. */
async function placeOf(login: Login): Promise<{ socketPath: string } | { host: string; port: number }> {
  const { port, socket } = login.database
  if (socket !== undefined) return { socketPath: socket }
  const host = networkHost(login.database)
  if (host !== undefined) return { host, port: port ?? (Number(process.env.MYSQL_TCP_PORT) || 3306) }
  if (process.env.MYSQL_UNIX_PORT) return { socketPath: process.env.MYSQL_UNIX_PORT }
  const client = await openClient(login)
  try {
    const [row] = await client.ask('SELECT @@socket')
    return { socketPath: row?.[0] ?? '' }
  } finally {
    await client.close()
  }
}

class OpenSession implements Session {
  version: ServerVersion = { number: 0, mariadb: false }
  versionText = ''
  longest = largestPacket
  readonly #connection: Connection
  readonly #line: Line
  readonly #database: Database
  readonly #signal: AbortSignal | undefined
  readonly #cancel: () => void

  constructor(
    connection: Connection,
    line: Line,
    database: Database,
    signal: AbortSignal | undefined,
    cancel: () => void,
  ) {
    this.#connection = connection
    this.#line = line
    this.#database = database
    this.#signal = signal
    this.#cancel = cancel
  }

  /**
   * The connector encodes statements in the character set of the session as the server reports it: it is told "latin1", one byte a character, and
   * then nothing more, so that a dump may set what it likes.
   */
  async begin(): Promise<void> {
    await this.send('SET NAMES latin1')
    await this.send("SET SESSION session_track_system_variables = ''")
    await this.send('SET NAMES utf8mb4')
    const [row] = await this.rows("SELECT VERSION(), HEX('é'), @@max_allowed_packet")
    const [text = '', probe = '', packet = ''] = row ?? []
    // One byte of a packet says that it is a statement.
    this.longest = (Number(packet) || largestPacket) - 1
    if (probe !== 'C3A9') throw new Failure('tool-failed', { tool: 'mariadb', status: '', stderr: `HEX: ${probe}` })
    this.versionText = text
    this.version = versionOf(text)
    await this.send(
      `SET SESSION lock_wait_timeout = ${lockPatience}, sql_mode = 'NO_AUTO_VALUE_ON_ZERO', wait_timeout = 28800`,
    )
  }

  async rows(sql: string): Promise<string[][]> {
    const rows: unknown[][] = await this.#query(Buffer.from(sql).toString('latin1'))
    return rows.map((row) => row.map((value) => (value === null ? '' : fromBytes(value))))
  }

  async send(statement: string | Uint8Array): Promise<void> {
    if (typeof statement !== 'string') this.#line.put(statement)
    await this.#query(typeof statement === 'string' ? statement : placeholder)
  }

  async #query<T>(bytes: string): Promise<T> {
    if (this.#signal?.aborted) throw new Failure('cancelled', {}, { cause: this.#signal.reason })
    try {
      return await this.#connection.query<T>(bytes)
    } catch (error) {
      if (this.#signal?.aborted) throw new Failure('cancelled', {}, { cause: this.#signal.reason })
      throw explained(error, this.#database)
    }
  }

  async close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#cancel)
    if (!this.#connection.isValid()) return
    // A server that has gone away has nothing left to close.
    await this.#connection.end().catch(() => undefined)
  }
}

function fromBytes(value: unknown): string {
  return typeof value === 'string' ? Buffer.from(value, 'latin1').toString('utf8') : String(value)
}

/** The connector's own numbers are above; those of the server are below. */
const firstOwnNumber = 45_000
/** ER_MAX_ALLOWED_PACKET of the connector, whose connection lives on; ER_NET_PACKET_TOO_LARGE of a server, which does not. */
const tooLarge = new Set([45_046, 1153])

/** The connector's own class, known by its name: it may not be loaded. */
function isSqlError(error: Error): error is SqlError {
  return error.name === 'SqlError'
}

/** `raw`: words of the server still hold one byte a character. */
function explained(error: unknown, database: Database, raw = true): unknown {
  if (!(error instanceof Error) || error instanceof Failure) return error
  const { errno, fatal, said } = isSqlError(error)
    ? { errno: error.errno, fatal: error.fatal, said: error.sqlMessage ?? error.message }
    : { errno: -1, fatal: true, said: error.message }
  const reason = raw ? fromBytes(said) : said
  const details = { ...detailsOf(database), reason }
  if (denied.has(errno)) return new Failure('database-denied', details, { cause: error })
  const lost = fatal || errno >= firstOwnNumber || errno <= 0 || unreachable.has(errno)
  if (!lost || tooLarge.has(errno)) return new StatementError(errno, reason, { cause: error })
  return new Failure('database-unreachable', details, { retryable: true, cause: error })
}

// What the options of a command line say about a database server: a LabBook server, or databases of any MySQL or MariaDB server.
// Guarantees: a description that is incomplete or says two things at once is a usage error that names the option. Never a password.
import { userInfo } from 'node:os'
import { z } from 'zod'
import { Failure } from '../../api/failure.ts'
import { Database, PlanSource } from '../../api/plan.ts'
import { visible } from '../../api/text/visible.ts'
import { absolute } from '../names.ts'
import { UsageError } from '../usage.ts'

export interface LoginOptions {
  dbUser?: string
  dbHost?: string
  dbPort?: string
  dbSocket?: string
}

/** A LabBook server: the same words for backups and restores. */
export interface ServerOptions extends LoginOptions {
  labbook?: string
  database?: string
}

export interface DatabaseOptions extends ServerOptions {
  databases?: string[]
  allDatabases?: boolean
}

const serverOptions = {
  '--db-user': 'dbUser',
  '--db-host': 'dbHost',
  '--db-port': 'dbPort',
  '--db-socket': 'dbSocket',
} as const

const command = 'arche backup'

/** The source that the options describe; undefined when they describe none. */
export function databaseSourceOf(options: DatabaseOptions): PlanSource | undefined {
  const { labbook, databases, allDatabases } = options
  if (databases && allDatabases) throw new UsageError('conflict', { name: '--all-databases' })
  if (labbook !== undefined) {
    if (databases ?? allDatabases) throw new UsageError('conflict', { name: '--labbook' })
    return labbookOf(labbook, options)
  }
  if (options.database !== undefined) throw new UsageError('missing-option', { name: '--labbook', command })
  if (databases ?? allDatabases)
    return parsed({ kind: 'mysql', server: serverOf(options), databases: databases ? [...new Set(databases)] : 'all' })
  const alone = Object.values(serverOptions).some((name) => options[name] !== undefined)
  if (alone) throw new UsageError('missing-option', { name: '--labbook', command })
  return undefined
}

function labbookOf(storage: string, options: DatabaseOptions): PlanSource {
  const { database } = options
  if (database === undefined) throw new UsageError('missing-option', { name: '--database', command })
  return parsed({ kind: 'labbook', storage: absolute(storage), database: { name: database, ...serverOf(options) } })
}

/** The database that the options name; undefined when they name none. `command`: for the sentence that says what is missing. */
export function databaseNamed(options: ServerOptions, command: string): Database | undefined {
  if (options.database === undefined) {
    const alone = Object.values(serverOptions).some((name) => options[name] !== undefined)
    const name = options.labbook === undefined ? '--labbook' : '--database'
    if (alone) throw new UsageError('missing-option', { name, command })
    return undefined
  }
  const database = Database.safeParse({ name: options.database, ...serverOf(options) })
  if (!database.success) throw new Failure('bad-input', { reason: z.prettifyError(database.error) })
  return database.data
}

function serverOf({ dbUser, dbHost, dbPort, dbSocket }: LoginOptions): Record<string, unknown> {
  if (dbSocket !== undefined && (dbHost ?? dbPort) !== undefined)
    throw new UsageError('conflict', { name: '--db-socket' })
  if (dbPort !== undefined && !/^\d{1,5}$/.test(dbPort))
    throw new UsageError('not-number', { name: '--db-port', value: visible(dbPort) })
  return {
    user: dbUser ?? userInfo().username,
    ...(dbHost === undefined ? {} : { host: dbHost }),
    ...(dbPort === undefined ? {} : { port: Number(dbPort) }),
    ...(dbSocket === undefined ? {} : { socket: absolute(dbSocket) }),
  }
}

function parsed(described: unknown): PlanSource {
  const source = PlanSource.safeParse(described)
  if (!source.success) throw new Failure('bad-input', { reason: z.prettifyError(source.error) })
  return source.data
}

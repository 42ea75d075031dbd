// The options with which a line names a database server: the same words for backups and restores, LabBook or not.
// Guarantees: a server is described completely or not at all; what is missing is named.
import { z } from 'zod'
import { Database } from '../../api/database.ts'
import { Failure } from '../../api/failure.ts'
import { visible } from '../../api/text/visible.ts'
import { userName } from '../../lib/person.ts'
import { absolute } from '../names.ts'
import { UsageError } from '../usage.ts'

export interface ServerOptions {
  labbook?: string
  database?: string
  dbUser?: string
  dbHost?: string
  dbPort?: string
  dbSocket?: string
}

const others = ['dbUser', 'dbHost', 'dbPort', 'dbSocket'] as const

/** The database that the options describe; undefined when they name none. */
export function databaseNamed(options: ServerOptions, command: string): Database | undefined {
  if (options.database === undefined) {
    if (others.some((name) => options[name] !== undefined))
      throw new UsageError('missing-option', {
        name: options.labbook === undefined ? '--labbook' : '--database',
        command,
      })
    return undefined
  }
  const parsed = Database.safeParse({ name: options.database, ...loginNamed(options, command) })
  if (!parsed.success) throw new Failure('bad-input', { reason: z.prettifyError(parsed.error) })
  return parsed.data
}

/** User and address as typed; what says two things at once, or no number, is a usage error. */
export function loginNamed(
  { dbUser, dbHost, dbPort, dbSocket }: ServerOptions,
  command: string,
): Record<string, string | number> {
  const networked = dbPort !== undefined || (dbHost !== undefined && dbHost !== 'localhost')
  if (dbSocket !== undefined && networked) throw new UsageError('conflict', { name: '--db-socket' })
  if (dbPort !== undefined && !/^\d{1,5}$/.test(dbPort))
    throw new UsageError('not-number', { name: '--db-port', value: visible(dbPort) })
  const user = dbUser ?? userName()
  if (user === undefined) throw new UsageError('missing-option', { name: '--db-user', command })
  return {
    user,
    ...(dbHost === undefined ? {} : { host: dbHost }),
    ...(dbPort === undefined ? {} : { port: Number(dbPort) }),
    ...(dbSocket === undefined ? {} : { socket: absolute(dbSocket) }),
  }
}

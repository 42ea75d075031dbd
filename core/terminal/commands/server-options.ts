// The options with which a line names a LabBook server: the same words for backups and restores.
// Guarantees: a server is described completely or not at all; what is missing is named.
import { userInfo } from 'node:os'
import { z } from 'zod'
import { Failure } from '../../api/failure.ts'
import { Database } from '../../api/model.ts'
import { visible } from '../../api/text/visible.ts'
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
  if (options.dbSocket !== undefined && (options.dbHost ?? options.dbPort) !== undefined)
    throw new UsageError('conflict', { name: '--db-socket' })
  if (options.dbPort !== undefined && !/^\d{1,5}$/.test(options.dbPort))
    throw new UsageError('not-number', { name: '--db-port', value: visible(options.dbPort) })
  const parsed = Database.safeParse({
    name: options.database,
    user: options.dbUser ?? userInfo().username,
    ...(options.dbHost === undefined ? {} : { host: options.dbHost }),
    ...(options.dbPort === undefined ? {} : { port: Number(options.dbPort) }),
    ...(options.dbSocket === undefined ? {} : { socket: absolute(options.dbSocket) }),
  })
  if (!parsed.success) throw new Failure('bad-input', { reason: z.prettifyError(parsed.error) })
  return parsed.data
}

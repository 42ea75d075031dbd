// What the options of `arche backup` say about databases: a LabBook server, or databases of any MySQL or MariaDB server.
// Guarantees: a description that is incomplete or says two things at once is a usage error that names the option. Never a password.
import { z } from 'zod'
import { Failure } from '../../api/failure.ts'
import { PlanSource } from '../../api/plan.ts'
import { absolute } from '../names.ts'
import { UsageError } from '../usage.ts'
import { databaseNamed, loginNamed, type ServerOptions } from './server-options.ts'

export interface DatabaseOptions extends ServerOptions {
  databases?: string[]
  allDatabases?: boolean
}

/** The source that the options describe; undefined when they describe none. */
export function databaseSourceOf(options: DatabaseOptions): PlanSource | undefined {
  const { databases, allDatabases } = options
  if (databases && allDatabases) throw new UsageError('conflict', { name: '--all-databases' })
  if (!(databases ?? allDatabases)) return labbookOf(options)
  if (options.labbook !== undefined) throw new UsageError('conflict', { name: '--labbook' })
  if (options.database !== undefined) throw new UsageError('conflict', { name: '--database' })
  const named = databases ? [...new Set(databases)] : 'all'
  const source = PlanSource.safeParse({ kind: 'mysql', server: loginNamed(options, 'arche backup'), databases: named })
  if (!source.success) throw new Failure('bad-input', { reason: z.prettifyError(source.error) })
  return source.data
}

function labbookOf(options: ServerOptions): PlanSource | undefined {
  const command = 'arche backup'
  const database = databaseNamed(options, command)
  if (options.labbook === undefined && database === undefined) return undefined
  if (options.labbook === undefined) throw new UsageError('missing-option', { name: '--labbook', command })
  if (database === undefined) throw new UsageError('missing-option', { name: '--database', command })
  return { kind: 'labbook', storage: absolute(options.labbook), database }
}

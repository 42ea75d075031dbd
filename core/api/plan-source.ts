// What every kind of plan has in common, for those that do not care which kind it is. Pure.
// Guarantees: a new kind that is forgotten here does not compile.
import type { Database, DatabaseServer } from './database.ts'
import type { Plan, PlanSource } from './plan.ts'

/** Absolute paths that a plan reads, for people and for comparing. */
export function pathsOf(source: PlanSource): readonly string[] {
  switch (source.kind) {
    case 'folders':
      return source.paths
    case 'labbook':
      return [source.storage]
    case 'mysql':
      return []
    default:
      return assertNever(source)
  }
}

/** The one database that a plan reads beside its folders. */
export function databaseOf(source: PlanSource): Database | undefined {
  return source.kind === 'labbook' ? source.database : undefined
}

/** With which login a plan reads a database server; `name` where it is for one database only. */
export type Login = DatabaseServer & { readonly name?: string }

export function loginOf(source: PlanSource): Login | undefined {
  switch (source.kind) {
    case 'folders':
      return undefined
    case 'labbook':
      return source.database
    case 'mysql':
      return source.server
    default:
      return assertNever(source)
  }
}

/** What the names of a plan's backups carry: LabBook's are named after the database. */
export function nameInArchive({ name, source }: Pick<Plan, 'name' | 'source'>): string {
  return databaseOf(source)?.name ?? name
}

/** The server as people name it. */
export function serverOf({ host, port, socket }: DatabaseServer): string {
  if (socket !== undefined) return socket
  const name = host ?? 'localhost'
  return port === undefined ? name : `${name}:${port}`
}

/** The host to be reached over the network; undefined: the server of this computer, over its socket (as MySQL's programs understand `localhost`). */
export function hostOf({ host, port }: DatabaseServer): string | undefined {
  if (port === undefined) return host === 'localhost' ? undefined : host
  return host ?? '127.0.0.1'
}

/** True when both mean the same login at the same server. */
export function sameDatabase(one: Login | undefined, other: Login | undefined): boolean {
  const parts = ['name', 'user', 'port', 'socket'] as const
  return parts.every((part) => one?.[part] === other?.[part]) && (one && hostOf(one)) === (other && hostOf(other))
}

/** For the end of a switch over the kinds. */
export function assertNever(source: never): never {
  throw new Error(`no such source: ${JSON.stringify(source)}`)
}

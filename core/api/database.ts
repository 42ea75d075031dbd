// How a database is reached. On its own, because the thread of a run reads it again from what a restore wrote down.
// Guarantees: never a password.
import { z } from 'zod'

/** An absolute path of any system that Arche runs on. */
export const AbsolutePath = z
  .string()
  .max(4096)
  .regex(/^(?:\/|[A-Za-z]:[\\/]|\\\\)[^\0]*$/)

/** One line without control characters, kept exactly as typed. */
export const Line = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(/^[^\p{Cc}]+$/u)

export const DatabaseName = Line(64)

/**
 * How to reach a MySQL or MariaDB server, and as whom. Neither host nor socket: the server of this computer, as the programs of MySQL find it by
 * themselves; they mean the same by the host `localhost` without a port. Never a password.
 */
const server = {
  user: Line(128),
  host: Line(255).optional(),
  port: z.number().int().min(1).max(65_535).optional(),
  /** A Unix socket instead of host and port. */
  socket: AbsolutePath.optional(),
}
const oneAddress = ({ host, port, socket }: { host?: unknown; port?: unknown; socket?: unknown }) =>
  socket === undefined || ((host === undefined || host === 'localhost') && port === undefined)
const twoAddresses = { message: 'host or socket' }

export const DatabaseServer = z.object(server).refine(oneAddress, twoAddresses)
export type DatabaseServer = z.infer<typeof DatabaseServer>

/** Which database of which server. */
export const Database = z.object({ name: DatabaseName, ...server }).refine(oneAddress, twoAddresses)
export type Database = z.infer<typeof Database>

/** With which login a plan reads a database server; `name` where it is for one database only. */
export type Login = DatabaseServer & { readonly name?: string }

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

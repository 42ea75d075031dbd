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

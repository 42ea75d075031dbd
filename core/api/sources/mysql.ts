// Databases of a MySQL or MariaDB server as what a plan saves: the schema, and what others may ask of it.
import { z } from 'zod'
import { DatabaseName, DatabaseServer } from '../database.ts'
import type { SourceFace } from './face.ts'

/** Those named, or all but the server's own. */
export const MysqlSource = z.object({
  kind: z.literal('mysql'),
  server: DatabaseServer,
  databases: z.union([z.literal('all'), z.array(DatabaseName).min(1).max(10_000)]),
})
export type MysqlSource = z.infer<typeof MysqlSource>

export const mysql: SourceFace<MysqlSource> = {
  paths: () => [],
  login: ({ server }) => server,
  databases: ({ databases }) => databases,
  server: () => undefined,
  leavesOut: false,
  forLabbook: false,
}

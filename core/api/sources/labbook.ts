// A LabBook server as what a plan saves: the schema, and what others may ask of it.
import { z } from 'zod'
import { AbsolutePath, Database } from '../database.ts'
import type { SourceFace } from './face.ts'

/** Its database, and the folder that holds its `report`, `upload` and `resource` (labbook-layout.ts). */
export const LabbookSource = z.object({ kind: z.literal('labbook'), storage: AbsolutePath, database: Database })
export type LabbookSource = z.infer<typeof LabbookSource>

export const labbook: SourceFace<LabbookSource> = {
  paths: ({ storage }) => [storage],
  login: ({ database }) => database,
  databases: () => undefined,
  server: ({ database, storage }) => ({ database, storage }),
  leavesOut: false,
  forLabbook: true,
}

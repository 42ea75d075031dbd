// Folders as what a plan saves: the schema, and what others may ask of it.
import { z } from 'zod'
import type { SourceFace } from './face.ts'

export const FoldersSource = z.object({
  kind: z.literal('folders'),
  /** Absolute paths of folders or single files. */
  paths: z.array(z.string().min(1)).min(1),
  /** Paths and patterns: see exclusion.ts. */
  exclude: z.array(z.string().min(1)).default([]),
  /** The syntax of `exclude`. Absent: of a plan that is older than it, in which only `*` and `?` in names mean more than themselves. */
  excludeSyntax: z.literal(2).optional(),
})
type FoldersSource = z.infer<typeof FoldersSource>

const nothing = () => undefined

export const folders: SourceFace<FoldersSource> = {
  paths: ({ paths }) => paths,
  login: nothing,
  databases: nothing,
  server: nothing,
  leavesOut: true,
  forLabbook: false,
}

// The kinds of source there are. A further kind is one file beside this one and one row here.
import { patternsOf } from '../api/exclusion.ts'
import type { PlanSource } from '../api/plan.ts'
import { assertNever } from '../api/plan-source.ts'
import { foldersSource } from './folders.ts'
import { labbookSource } from './labbook.ts'
import { serverSource } from './mysql.ts'
import type { Means, Source } from './source.ts'

/** The source that a plan describes. */
export function openSource(source: PlanSource, means: Means): Source {
  switch (source.kind) {
    case 'folders':
      return foldersSource({ paths: source.paths, exclude: patternsOf(source), leaveOut: means.leaveOut })
    case 'labbook':
      return labbookSource(source, means)
    case 'mysql':
      return serverSource(source, means)
    default:
      return assertNever(source)
  }
}

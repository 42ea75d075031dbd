// The kinds of source there are. A further kind is one file beside this one and one row here.
import { patternsOf } from '../api/exclusion.ts'
import type { PlanSource } from '../api/plan.ts'
import type { SourceKind, SourceOf } from '../api/plan-source.ts'
import { foldersSource } from './folders.ts'
import { labbookSource } from './labbook.ts'
import { serverSource } from './mysql.ts'
import type { Means, Source } from './source.ts'

type Opening<S> = (source: S, means: Means) => Source

const kinds = {
  folders: (source, { leaveOut, pack }) =>
    foldersSource({ paths: source.paths, exclude: patternsOf(source), leaveOut, pack }),
  labbook: labbookSource,
  mysql: serverSource,
} satisfies { [Kind in SourceKind]: Opening<SourceOf<Kind>> }

/** The source that a plan describes. */
export function openSource(source: PlanSource, means: Means): Source {
  return (kinds[source.kind] as Opening<PlanSource>)(source, means)
}

// What a run has: everything that any part of its work may use.
import type { Pools } from '../archive/archive.ts'
import type { Context } from '../lib/work.ts'
import type { SourcePools } from '../sources/source.ts'

export type RunContext = Context<Pools & SourcePools> & {
  /** Since it began, a newer backup of its plan turned out to lack something: no rule removes anything any more. */
  readonly heldBack?: () => boolean
}

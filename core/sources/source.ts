// Where data comes from: the interface every source fulfils. One file beside this one knows everything of its kind: check and read. Which kinds there
// are: open.ts.
import type { Finding } from '../api/failure.ts'
import type { Member, Pack, Parent, Root } from '../archive/archive.ts'
import type { Pool } from '../lib/pool.ts'
import type { Context, Estimate } from '../lib/work.ts'
import type { Counted, CountTask } from './count.ts'

/** Threads that a source may use. Absent: trees are counted in the run's own. */
export interface SourcePools {
  readonly count: Pool<CountTask, Counted>
}

export type SourceContext = Context<SourcePools>

/** One named thing that a source yields: a tree of files. */
export interface Item {
  /** Stable from run to run. */
  readonly name: string
  readonly roots: readonly Root[]
  /** The folders above the roots. */
  readonly parents?: readonly Parent[]
  readonly estimate: Estimate
  /** Paths in the archive where another file system begins; each is there before its folder is pulled from `entries`. */
  readonly mounts?: { has(path: string): boolean }
  readonly entries: AsyncIterable<Member>
}

export interface Source {
  /** Touches all that a run needs and changes nothing: the "Test" button. */
  check(signal?: AbortSignal): Promise<Finding[]>
  /** Counts what a run would read; unreadable parts count as nothing. */
  estimate(ctx: SourceContext): Promise<Estimate>
  /** What is there now. An unreadable file is a warning in the report, never the end of the run. */
  items(ctx: SourceContext): AsyncIterable<Item>
}

/** What a source needs beside its description. */
export interface Means {
  /** Absolute paths that are never read (the medium itself, our own temporary files). */
  readonly leaveOut: readonly string[]
  /** A private folder (0700) for temporary files. */
  readonly temp: string
  /** For a source with a database. Absent: the server is asked without. */
  readonly databasePassword?: string | undefined
  /** How it will be packed: what estimates say of the archive depends on it. Absent: they say nothing of it. */
  readonly pack?: Pack | undefined
}

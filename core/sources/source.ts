// Where data comes from: the interface every source fulfils. One file beside this one knows everything of its kind: check, read, restore.
import type { Finding, Problem } from '../api/failure.ts'
import type { Operation } from '../api/model.ts'
import type { PlanSource } from '../api/plan.ts'
import { assertNever } from '../api/plan-source.ts'
import type { Member, Pools, Root } from '../archive/archive.ts'
import type { Pool } from '../lib/pool.ts'
import type { Counted, CountTask } from './count.ts'
import { foldersSource } from './folders.ts'
import { labbookSource } from './labbook.ts'
import { serverSource } from './mysql.ts'

/** What a run hands to everything it calls: a plain record, no globals. */
export interface Context {
  readonly signal: AbortSignal
  readonly report: Report
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** A private folder (0700) for temporary files, removed when the run ends. */
  readonly temp: string
  /** Threads for archives. Absent: all is done in the run's own. */
  readonly pools?: Pools & { readonly count: Pool<CountTask, Counted> }
  /** A line that another program said, for the log. */
  readonly say?: (text: string) => void
}

/** How work tells what it does. All calls are cheap; the run thins them out. */
export interface Report {
  /** A new operation begins ("archive", "verify"…); total in bytes where it is known. */
  operation(name: Operation, total?: number): void
  /** So many more bytes of the operation are done, in this file. */
  advance(bytes: number, path?: string): void
  /** Something was left out or is not as it was: the run will end `warning`. */
  warn(problem: Problem): void
}

export interface Estimate {
  readonly files: number
  readonly bytes: number
}

/** One named thing that a source yields: a tree of files. */
export interface Item {
  /** Stable from run to run. */
  readonly name: string
  readonly roots: readonly Root[]
  readonly estimate: Estimate
  readonly entries: AsyncIterable<Member>
}

export interface Source {
  /** Touches all that a run needs and changes nothing: the "Test" button. */
  check(signal?: AbortSignal): Promise<Finding[]>
  /** Counts what a run would read; unreadable parts count as nothing. */
  estimate(ctx: Context): Promise<Estimate>
  /** What is there now. An unreadable file is a warning in the report, never the end of the run. */
  items(ctx: Context): AsyncIterable<Item>
}

/** What a source needs beside its description. */
export interface Means {
  /** Absolute paths that are never read (the medium itself, our own temporary files). */
  readonly leaveOut: readonly string[]
  /** A private folder (0700) for temporary files. */
  readonly temp: string
  /** For a source with a database. Absent: the server is asked without. */
  readonly databasePassword?: string | undefined
}

/** The source that a plan describes. */
export function openSource(source: PlanSource, means: Means): Source {
  switch (source.kind) {
    case 'folders':
      return foldersSource({ paths: source.paths, exclude: [...source.exclude, ...means.leaveOut] })
    case 'labbook':
      return labbookSource(source, means)
    case 'mysql':
      return serverSource(source, means)
    default:
      return assertNever(source)
  }
}

// What a run hands to everything that it calls, from reading a source to placing a restored file: a plain record, no globals.
import type { Problem } from '../api/failure.ts'
import type { Operation } from '../api/model.ts'

/** `Pools`: the threads that this part of the work may use. */
export interface Context<Pools = unknown> {
  readonly signal: AbortSignal
  readonly report: Report
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** A private folder (0700) for temporary files, removed when the run ends. */
  readonly temp: string
  /** Absent: all is done in the run's own thread. */
  readonly pools?: Pools
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
  /** Something that people may look for in the log, and that is as it should be. Absent: there is no log. */
  note?(problem: Problem): void
}

/** What is expected of an archive may be a quarter too high (sources/expected.ts), and has a tenth to spare; in less than this share of it, trying makes no sense. */
export const hopelessShare = 0.7

export interface Estimate {
  readonly files: number
  readonly bytes: number
  /** Bytes that they take on their disk, where these are fewer: holes of sparse files are not there. Absent: not known. */
  readonly disk?: number
  /** Bytes that its archive will have, about, by what it is made of. Absent: nobody said how it will be packed. */
  readonly stored?: number
}

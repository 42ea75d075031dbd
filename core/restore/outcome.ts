// What a restore gives back, whatever it restores: plain values for the record of a run.
import type { Finding, Problem } from '../api/failure.ts'
import type { Run } from '../api/model.ts'

/** What would be done, before it is done. Plain data that survives a thread border. */
export interface Planned {
  /** Also that of its journal, and of the run in the history (`restoreId`). */
  readonly id: string
  /** Archive paths that were chosen; empty = everything. */
  readonly only: readonly string[]
  readonly findings: readonly Finding[]
  /** Free bytes where it goes (of several, the fullest). */
  readonly free?: number
}

export interface Restored {
  readonly files: number
  readonly bytes: number
  /** Folders that keep what was replaced, and what an undo needs. */
  readonly safety: { readonly folders: readonly string[]; readonly journals: readonly string[] }
  readonly database?: NonNullable<Run['safety']>['database']
}

/** `files`: things put back where they were. `safety.folders` and `keptDatabase` keep what was changed or added since. */
export type Undone = Pick<Restored, 'files' | 'bytes' | 'safety'> & { readonly keptDatabase?: string }

/** What became of a restore, or of an undo, that was left half way. */
export interface Recovered {
  readonly id: string
  readonly journal: string
  /**
   * `rolled-back`: all is as before it; `kept-new`: it had put everything in place already; `undone`: so was its undo; `waiting`: a disk or a server
   * is away, or did not let us: it is tried again at the next start.
   */
  readonly outcome: 'rolled-back' | 'kept-new' | 'undone' | 'waiting'
  /** Folders, and a database, with what was taken out because somebody may have worked with it. */
  readonly kept: readonly string[]
  readonly keptDatabase?: string
  /** Why it waits. */
  readonly problem?: Problem
  /** Of one that was kept. */
  readonly restored?: Pick<Restored, 'safety' | 'database'>
}

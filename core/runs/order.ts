// What the engine tells a worker to do, and what the worker answers: plain values that survive a thread border.
// An order holds everything its work needs (paths, keys, passwords): the worker reads no configuration and no keychain.
import type { Problem } from '../api/failure.ts'
import type { ArchiveFormat, Checked, Operation, Run } from '../api/model.ts'
import type { Method, Plan, PlanSource } from '../api/plan.ts'
import type { Parent, Root, Unlock } from '../archive/archive.ts'
import type { Feeding } from '../catalogue/feed.ts'
import type { MergeOrder } from '../catalogue/merge.ts'
import type { GuardOrder } from '../guard/guard.ts'
import type { Chosen, Pruning } from '../keep/prune.ts'
import type { Estimate } from '../lib/work.ts'
import type { Restored, Undone } from '../restore/outcome.ts'
import type { Discarded, RestorePlan } from '../restore/restore.ts'
import type { ServerPlan } from '../restore/server/plan.ts'
import type { KeyFile, Saved, TargetAt } from '../targets/target.ts'

export interface EstimateOrder {
  readonly kind: 'estimate'
  readonly source: PlanSource
  /** Absolute paths that are never part of a backup (the medium, our own temporary files). */
  readonly leaveOut: readonly string[]
  readonly databasePassword?: string | undefined
  /** How it would be packed. Absent: nothing is said of the archive. */
  readonly pack?: Method | undefined
}

export interface BackupOrder {
  readonly kind: 'backup'
  readonly plan: Plan
  readonly at: TargetAt
  readonly recipients: readonly string[]
  readonly keyFiles: readonly KeyFile[]
  readonly leaveOut: readonly string[]
  readonly host: string
  readonly databasePassword?: string | undefined
  /** Compares the backup with the plan's earlier ones. */
  readonly guard: GuardOrder
  /** The rules of a plan that has some: applied once the new backup has been read back. */
  readonly pruning?: Omit<Pruning, 'agreed'>
  /** What to expect of the archive for each byte of its estimate, with something to spare. Absent: as the estimate says. */
  readonly expecting?: number
  /** Where its names go, for the search. */
  readonly feeding?: Feeding
}

export interface CopyOrder {
  readonly kind: 'copy'
  readonly from: TargetAt
  readonly at: TargetAt
  readonly artifact: string
  /** As history knows it; absent: only what is noted beside it. */
  readonly sha256?: string
  /** In ms since 1970; absent: as noted beside it, or as its name says. */
  readonly made?: number
  readonly keyFiles: readonly KeyFile[]
  /** The rules of the destination, applied once the copy was read back. */
  readonly pruning?: Omit<Pruning, 'agreed'>
}

export interface PruneOrder {
  readonly kind: 'prune'
  readonly at: TargetAt
  readonly pruning: Pruning | Chosen
}

/** Removes what restores replaced and kept aside. */
export interface TidyOrder {
  readonly kind: 'tidy'
  readonly journals: readonly string[]
}

export interface InspectOrder {
  readonly kind: 'inspect'
  readonly at: TargetAt
  readonly artifact: string
  /** Absent: only backups of LabBook 2.5 and those that are not encrypted open without. */
  readonly unlock?: Unlock
  /** A folder to make (restore/listing.ts), for all that is in it. Absent: only what the archive says of itself at its start. */
  readonly listing?: string
  /** False: its contents index is not believed. */
  readonly index?: boolean
  /** Where its names go, where all of them are read. */
  readonly feeding?: Feeding
}

/** Reads the contents indexes of backups, for the search. */
export interface LearnOrder {
  readonly kind: 'learn'
  readonly at: TargetAt
  readonly artifacts: readonly string[]
  readonly unlock?: Unlock
  readonly feeding: Feeding
}

/** Joins tables of the catalogue. */
export interface CatalogueOrder {
  readonly kind: 'catalogue'
  readonly merge: MergeOrder
}

export interface RestoreOrder {
  readonly kind: 'restore'
  readonly at: TargetAt
  readonly artifact: string
  /** Absent: only backups of LabBook 2.5 and those that are not encrypted open without. */
  readonly unlock?: Unlock
  readonly to: RestoreTo
  /** False: the documents beside a backup of LabBook 2.9 are left out, because they are damaged. */
  readonly documents?: boolean
  /** Folder of the data folder where the restore keeps note of what it moves. */
  readonly journals: string
}

/** By kind of restorer (restore/restorer.ts). */
export type RestoreTo = { readonly kind: 'folders'; readonly plan: RestorePlan } | ServerOrder

export interface ServerOrder {
  readonly kind: 'server'
  readonly plan: ServerPlan
  readonly password?: string | undefined
  /** Absent: nothing stands there that could be lost. */
  readonly safety?: SafetyShelf
}

/** Where and for whom the copy of what will be replaced is made. */
export interface SafetyShelf {
  readonly path: string
  /** To be read, about. */
  readonly bytes: number
  readonly host: string
  readonly recipients: readonly string[]
  readonly keyFiles: readonly KeyFile[]
}

export interface VerifyOrder {
  readonly kind: 'verify'
  readonly at: TargetAt
  readonly artifacts: readonly string[]
  /** Absent: of an encrypted backup only the stored bytes are compared with their checksum. */
  readonly unlock?: Unlock
  /** What was left aside when the keys on the medium were read. */
  readonly odd?: readonly Problem[]
  /** Where the names of these go, where they are read to their end. */
  readonly unknown?: { readonly feeding: Feeding; readonly artifacts: readonly string[] }
}

export interface UndoOrder {
  readonly kind: 'undo'
  readonly journals: readonly string[]
  readonly databasePassword?: string | undefined
}

export interface RestartOrder {
  readonly kind: 'restart'
  /** For the system's shell. */
  readonly command: string
  /** Time limit in minutes; the command is stopped then. */
  readonly minutes: number
}

export type Order =
  | EstimateOrder
  | BackupOrder
  | CopyOrder
  | InspectOrder
  | RestoreOrder
  | VerifyOrder
  | UndoOrder
  | RestartOrder
  | PruneOrder
  | TidyOrder
  | LearnOrder
  | CatalogueOrder

export interface Copied {
  readonly artifact: string
  readonly sha256: string
  readonly stored: number
  /** When the backup was made: ISO 8601, UTC. */
  readonly madeAt: string
}

export interface Pruned {
  /** Names of the backups that are gone, and the bytes that they took. */
  readonly removed: readonly string[]
  readonly freed: number
}

export interface Inspected {
  readonly format: ArchiveFormat
  readonly plan?: string
  readonly host?: string
  readonly createdAt?: string
  readonly roots: readonly Root[]
  readonly parents?: readonly Parent[]
  /** LabBook 2.9: the state of its documents, damage only after a full pass. */
  readonly documents?: 'there' | 'missing' | 'damaged'
  /** Absent where the archive does not say it and was not read to its end. */
  readonly files?: number
  readonly bytes?: number
  /** The size of a server's dump, where Arche has put it first. */
  readonly dump?: number
  /** All that is in it was put down: from its contents index, or from the archive itself, which was checked to its last byte. */
  readonly listed?: 'index' | 'archive'
}

export interface Verified {
  readonly files: number
  readonly bytes: number
  /** Names found good. */
  readonly good: readonly string[]
}

export interface Learned {
  /** Names of the backups whose names of files were taken, and of those that have no contents index that can be believed. */
  readonly learned: readonly string[]
  readonly without: readonly string[]
}

/** `copy`: of what stood on a server, made before it was replaced. */
export type RestoredWithCopy = Restored & Pick<NonNullable<Run['safety']>, 'copy'>

/** What each kind of order gives back. */
export interface Results {
  estimate: Estimate
  backup: Saved & Partial<Pruned>
  copy: Copied & Partial<Pruned>
  inspect: Inspected
  restore: RestoredWithCopy
  verify: Verified
  undo: Undone
  /** Lines that the command said. */
  restart: { readonly lines: number }
  prune: Pruned
  tidy: Discarded
  learn: Learned
  catalogue: unknown
}

/** From the worker: reports thinned out to a few a second, then one `done` or `failed`. */
export type Message =
  | { readonly type: 'operation'; readonly name: Operation; readonly total?: number; readonly time: number }
  | { readonly type: 'advance'; readonly bytes: number; readonly path?: string }
  | { readonly type: 'warn'; readonly problem: Problem }
  | { readonly type: 'say'; readonly text: string }
  /** The backup exists and is good, or these have been removed, whatever the rest of the run brings. */
  | { readonly type: 'saved'; readonly result: Saved | Copied | Pruned }
  /** For the record, whatever the rest of the run brings. */
  | { readonly type: 'found'; readonly found: Pick<Run, 'expected' | 'needed' | 'removed'> }
  /**
   * Of what may have to be written twice. What is warned of in a pass counts once it `stands`, or with the end of the run; where it has `failed` and is done
   * `again`, it never did.
   */
  | { readonly type: 'pass'; readonly state: 'begun' | 'failed' | 'again' | 'stands' }
  /** What a verification found of one backup, however it goes on. */
  | { readonly type: 'checked'; readonly checked: Checked }
  /** For the log: something was done that a person may look for later. */
  | { readonly type: 'note'; readonly problem: Problem }
  | { readonly type: 'done'; readonly result: Results[keyof Results] }
  | { readonly type: 'failed'; readonly problem: Problem; readonly stack?: string }

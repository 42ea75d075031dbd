// What keeping an item on a store gives back, whatever the kind of target.
import type { Problem } from '../api/failure.ts'

export interface Saved {
  readonly artifact: string
  readonly sha256: string
  /** ISO 8601, UTC; the same as in the archive's head. */
  readonly madeAt: string
  readonly files: number
  readonly bytes: number
  readonly stored: number
  /** What it lacks of what the plan's earlier backups had. */
  readonly losses?: readonly Problem[]
}

// What restores were previewed: kept for half an hour, so that a restore does exactly what was shown (methods/restore.ts), and so that it is known
// beforehand whether it replaces anything (methods/guard.ts).
import type { Finding, Problem } from '../api/failure.ts'
import type { Medium } from '../api/model.ts'
import type { Unlock } from '../archive/archive.ts'
import type { Inspected, RestoreOrder } from '../runs/order.ts'
import type { TargetAt } from '../targets/target.ts'

/** A backup that was looked into. */
export interface Opened {
  readonly medium: Medium
  readonly at: TargetAt
  readonly artifact: string
  /** Absent: it opens without (LabBook 2.5, or not encrypted). */
  readonly unlock?: Unlock
  /** What lies beside the backup and was left aside. */
  readonly odd: readonly Problem[]
  inspected: Inspected
  /** Where all that is in it was put down (restore/listing.ts). */
  listing?: string
}

export interface Previewed {
  readonly opened: Opened
  readonly to: RestoreOrder['to']
  readonly findings: readonly Finding[]
  /** Whose data are replaced. */
  readonly planId?: string
}

/** Something that is there now gives way: files of the same names, or what a server has. */
export function replacesData({ to }: Previewed): boolean {
  if (to.kind === 'server') return true
  const { existing, counted } = to.plan
  return existing === 'replace' && (counted?.conflicts.count ?? 0) > 0
}

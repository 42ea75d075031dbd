// The kinds of restores, one row each: files and folders, and a server (its database with its documents) as one.
// Guarantees of every row: `plan` changes nothing; `run` leaves all new or all old, at once or by `recover` at the next start; what it replaced is kept
// until `undo` brings it back or a later restore or a person gives it up. A journal belongs to one row, and is known by its name.
import type { Entry } from '../archive/archive.ts'
import type { Context } from '../lib/work.ts'
import { isTreeJournal } from './journal.ts'
import type { Planned, Recovered, Restored, Undone } from './outcome.ts'
import { planRestore, type RestorePlan, type RestoreRequest } from './plan.ts'
import { recoverRestores, restoreTree, undoRestore } from './restore.ts'
import type { LoginContext, ServerContext } from './server/context.ts'
import { isServerJournal } from './server/journal.ts'
import { planServer, type ServerPlan, type ServerRequest } from './server/plan.ts'
import { recoverServers, restoreServer, undoServers } from './server/server.ts'
import type { StageContext } from './stage.ts'

/** What `saveFirst` throws ends the restore. */
export type RestorerContext = StageContext & ServerContext

export interface Restorer<Request, Plan extends Planned> {
  plan(request: Request, ctx: Pick<Context, 'signal'>): Promise<Plan>
  /**
   * `entries` must throw when the archive is not whole. Failures: a finding of the plan that forbids it, `changed` since it was planned, what `entries`
   * and `saveFirst` throw, `cancelled` (in all these cases nothing was touched); `restore-rolled-back`; `restore-unfinished` and `restore-waiting`
   * (`recover` goes on).
   */
  run(plan: Plan, entries: AsyncIterable<Entry>, ctx: RestorerContext): Promise<Restored>
  wrote(journal: string): boolean
  /** The state before the restores of these journals. Failure `changed`: what was kept for it is gone, or a disk is away; nothing is touched then. */
  undo(journals: readonly string[], ctx: LoginContext): Promise<Undone>
  /** Brings every restore and undo that was left half way to its end. Never throws for one journal what concerns only that one. */
  recover(journals: string, ctx: LoginContext): Promise<Recovered[]>
}

export const restorers = {
  folders: {
    plan: planRestore,
    run: restoreTree,
    wrote: isTreeJournal,
    undo: undoRestore,
    recover: recoverRestores,
  } satisfies Restorer<RestoreRequest, RestorePlan>,
  server: {
    plan: planServer,
    run: restoreServer,
    wrote: isServerJournal,
    undo: undoServers,
    recover: recoverServers,
  } satisfies Restorer<ServerRequest, ServerPlan>,
}

export type RestoreKind = keyof typeof restorers

/** Takes back what the restorer of these journals did. */
export function undo(journals: readonly string[], ctx: LoginContext): Promise<Undone> {
  const rows = Object.values(restorers)
  ctx.report.operation('roll-back')
  const row = rows.find(({ wrote }) => journals.some(wrote)) ?? restorers.folders
  return row.undo(journals, ctx)
}

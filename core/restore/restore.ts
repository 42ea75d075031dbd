// Writing a tree back, safely: the face of this folder. planRestore looks, restoreTree does, recoverRestores and undoRestore take back.
// Guarantees: nothing at the destination is touched before the archive has been read to its end; nothing is overwritten, only moved aside;
// after a failure, a cancel or a kill everything is as it was before (at once, or with recoverRestores at the next start).
// In the order of a restore: plan.ts, stage.ts (archive → private folders), place.ts (→ destination), and back: reverse.ts, by journal.ts.
import { existsSync } from 'node:fs'
import { blocking, Failure, toProblem } from '../api/failure.ts'
import type { Entry } from '../archive/archive.ts'
import { causeOf } from './cause.ts'
import { type Discarded, discardSafety } from './discard.ts'
import type { HeldTree } from './held.ts'
import { freeReserve, idOf, type Journal, JournalWriter, journalsIn, marksPath, readJournal } from './journal.ts'
import type { Recovered, Restored, Undone } from './outcome.ts'
import { Placer } from './place.ts'
import { Selection } from './places.ts'
import { type Existing, planRestore, type RestorePlan, type RestoreRequest } from './plan.ts'
import { isReachable } from './reach.ts'
import { checkSafety, type ReverseContext, reverse } from './reverse.ts'
import { Stage, type StageContext } from './stage.ts'
import { Zones } from './zones.ts'

export type { Discarded, Existing, RestorePlan, RestoreRequest, StageContext }
export { discardSafety, journalsIn, planRestore, Selection }

/** `journals`: a folder of Arche's own data, on a disk that stays. Made when it is missing. */
export type RestoreContext = StageContext & { readonly journals: string }

/** `files`: files, symlinks and hard links of the archive that were restored or, where they exist, skipped. */
export interface RestoreOutcome extends Omit<Restored, 'database'> {
  readonly replaced: number
  readonly skipped: number
  readonly renamed: number
}

/**
 * `entries` must throw when the archive is not whole: its normal end is taken as proof that it is. Failures: a finding of the plan that
 * forbids it, `changed`, `nothing-selected`, `no-space`, `target-unwritable`, `cancelled`, what `entries` throws (in all these cases nothing
 * was touched), `restore-rolled-back` (it had begun to put in place and everything is as before), `restore-unfinished` (not yet).
 */
export async function restoreTree(
  plan: RestorePlan,
  entries: AsyncIterable<Entry>,
  ctx: RestoreContext,
): Promise<RestoreOutcome> {
  const forbidden = blocking(plan.findings)
  if (forbidden) throw forbidden
  const journal = JournalWriter.create(ctx.journals, plan.id, ctx.now())
  const zones = new Zones(plan, journal, ctx.now())
  let stage: Stage | undefined
  let touched = false
  try {
    stage = new Stage(plan, zones, marksPath(journal.path), ctx)
    await prepare(stage, plan, zones, entries, ctx)
    journal.write([{ is: 'phase', phase: 'place' }])
    touched = true
    ctx.report.operation('place')
    const placer = new Placer(plan, zones, journal, ctx)
    await placer.place()
    for (const [index, { staging }] of zones.all.entries()) zones.trees[index]?.removeTree(staging)
    await placer.finishFolders(stage)
    for (const tree of new Set(zones.trees)) await tree.sync(tree.path, 'names')
    journal.write([{ is: 'phase', phase: 'done' }])
    freeReserve(journal.path)
    for (const problem of stage.metadata.warnings()) ctx.report.warn(zones.namedProblem(problem))
    for (const problem of stage.metadata.notes()) ctx.report.note?.(zones.namedProblem(problem))
    const { replaced, skipped, renamed, safety } = placer.result
    const kept = { folders: [...safety], journals: [journal.path] }
    return { files: stage.files, bytes: stage.bytes, replaced, skipped, renamed, safety: kept }
  } catch (error) {
    throw await takenBack(zones.named(error), journal.path, { touched, trees: zones.trees }, ctx)
  } finally {
    stage?.close()
    journal.close()
    zones.close()
  }
}

/** All that can fail without anybody noticing: read the archive to its end, into the staging folders, onto the disk. */
async function prepare(
  stage: Stage,
  plan: RestorePlan,
  zones: Zones,
  entries: AsyncIterable<Entry>,
  ctx: RestoreContext,
): Promise<void> {
  ctx.report.operation('extract', plan.counted?.bytes)
  await stage.fill(entries)
  if (!stage.found) throw new Failure('nothing-selected')
  if (plan.digest !== stage.destination.digest()) {
    throw new Failure('changed', { name: plan.places.map(({ target }) => target).join(', ') })
  }
  for (const [index, { staging }] of zones.all.entries()) await zones.trees[index]?.sync(staging, 'all')
}

/** What to throw after everything was put back, or could not be. */
async function takenBack(
  error: unknown,
  journal: string,
  { touched, trees }: { touched: boolean; trees: readonly HeldTree[] },
  ctx: RestoreContext,
): Promise<unknown> {
  try {
    const { kept } = await reverse(journal, ctx, trees)
    if (!touched || toProblem(error).code === 'cancelled') return error
    return new Failure('restore-rolled-back', { ...causeOf(error), kept: [...kept] }, { cause: error })
  } catch (second) {
    return touched ? unfinished(new AggregateError([error, second], causeOf(error).reason), error, journal) : error
  }
}

function unfinished(cause: unknown, first: unknown, journal: string): Failure {
  const safety = new Set(readJournal(journal).zones.map((zone) => zone.safety))
  const { reason, path: at } = causeOf(first)
  return new Failure('restore-unfinished', { reason, ...(at !== undefined && { at }), path: [...safety] }, { cause })
}

type RecoverContext = ReverseContext & { readonly unknown?: ReadonlySet<string> }

function keptBy({ zones }: Journal, journal: string): Pick<Recovered, 'restored'> {
  const folders = [...new Set(zones.map(({ safety }) => safety))].filter((safety) => existsSync(safety))
  return { restored: { safety: { folders, journals: [journal] } } }
}

/** At the start of the program nobody listens yet. */
const quietly = {
  report: { operation: () => undefined, advance: () => undefined, warn: () => undefined },
  now: Date.now,
}

/**
 * To be called before anything else at every start, by the one engine of a data folder: puts back what a killed restore has moved, and
 * finishes what a killed undo has begun. Never throws for one journal what concerns only that one.
 */
export async function recoverRestores(journals: string, ctx: RecoverContext = quietly): Promise<Recovered[]> {
  const recovered: Recovered[] = []
  for (const journal of journalsIn(journals)) {
    try {
      const found = readJournal(journal)
      if (found.phase === 'done') {
        if (ctx.unknown?.has(found.id))
          recovered.push({ id: found.id, journal, outcome: 'kept-new', kept: [], ...keptBy(found, journal) })
        continue
      }
      const outcome = !isReachable(found) ? 'waiting' : found.finished ? 'undone' : 'rolled-back'
      const kept = outcome === 'waiting' ? [] : (await reverse(journal, ctx)).kept
      recovered.push({ id: idOf(journal), journal, outcome, kept })
    } catch (error) {
      recovered.push({ id: idOf(journal), journal, outcome: 'waiting', kept: [], problem: toProblem(error) })
    }
  }
  return recovered
}

/**
 * The state before these restores, even long after: the last one first. Files that were changed since, or added to restored folders, are
 * moved to the folders in `safety`. Failure `changed` when a disk or a safety folder is gone: then nothing is touched; `restore-unfinished`
 * when it stopped half way: recoverRestores goes on. Cannot be cancelled. `files`: things put back where they were.
 */
export async function undoRestore(journals: readonly string[], ctx: ReverseContext): Promise<Undone> {
  for (const journal of journals) checkUndo(journal)
  const folders: string[] = []
  let files = 0
  for (const journal of journals.toReversed()) {
    try {
      const { restored, kept } = await reverse(journal, ctx)
      files += restored
      folders.push(...kept)
    } catch (error) {
      throw unfinished(error, error, journal)
    }
  }
  return { files, bytes: 0, safety: { folders, journals: [] } }
}

function checkUndo(journal: string): void {
  if (!existsSync(journal)) throw new Failure('changed', { name: journal })
  const found = readJournal(journal)
  const { zones, phase } = found
  if (!isReachable(found)) throw new Failure('changed', { name: zones.map(({ base }) => base).join(', ') })
  if (phase === 'done') checkSafety(journal)
}

export interface Undoable {
  readonly journal: string
  readonly id: string
  /** When the restore was made, in milliseconds since 1970. */
  readonly time: number
  readonly targets: readonly string[]
  /** How many things it replaced. */
  readonly replaced: number
}

/** The finished restores that can still be undone. A journal that cannot be read is not among them. */
export function undoableRestores(journals: string): Undoable[] {
  return journalsIn(journals).flatMap((journal) => {
    try {
      const { id, time, zones, phase, saved } = readJournal(journal)
      return phase === 'done'
        ? [{ journal, id, time, targets: zones.map(({ target }) => target), replaced: saved }]
        : []
    } catch (error) {
      if (error instanceof Failure) return []
      throw error
    }
  })
}

// Gives up what a restore replaced: removes it from the safety folders, and then the journal with which the restore could be undone.
// Guarantees: removes nothing but what that restore moved there, out of the very folders that it made; the journal goes last, so a removal that was
// cut off can be done again; a disk that is away keeps its part for later. What people put into a safety folder stays.
import { existsSync } from 'node:fs'
import { Failure, toProblem } from '../api/failure.ts'
import { throwIfCancelled } from '../lib/bytes.ts'
import { pauses } from '../lib/pause.ts'
import type { Context } from '../lib/work.ts'
import { deedsForwards, type Journal, readJournal, removeJournal } from './journal.ts'
import { isReachable, Reached } from './reach.ts'

export interface Discarded {
  /** Journals that are gone, with all they stood for. */
  readonly journals: readonly string[]
  /** Bytes of the files that were removed. */
  readonly freed: number
}

type DiscardContext = Pick<Context, 'report' | 'signal'>

/** What cannot be removed now is the warning `safety-not-removed` and keeps its journal. Failure: `cancelled`. */
export async function discardSafety(journals: readonly string[], ctx: DiscardContext): Promise<Discarded> {
  ctx.report.operation('prune')
  const gone: string[] = []
  let freed = 0
  for (const journal of journals) {
    try {
      if (existsSync(journal)) freed += await discardOne(journal, ctx)
      gone.push(journal)
    } catch (error) {
      const { code, details } = toProblem(error)
      if (!(error instanceof Failure) || code === 'cancelled') throw error
      const { path = journal, reason = code } = details
      ctx.report.warn({ code: 'safety-not-removed', details: { path, reason } })
    }
  }
  return { journals: gone, freed }
}

async function discardOne(path: string, ctx: DiscardContext): Promise<number> {
  const journal = readJournal(path)
  // A restore that is being taken back, or is not finished, still needs what it moved.
  if (journal.phase !== 'done') throw new Failure('changed', { name: path, path, reason: 'changed' })
  const bases = [...new Set(journal.zones.map(({ base }) => base))].join(', ')
  if (!isReachable(journal)) throw new Failure('medium-gone', { path: bases, reason: 'lost' })
  const reached = Reached.of(journal)
  try {
    const freed = await discardIn(reached, path, journal, ctx)
    removeJournal(path)
    return freed
  } finally {
    reached.close()
  }
}

async function discardIn(
  { trees, foreign }: Reached,
  path: string,
  { zones }: Journal,
  ctx: DiscardContext,
): Promise<number> {
  const pause = pauses()
  let freed = 0
  for (const deed of deedsForwards(path)) {
    if (pause.due()) await pause.take()
    const zone = deed.is === 'save' ? zones[deed.zone] : undefined
    const ours = zone && deed.is === 'save' && deed.to.startsWith(`${zone.safety}/`) && !foreign.has(zone.safety)
    if (!ours) continue
    trees[deed.zone]?.removeTree(deed.to, (file, stat) => {
      throwIfCancelled(ctx.signal)
      ctx.report.advance(Number(stat.size), file)
      freed += Number(stat.size)
      return false
    })
  }
  for (const [index, { safety }] of zones.entries()) if (!foreign.has(safety)) trees[index]?.removeEmpty(safety)
  for (const tree of new Set(trees)) await tree.sync(tree.path, 'names')
  return freed
}

// Gives up what a restore replaced: removes it from the safety folders, and then the journal with which the restore could be undone.
// Guarantees: removes nothing but what that restore moved there, through real folders only; the journal goes last, so a removal that was cut off
// can be done again; a disk that is away keeps its part for later. What people put into a safety folder stays.
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { Failure, toProblem } from '../api/failure.ts'
import { throwIfCancelled } from '../lib/bytes.ts'
import { pauses } from '../lib/pause.ts'
import type { Context } from '../sources/source.ts'
import { look, removeEmpty, removeTree, syncRenames } from './disk.ts'
import { deedsForwards, readJournal, removeJournal, type Zone } from './journal.ts'
import { isReachable } from './reverse.ts'

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
  const { zones, phase } = readJournal(path)
  const bases = [...new Set(zones.map(({ base }) => base))]
  // A restore that is being taken back, or is not finished, still needs what it moved.
  if (phase !== 'done') throw new Failure('changed', { name: path, path, reason: 'changed' })
  if (!isReachable({ zones })) throw new Failure('medium-gone', { path: bases.join(', '), reason: 'lost' })
  const pause = pauses()
  let freed = 0
  for (const deed of deedsForwards(path)) {
    if (pause.due()) await pause.take()
    const zone = deed.is === 'save' ? zones[deed.zone] : undefined
    if (!zone || deed.is !== 'save' || !isOurs(deed.to, zone)) continue
    removeTree(deed.to, (file, stat) => {
      throwIfCancelled(ctx.signal)
      ctx.report.advance(Number(stat.size), file)
      freed += Number(stat.size)
      return false
    })
  }
  for (const { safety } of zones) removeEmpty(safety)
  for (const base of bases) await syncRenames(base)
  removeJournal(path)
  return freed
}

/** Below the safety folder, and every folder on the way is a real one: a link that has appeared since leads elsewhere. */
function isOurs(path: string, { safety }: Zone): boolean {
  if (!path.startsWith(`${safety}/`)) return false
  for (let folder = dirname(path); folder.length >= safety.length; folder = dirname(folder)) {
    if (!look(folder)?.isDirectory()) return false
  }
  return true
}

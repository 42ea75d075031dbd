// Opens the target that a TargetAt names, for one piece of work. A further kind of target is one folder beside this file and one row here.
// Guarantees: closed however the work ends: a store that stays open keeps its medium from being ejected.
import { openStore } from '../stores/open.ts'
import { Shelf } from './shelf.ts'
import type { TargetAt } from './target.ts'

/** `read`: nothing is written, so a damaged marker is no obstacle. */
export type Mode = 'read' | 'write'

/** Failures: those of opening the store, and of the work. */
export async function usingTarget<T>(
  at: Pick<TargetAt, 'store'>,
  mode: Mode,
  work: (target: Shelf) => Promise<T>,
): Promise<T> {
  const store = await openStore(at.store, { readOnly: mode === 'read' })
  const target = new Shelf(store)
  try {
    return await work(target)
  } finally {
    await target.close()
  }
}

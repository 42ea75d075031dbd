// What restores replaced and keep aside: which of it there is, and removing it, by age or because a person wants it.
// Guarantees: the newest restore's files stay; a run is marked before the first of its files goes, so nobody is offered an undo that is no longer
// whole; a removal that was cut off is finished later; age is not believed across a silence of more than 100 days, which may be a wrong clock.

import type { KeptAside } from '../api/contract.ts'
import { Failure } from '../api/failure.ts'
import type { Run, Settings } from '../api/model.ts'
import { backwards, type History } from '../history/history.ts'
import { journalsIn } from '../restore/restore.ts'
import type { Runner } from '../runs/runner.ts'

const day = 24 * 3600 * 1000
const longestGap = 100 * day
const defaultDays = 30

export interface Safety {
  /** Newest first. */
  list(): Promise<KeptAside[]>
  /** These restores' files, for good. One that is not there, or is the newest: Failure `changed`, and nothing is removed. */
  remove(ids: readonly string[], signal?: AbortSignal): Promise<{ removed: number; freed: number }>
  /** What has reached its age, and what was left of an earlier removal. Does nothing while another restore or undo is going on. */
  tidy(): Promise<void>
  /** It has not been undone, and its files are there and stay. */
  undoable(run: Run): boolean
}

export interface SafetyOptions {
  readonly journals: string
  readonly history: Pick<History, 'latest' | 'update'>
  readonly runner: Pick<Runner, 'job' | 'runs'>
  readonly settings: () => Settings
  readonly now: () => number
  /** Runs have been marked. */
  readonly onChange: () => Promise<void>
}

type Restored = Run & { readonly safety: NonNullable<Run['safety']> }

export function createSafety(options: SafetyOptions): Safety {
  const { history, runner, now } = options
  /** Being removed at this moment. */
  const going = new Set<string>()

  function undoable({ id, kind, safety }: Run): boolean {
    return kind === 'restore' && !!safety && !safety.undone && safety.removedAt === undefined && !going.has(id)
  }

  /** Marks first, then removes in a thread of its own. */
  async function discard(runs: readonly Restored[], signal?: AbortSignal): Promise<{ removed: number; freed: number }> {
    for (const { id } of runs) going.add(id)
    try {
      const removedAt = new Date(now()).toISOString()
      for (const run of runs)
        if (run.safety.removedAt === undefined) await history.update({ ...run, safety: { ...run.safety, removedAt } })
      await options.onChange()
      const journals = runs.flatMap((run) => run.safety.journals)
      const subject = [...new Set(runs.map((run) => run.subject))].join(', ')
      const { journals: gone, freed } = await runner.job({ kind: 'tidy', journals }, { subject }, signal)
      const removed = runs.filter((run) => run.safety.journals.every((journal) => gone.includes(journal)))
      return { removed: removed.length, freed }
    } finally {
      for (const { id } of runs) going.delete(id)
    }
  }

  const restoring = () => runner.runs().find(({ run: { kind } }) => kind === 'restore' || kind === 'undo')?.run

  function refuseWhileRestoring(): void {
    const busy = restoring()
    if (busy) throw new Failure('busy', { subject: busy.subject })
  }

  return {
    undoable,
    async list() {
      const { restores } = await look(options)
      const days = options.settings().safetyDays ?? defaultDays
      return restores.filter(undoable).map((run, at): KeptAside => {
        const { id, subject, startedAt: time, safety } = run
        const due = Date.parse(time) + days * day
        const removable = at > 0
        const known = { id, subject, time, folders: safety.folders, removable }
        return removable && days > 0 ? { ...known, due: new Date(due).toISOString() } : known
      })
    },
    async remove(ids, signal) {
      const there = (await look(options)).restores.filter(undoable)
      const chosen = there.filter((run, at) => at > 0 && ids.includes(run.id))
      if (chosen.length !== new Set(ids).size) throw new Failure('changed', { name: ids.join(', ') })
      refuseWhileRestoring()
      return discard(chosen, signal)
    },
    async tidy() {
      const { restores, starts } = await look(options)
      const { safetyDays: days = defaultDays } = options.settings()
      const oldest = believed(starts, now())
      const left = restores.filter((run) => run.safety.removedAt !== undefined && !going.has(run.id))
      const due = restores.filter(undoable).filter((run, at) => {
        const time = Date.parse(run.startedAt)
        return at > 0 && days > 0 && time >= oldest && now() - time > days * day
      })
      if (restoring() || left.length + due.length === 0) return
      try {
        await discard([...left, ...due])
      } catch (error) {
        // Arche is being ended: the rest is done at the next start.
        if (!(error instanceof Failure) || error.code !== 'cancelled') throw error
      }
    },
  }
}

/** The restores whose journals are still here, newest first, and when runs began since the oldest of them. */
async function look({ journals, history }: SafetyOptions): Promise<{ restores: Restored[]; starts: number[] }> {
  const sought = new Set(journalsIn(journals))
  const restores: Restored[] = []
  const starts: number[] = []
  if (sought.size === 0) return { restores, starts }
  for await (const run of backwards(history)) {
    starts.push(Date.parse(run.startedAt))
    const here = isRestore(run) ? run.safety.journals.filter((journal) => sought.delete(journal)) : []
    if (isRestore(run) && here.length > 0) restores.push(run)
    if (sought.size === 0) break
  }
  return { restores, starts }
}

function isRestore(run: Run): run is Restored {
  return run.kind === 'restore' && run.safety !== undefined && !run.safety.undone
}

/** The oldest of these times (newest first) from which the present follows without a long silence. */
function believed(starts: readonly number[], now: number): number {
  let oldest = now
  for (const start of starts) {
    if (oldest - start > longestGap) return oldest
    oldest = Math.min(oldest, start)
  }
  return oldest
}

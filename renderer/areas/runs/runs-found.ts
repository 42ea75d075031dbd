// The runs that fit a filter, newest first: those that the window knows, live, and older ones page by page.
// Guarantees: a run that goes on changes in its place; another filter empties the list before its own is there.
import { useCallback, useEffect, useMemo, useState } from 'react'
import type { Run } from '../../../core/api/model.ts'
import { fits, type RunFilter } from '../../../core/api/run-filter.ts'
import { call } from '../../client.ts'
import { useTask } from '../../parts/task.ts'
import { useEngine } from '../../store.ts'

const page = 200

/** Older than a run, or the newest. */
export function runsFrom(filter: RunFilter, before: Run | undefined, limit: number, signal?: AbortSignal) {
  const input = { limit, filter, ...(before && { before: before.id }) }
  return call((client) => client.run.history(input, signal ? { signal } : {}))
}

interface Found {
  readonly key: string
  readonly runs: readonly Run[]
  readonly complete: boolean
  /** When it was begun to be read. */
  readonly at: string
}

/** `filter` by `key`, which says the same. `more` reads on. */
export function useRunsFound(filter: RunFilter) {
  const key = JSON.stringify(filter)
  const { runs: live } = useEngine('runs')
  const [found, setFound] = useState<Found>()
  const { run, busy, problem } = useTask()
  const known = found?.key === key ? found : undefined
  const read = useCallback(
    (before: readonly Run[]) =>
      void run(async (signal) => {
        const at = new Date().toISOString()
        const runs = await runsFrom(JSON.parse(key), before.at(-1), page, signal)
        if (!signal.aborted) setFound({ key, runs: [...before, ...runs], complete: runs.length < page, at })
      }),
    [key, run],
  )
  useEffect(() => read([]), [read])
  const more = useCallback(() => {
    if (known && !known.complete && !busy && !problem) read(known.runs)
  }, [known, busy, problem, read])
  // More has been done since than the window remembers.
  const behind = known !== undefined && (live.at(-1)?.startedAt ?? '') > known.at
  useEffect(() => {
    if (behind) read([])
  }, [behind, read])
  const runs = useMemo(() => merged(live, known?.runs ?? [], JSON.parse(key)), [live, known, key])
  return { runs, complete: known?.complete ?? false, more, busy, problem }
}

/** What the window knows is newer than what was read. */
function merged(live: readonly Run[], read: readonly Run[], filter: RunFilter): Run[] {
  const known = new Set(live.map(({ id }) => id))
  const all = [...live, ...read.filter(({ id }) => !known.has(id))].filter((run) => fits(run, filter))
  return all.sort((one, other) => (one.startedAt < other.startedAt ? 1 : one.startedAt > other.startedAt ? -1 : 0))
}

// One run, live: its record, its progress while it works, and its log.
// Guarantees: a run that is older than the mirrored list is fetched; the log is read in pieces and never twice.
import { startTransition, useEffect, useState } from 'react'
import type { LogLine, Progress, Run } from '../../core/api/model.ts'
import { call } from '../client.ts'
import { useFromEngine } from '../store.ts'
import { useTask } from './task.ts'

export interface LiveRun {
  run: Run | undefined
  progress: Progress | undefined
  ended: boolean
  problem: ReturnType<typeof useTask>['problem']
}

export function useRun(id: string): LiveRun {
  const [fetched, setFetched] = useState<Run>()
  const { run: start, problem } = useTask()
  const listed = useFromEngine(({ runs }) => runs.find((one) => one.id === id))
  const progress = useFromEngine(({ active }) => active.find((one) => one.id === id))
  const missing = listed === undefined && progress === undefined
  useEffect(() => {
    if (!missing) return
    void start(async (signal) => {
      const found = await call((client) => client.run.show({ id, limit: 1 }, { signal }))
      if (!signal.aborted) setFetched(found.run)
    })
  }, [id, missing, start])
  const run = listed ?? (fetched?.id === id ? fetched : undefined)
  return { run, progress, ended: run?.outcome !== undefined, problem: missing ? problem : undefined }
}

const piece = 1000

/** Always the same list, so that what shows it is not drawn anew. */
const none: LogLine[] = []

/** Everything noted so far; read on whenever `version` changes. */
export function useLog(id: string, version: unknown): LogLine[] {
  const [log, setLog] = useState<{ id: string; lines: LogLine[] }>({ id, lines: [] })
  const { run } = useTask()
  const known = log.id === id ? log.lines.length : 0
  const [turn, setTurn] = useState(0)
  // `version` and `turn` only say that it is time to look again.
  const wanted = `${id} ${String(version)} ${turn}`
  const [seen, setSeen] = useState('')
  useEffect(() => {
    if (wanted === seen) return
    void run(async (signal) => {
      const found = await call((client) => client.run.show({ id, from: known, limit: piece }, { signal }))
      if (signal.aborted) return
      // Hundreds of lines are drawn in small pieces, while the window answers.
      startTransition(() => {
        setLog((before) => ({ id, lines: [...(before.id === id ? before.lines : []), ...found.lines] }))
        setSeen(wanted)
        if (found.total > known + found.lines.length && found.lines.length > 0) setTurn((number) => number + 1)
      })
    })
  }, [id, known, run, seen, wanted])
  return log.id === id ? log.lines : none
}

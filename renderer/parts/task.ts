// One piece of asynchronous work of a screen: whether it runs, what went wrong, and its end when the screen goes away.
// Guarantees: failures are kept as plain problems for showing; "cancelled" is not shown, because the person asked for it.
import { useCallback, useEffect, useRef, useState } from 'react'
import { type Problem, toProblem } from '../../core/api/failure.ts'

export interface Task {
  busy: boolean
  problem: Problem | undefined
  /** By which the engine knows the work under way, where it was given it: others may do the like at the same time. */
  job: string | undefined
  /** True when the work ended well. Work already under way is cancelled first. */
  run(work: (signal: AbortSignal, job: string) => Promise<void>): Promise<boolean>
  cancel(): void
  clear(): void
}

export function useTask(): Task {
  const [busy, setBusy] = useState(false)
  const [job, setJob] = useState<string>()
  const [problem, setProblem] = useState<Problem>()
  const running = useRef<AbortController>(undefined)

  const run = useCallback(async (work: (signal: AbortSignal, job: string) => Promise<void>) => {
    running.current?.abort()
    const controller = new AbortController()
    running.current = controller
    const id = crypto.randomUUID()
    setBusy(true)
    setJob(id)
    setProblem(undefined)
    try {
      await work(controller.signal, id)
      return !controller.signal.aborted
    } catch (error) {
      const found = toProblem(error)
      if (!controller.signal.aborted && found.code !== 'cancelled') setProblem(found)
      return false
    } finally {
      if (running.current === controller) setBusy(false)
    }
  }, [])

  const cancel = useCallback(() => {
    running.current?.abort()
    setBusy(false)
  }, [])
  const clear = useCallback(() => setProblem(undefined), [])
  useEffect(() => () => running.current?.abort(), [])
  return { busy, job, problem, run, cancel, clear }
}

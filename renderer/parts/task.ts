// One piece of asynchronous work of a screen: whether it runs, what went wrong, and its end when the screen goes away.
// Guarantees: failures are kept as plain problems for showing; "cancelled" is not shown, because the person asked for it.
import { useCallback, useEffect, useRef, useState } from 'react'
import { type Problem, toProblem } from '../../core/api/failure.ts'

export interface Task {
  busy: boolean
  problem: Problem | undefined
  /** True when the work ended well. Work already under way is cancelled first. */
  run(work: (signal: AbortSignal) => Promise<void>): Promise<boolean>
  cancel(): void
  clear(): void
}

export function useTask(): Task {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const running = useRef<AbortController>(undefined)

  const run = useCallback(async (work: (signal: AbortSignal) => Promise<void>) => {
    running.current?.abort()
    const controller = new AbortController()
    running.current = controller
    setBusy(true)
    setProblem(undefined)
    try {
      await work(controller.signal)
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
  return { busy, problem, run, cancel, clear }
}

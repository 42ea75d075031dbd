// Ctrl-C, SIGTERM and a closed terminal (SIGHUP): the first one cancels consistently, later ones say what is waited for.
// Guarantees: none of them ends the process by itself; outside `during` the signal aborts whatever is under way.
// Does not know runs: whoever follows one says what an interruption means meanwhile.
import { Failure } from '../api/failure.ts'

export interface Interrupts {
  /** Aborted by the first interruption outside `during`. */
  readonly signal: AbortSignal
  /** While `work` goes on, interruptions go to `onInterrupt`, with their number from 1 up. */
  during<T>(onInterrupt: (times: number) => void, work: () => Promise<T>): Promise<T>
  /** Throws Failure `cancelled` after an interruption. */
  check(): void
  dispose(): void
}

/** The part of `process` that is used. */
export interface SignalSource {
  on(event: NodeJS.Signals, listener: () => void): unknown
  off(event: NodeJS.Signals, listener: () => void): unknown
}

const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

export function createInterrupts(source: SignalSource): Interrupts {
  const controller = new AbortController()
  let handler: (() => void) | undefined
  const listener = () => {
    if (handler) handler()
    else controller.abort()
  }
  for (const name of signals) source.on(name, listener)
  return {
    signal: controller.signal,
    async during(onInterrupt, work) {
      const outer = handler
      let times = 0
      handler = () => {
        times += 1
        onInterrupt(times)
      }
      try {
        return await work()
      } finally {
        handler = outer
      }
    },
    check() {
      if (controller.signal.aborted) throw new Failure('cancelled')
    },
    dispose() {
      for (const name of signals) source.off(name, listener)
    },
  }
}

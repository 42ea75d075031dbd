// Ctrl-C, SIGTERM and a closed terminal (SIGHUP): the first Ctrl-C cancels consistently, a second one and the other signals press: then nothing is waited
// for longer than some seconds.
// Guarantees: none of them ends the process by itself; outside `during` the signal aborts whatever is under way.
// Does not know runs: whoever follows one says what an interruption means meanwhile.
import { Failure } from '../api/failure.ts'

export interface Interrupts {
  /** Aborted by the first interruption outside `during`. */
  readonly signal: AbortSignal
  /** Aborted by what nobody takes back: the second Ctrl-C, SIGTERM, SIGHUP. */
  readonly pressing: AbortSignal
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
  const pressing = new AbortController()
  let handler: (() => void) | undefined
  let keys = 0
  const interrupt = () => {
    if (handler) handler()
    else controller.abort()
  }
  const listeners = signals.map((name) => {
    const listener = () => {
      if (name === 'SIGINT') keys += 1
      if (name !== 'SIGINT' || keys > 1) pressing.abort()
      interrupt()
    }
    source.on(name, listener)
    return { name, listener }
  })
  return {
    signal: controller.signal,
    pressing: pressing.signal,
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
      for (const { name, listener } of listeners) source.off(name, listener)
    },
  }
}

// A history that tells somebody of every start and every end, once they are durable. For notifications (core/notify).
// Guarantees: what is told is in the history already, or cannot be written there (`hold`); who is told cannot fail the run. A later fact about a run (`update`) is no end.
import type { Run } from '../api/model.ts'
import type { History } from './history.ts'

export interface Listener {
  started(run: Run): void
  ended(run: Run): void
}

export function announced(history: History, listener: Listener): History {
  const tell = (run: Run) => (run.outcome === undefined ? listener.started(run) : listener.ended(run))
  return {
    ...history,
    async start(run) {
      await history.start(run)
      tell(run)
    },
    hold(run, error) {
      const told = history.hold(run, error)
      tell(told)
      return told
    },
    async end(run) {
      await history.end(run)
      tell(run)
    },
  }
}

// Lets the event loop turn during long synchronous work, so that a cancel message can arrive and other work is not starved.
// Guarantees: costs next to nothing between two pauses. Does not cancel anything by itself.
import { setImmediate } from 'node:timers/promises'

/** How long synchronous work may hold the thread, in milliseconds. */
const stretch = 25

export interface Pause {
  /** True when it is time to pause. */
  due(): boolean
  /** One turn of the event loop. */
  take(): Promise<void>
}

/** Use as `if (pause.due()) await pause.take()` in a loop whose every step is short. */
export function pauses(): Pause {
  let last = performance.now()
  return {
    due: () => performance.now() - last > stretch,
    async take() {
      await setImmediate()
      last = performance.now()
    },
  }
}

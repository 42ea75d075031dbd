// What the page is asked to show from outside it (tray, notifications): a queue of one, because the last wish counts.
// Guarantees: a wish made before the page is there, or while it is loaded again, is handed over once it follows.
import type { DesktopScreen } from '../core/api/desktop.ts'

export interface Wanted {
  ask(screen: DesktopScreen): void
  /** Wishes as they come; ends when `signal` is aborted. A page that follows takes the place of one that followed before. */
  follow(signal?: AbortSignal): AsyncGenerator<DesktopScreen, void, void>
}

export function createWanted(): Wanted {
  let pending: DesktopScreen | undefined
  let wake: () => void = () => undefined
  let newest = 0
  return {
    ask(screen) {
      pending = screen
      wake()
    },
    async *follow(signal) {
      newest += 1
      const own = newest
      wake()
      const stop = () => wake()
      signal?.addEventListener('abort', stop)
      try {
        while (own === newest && !signal?.aborted) {
          const screen = pending
          pending = undefined
          if (screen) yield screen
          else
            await new Promise<void>((resolve) => {
              wake = resolve
            })
        }
      } finally {
        signal?.removeEventListener('abort', stop)
      }
    },
  }
}

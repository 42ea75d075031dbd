// The state that windows and terminals mirror: one object of whole parts, a rising number, and streams of changes.
// Guarantees: a follower first gets all parts, then every later change, none twice; a slow follower gets several changes merged into one
// (newest part wins), so that memory stays bounded. Holds no logic about the parts.
import type { AppState, StateEvent } from '../api/model.ts'

export interface StateHub {
  readonly current: AppState
  /** Replaces whole parts and tells every follower. */
  set(changes: Partial<AppState>): void
  /** Ends when the signal is aborted or the hub is closed. */
  follow(signal?: AbortSignal): AsyncGenerator<StateEvent, void, void>
  close(): void
}

interface Follower {
  pending: Partial<AppState> | undefined
  wake: () => void
}

export function createState(initial: AppState): StateHub {
  let current = initial
  let seq = 0
  let closed = false
  const followers = new Set<Follower>()
  const wakeAll = () => {
    for (const follower of followers) follower.wake()
  }

  async function* follow(signal?: AbortSignal): AsyncGenerator<StateEvent, void, void> {
    const follower: Follower = { pending: { ...current }, wake: () => undefined }
    const stop = () => follower.wake()
    followers.add(follower)
    signal?.addEventListener('abort', stop)
    try {
      while (!closed && !signal?.aborted) {
        const changes = follower.pending
        follower.pending = undefined
        if (changes) yield { seq, changes }
        else
          await new Promise<void>((resolve) => {
            follower.wake = resolve
          })
      }
    } finally {
      signal?.removeEventListener('abort', stop)
      followers.delete(follower)
    }
  }

  return {
    get current() {
      return current
    },
    set(changes) {
      current = { ...current, ...changes }
      seq += 1
      for (const follower of followers) follower.pending = { ...follower.pending, ...changes }
      wakeAll()
    },
    follow,
    close() {
      closed = true
      wakeAll()
    },
  }
}

// A limit for the bytes per second of a store, so that a copy in the background leaves room on the line.
// Guarantees: over any longer time no more than the rate passes, however many calls share it; a call that is alone gets all of it; a signal ends the
// waiting. Does not limit listing and looking.
import type { Bytes } from '../lib/bytes.ts'
import { wait } from '../lib/patience.ts'
import type { Store } from './store.ts'

export interface LimitClock {
  /** In ms. */
  now(): number
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>
}

/** A rate that any number of streams share. */
export interface Rate {
  /** The stream, slowed down. */
  slow(body: Bytes, signal?: AbortSignal): Bytes
}

/** Longest piece, as part of a second: what passes at once must be short. */
const piece = 1 / 8

export function rate(bytesPerSecond: number, clock: LimitClock = { now: () => performance.now(), wait }): Rate {
  const longest = Math.max(Math.floor(bytesPerSecond * piece), 1)
  /** When all that has passed is paid for, in ms. */
  let paid = 0
  return {
    async *slow(body, signal) {
      for await (const chunk of body) {
        for (let at = 0; at < chunk.length; at += longest) {
          const part = chunk.subarray(at, at + longest)
          const now = clock.now()
          paid = Math.max(paid, now) + (part.length / bytesPerSecond) * 1000
          // One piece goes ahead of its time.
          const early = paid - now - piece * 1000
          if (early > 0) await clock.wait(early, signal)
          yield part
        }
      }
    },
  }
}

/** The store with what is put and what is got slowed down. */
export function limited(store: Store, limits: { readonly up?: Rate; readonly down?: Rate }): Store {
  const { up, down } = limits
  return {
    traits: store.traits,
    put: (name, body, options) => store.put(name, up ? up.slow(body, options?.signal) : body, options),
    get: (name, options) => {
      const bytes = store.get(name, options)
      return down ? down.slow(bytes, options?.signal) : bytes
    },
    stat: (name) => store.stat(name),
    list: (prefix, fits) => store.list(prefix, fits),
    blocked: (name) => store.blocked(name),
    remove: (name) => store.remove(name),
    free: () => store.free(),
    close: () => store.close(),
  }
}

// Trying again after troubles that pass, with growing pauses, so that a line that breaks for a moment costs a moment.
// Guarantees: only a Failure that says it is retryable, and only calls that may be made twice; a reader goes on where it was, and only in the same
// object; pauses are random within their limit, so that many clients of one server do not come back at once; a signal ends a pause.
// Does not repeat `put`: its body is read once. Whoever can make the body anew wraps the whole in `retried`, and looks first whether the object is
// there: the answer that got lost may have been a yes.
import { Failure } from '../api/failure.ts'
import type { Bytes } from '../lib/bytes.ts'
import { wait } from '../lib/patience.ts'
import type { GetOptions, Stat, Store } from './store.ts'

export interface RetryOptions {
  /** How often in all; default 6. A reader that got further begins to count anew. */
  readonly tries?: number
  /** Longest first pause in ms, doubled each time up to `longest`; default 1 s and 1 min. */
  readonly first?: number
  readonly longest?: number
  readonly signal?: AbortSignal
  /** Told before each pause, in ms. */
  readonly onPause?: (failure: Failure, milliseconds: number) => void
  /** For tests: a number from 0 to below 1, and what waits. */
  readonly random?: () => number
  readonly wait?: typeof wait
}

/** The outcome of the first try that does not fail in passing; the last Failure after `tries`. `try` counts from 1. */
export async function retried<T>(deed: (attempt: number) => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const pauses = pausing(options)
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await deed(attempt)
    } catch (error) {
      await pauses.after(error)
    }
  }
}

/** The store, with every call but `put` and `close` tried again. */
export function retrying(store: Store, options: RetryOptions = {}): Store {
  const again = <T>(deed: () => Promise<T>) => retried(deed, options)
  return {
    traits: store.traits,
    put: (name, body, putting) => store.put(name, body, putting),
    get: (name, getting) => readOn(store, name, getting ?? {}, options),
    stat: (name) => again(() => store.stat(name)),
    list: (prefix, fits) => listOn(store, { prefix, fits }, options),
    blocked: (name) => again(() => store.blocked(name)),
    remove: (name) => again(() => store.remove(name)),
    free: () => again(() => store.free()),
    close: () => store.close(),
  }
}

function pausing(options: RetryOptions) {
  const { tries = 6, first = 1000, longest = 60_000, random = Math.random } = options
  let failed = 0
  return {
    /** Pauses, or throws what is not to be tried again. */
    async after(error: unknown): Promise<void> {
      failed += 1
      if (!(error instanceof Failure) || !error.retryable || failed >= tries) throw error
      const milliseconds = Math.round(Math.min(first * 2 ** (failed - 1), longest) * random())
      options.onPause?.(error, milliseconds)
      await (options.wait ?? wait)(milliseconds, options.signal)
    },
    forget(): void {
      failed = 0
    },
  }
}

async function* readOn(store: Store, name: string, getting: GetOptions, options: RetryOptions): Bytes {
  const signal = getting.signal ?? options.signal
  const pauses = pausing({ ...options, ...(signal ? { signal } : {}) })
  const start = getting.range?.start ?? 0
  const end = getting.range?.end
  let done = 0
  let known: Stat | undefined
  for (;;) {
    try {
      known = await sameObject(store, name, known)
      const range = { start: start + done, ...(end === undefined ? {} : { end }) }
      for await (const chunk of store.get(name, done > 0 ? { ...getting, range } : getting)) {
        // Counted when it is handed out: once the reader has it, it must not come again.
        done += chunk.length
        pauses.forget()
        yield chunk
      }
      return
    } catch (error) {
      await pauses.after(error)
    }
  }
}

/** Failure `changed` when it is another object than before: two halves of two objects make none. */
async function sameObject(store: Store, name: string, known: Stat | undefined): Promise<Stat | undefined> {
  const found = await store.stat(name)
  if (known && (found?.size !== known.size || found.mtime !== known.mtime)) throw new Failure('changed', { name })
  return found
}

async function* listOn(
  store: Store,
  { prefix, fits }: { prefix: string | undefined; fits: ((name: string) => boolean) | undefined },
  options: RetryOptions,
): AsyncIterable<Stat> {
  const pauses = pausing(options)
  const told = new Set<string>()
  for (;;) {
    try {
      for await (const stat of store.list(prefix, fits)) {
        if (told.has(stat.name)) continue
        told.add(stat.name)
        yield stat
      }
      return
    } catch (error) {
      await pauses.after(error)
    }
  }
}

// Waiting with a limit: timers that tests can wind by hand, and promises that give up when a signal says so.
// Guarantees: what was waited for and came too late never goes unhandled. Does not decide how long is too long.
import { Failure } from '../api/failure.ts'

/** A running timer. */
export interface Timer {
  /** Begins anew. */
  refresh(): void
  stop(): void
}

/** Calls `ring` once `milliseconds` after the start or the last `refresh`. It does not keep the process alive. */
export type StartTimer = (milliseconds: number, ring: () => void) => Timer

export const startTimer: StartTimer = (milliseconds, ring) => {
  const timer = setTimeout(ring, milliseconds).unref()
  return { refresh: () => void timer.refresh(), stop: () => clearTimeout(timer) }
}

/** The promise's outcome, or Failure `cancelled` as soon as the signal is aborted; the work itself goes on unseen. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(new Failure('cancelled', {}, { cause: signal.reason }))
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** Resolves after that time; Failure `cancelled` as soon as the signal is aborted. */
export function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds)
  })
  return abortable(over, signal).finally(() => clearTimeout(timer))
}

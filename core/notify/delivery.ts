// Sends what waits in the outbox, one mail after the other, until it is gone.
// Guarantees: a mail that cannot be sent is tried again after pauses that grow, and given up after some days with a note; a server that does not
// answer is not asked again for every mail; nothing here throws or keeps anybody waiting longer than `leave` at the end.
// Has no alarm clock: whoever opens it calls `send` now and then.
import { setTimeout as wait } from 'node:timers/promises'
import { Failure, type FailureCode, type Problem, toProblem } from '../api/failure.ts'
import type { Mail, Outbox } from './outbox.ts'

export interface DeliveryLimits {
  /** Milliseconds before the second attempt, the third…; the last one repeats. */
  readonly pauses: readonly number[]
  /** A mail that failed and is older than this, in ms, is given up. */
  readonly patience: number
  /** How long the end waits for mails that nobody has tried to send yet, in ms. */
  readonly leave: number
}

const minute = 60_000
const day = 24 * 60 * minute

export const usualDelivery: DeliveryLimits = {
  pauses: [1, 5, 15, 30, 60, 120].map((minutes) => minutes * minute),
  patience: 5 * day,
  leave: 5_000,
}

export interface DeliveryMeans {
  readonly outbox: Outbox
  readonly now: () => number
  /** Somebody still wants it: the settings may have changed since it was written. */
  readonly wanted: (mail: Mail) => boolean
  readonly send: (mail: Mail, signal: AbortSignal) => Promise<void>
  readonly onChange: () => void
  readonly onBug: (error: unknown) => void
  readonly limits: DeliveryLimits
}

export interface Delivery {
  /** Why the last attempt failed; undefined after one that succeeded. */
  readonly problem: Problem | undefined
  /** Sends what is due. Never rejects; calls at the same time become one. */
  send(): Promise<void>
  /** Everything is due now: the settings have changed. */
  hurry(): void
  close(): Promise<void>
}

/** The server as a whole cannot be used: every mail waits. */
const ofServer: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'mail-unreachable',
  'mail-tls',
  'mail-denied',
  'mail-password',
  'no-keychain',
])

export function openDelivery({ outbox, now, wanted, send, onChange, onBug, limits }: DeliveryMeans): Delivery {
  const tries = new Map<string, { count: number; next: number }>()
  const leaving = new AbortController()
  let problem: Problem | undefined
  let current: Promise<void> | undefined
  let again = false

  const due = (mail: Mail) => (tries.get(mail.id)?.next ?? 0) <= now()

  async function finish(mail: Mail, how: 'sent' | 'given-up' | 'dropped'): Promise<void> {
    await outbox.end(mail.id, how, now())
    tries.delete(mail.id)
  }

  async function failed(mail: Mail): Promise<void> {
    if (now() - Date.parse(mail.queuedAt) > limits.patience) return finish(mail, 'given-up')
    const count = (tries.get(mail.id)?.count ?? 0) + 1
    const pause = limits.pauses[Math.min(count, limits.pauses.length) - 1] ?? 0
    tries.set(mail.id, { count, next: now() + pause })
  }

  /** False: the server cannot be used now. */
  async function attempt(mail: Mail): Promise<boolean> {
    try {
      await send(mail, leaving.signal)
    } catch (error) {
      if (leaving.signal.aborted) return false
      if (!(error instanceof Failure)) onBug(error)
      problem = toProblem(error)
      if (!ofServer.has(problem.code)) {
        await failed(mail)
        return true
      }
      for (const each of outbox.waiting.filter(due)) await failed(each)
      return false
    }
    problem = undefined
    await finish(mail, 'sent')
    return true
  }

  async function round(): Promise<void> {
    for (const mail of outbox.waiting) {
      if (leaving.signal.aborted) return
      if (!wanted(mail)) await finish(mail, 'dropped')
      else if (!due(mail)) continue
      else if (!(await attempt(mail))) return onChange()
      onChange()
    }
  }

  async function rounds(): Promise<void> {
    do {
      again = false
      await round()
    } while (again && !leaving.signal.aborted)
  }

  return {
    get problem() {
      return problem
    },
    send() {
      again = true
      current ??= rounds()
        .catch(onBug)
        .finally(() => {
          current = undefined
        })
      return current
    },
    hurry: () => tries.clear(),
    async close() {
      const fresh = outbox.waiting.some((mail) => wanted(mail) && !tries.has(mail.id))
      if (current && fresh) await Promise.race([current, wait(limits.leave, undefined, { ref: false })])
      leaving.abort()
      await current
    },
  }
}

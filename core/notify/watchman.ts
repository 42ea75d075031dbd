// The pings of every plan, in the order of what happened, and what came of the last one.
// Guarantees: nothing here fails or delays what is told of; closing waits a few seconds at the most.
import { Failure, toProblem } from '../api/failure.ts'
import type { MailState } from '../api/mail.ts'
import type { Plan } from '../api/plan.ts'
import type { PingNotice } from './notice.ts'
import { type PingKind, type PingLimits, ping } from './ping.ts'

/** How long the end waits for pings that are on their way, in ms. */
const lastPings = 5_000

export interface Watchman {
  tell(notice: PingNotice): void
  /** One ping of success at once. Failure `ping-failed`. */
  test(plan: Plan): Promise<void>
  results(): MailState['pings']
  close(): Promise<void>
}

export interface WatchmanMeans {
  readonly host: string
  readonly now: () => number
  plans(): readonly Plan[]
  onChange(): void
  onBug(error: unknown): void
}

export function openWatchman(means: WatchmanMeans, limits?: PingLimits): Watchman {
  const leaving = new AbortController()
  const last = new Map<string, Promise<void>>()
  const results = new Map<string, MailState['pings'][number]>()
  const options = { signal: leaving.signal, ...(limits ? { limits } : {}) }

  async function send(plan: Plan, url: string, kind: PingKind, text: string): Promise<void> {
    const problem = await ping(url, kind, text, options).then(
      () => undefined,
      (error: unknown) => {
        if (!(error instanceof Failure)) means.onBug(error)
        return toProblem(error)
      },
    )
    if (leaving.signal.aborted) return
    results.set(plan.id, {
      planId: plan.id,
      at: new Date(means.now()).toISOString(),
      ...(problem ? { problem } : {}),
    })
    means.onChange()
  }

  function tell({ planId, kind, text }: PingNotice): void {
    const plan = means.plans().find((one) => one.id === planId)
    const url = plan?.ping
    if (!plan || url === undefined) return
    const before = last.get(plan.id) ?? Promise.resolve()
    last.set(
      plan.id,
      before.then(() => send(plan, url, kind, text(means.host))),
    )
  }

  return {
    tell,
    async test(plan) {
      if (plan.ping !== undefined) await ping(plan.ping, 'success', `Arche on ${means.host}: test\n`, options)
    },
    results: () => [...results.values()],
    async close() {
      const timer = setTimeout(() => leaving.abort(), lastPings)
      await Promise.all(last.values())
      clearTimeout(timer)
    },
  }
}

// The pings of every plan, in the order of what happened, and what came of the last one.
// Guarantees: nothing here fails or delays a run; closing waits a few seconds at the most. Which runs: backups only.
import { Failure, toProblem } from '../api/failure.ts'
import { isLacking } from '../api/loss.ts'
import type { MailState } from '../api/mail.ts'
import type { Run } from '../api/model.ts'
import type { Plan } from '../api/plan.ts'
import { pingText } from './message.ts'
import { type PingKind, type PingLimits, ping } from './ping.ts'

/** How long the end waits for pings that are on their way, in ms. */
const lastPings = 5_000

/** A run that was cancelled did not save anything: whoever watches should know. Skipped runs say nothing: another one was at work. */
function pingOf(run: Run): PingKind | undefined {
  const { outcome } = run
  if (outcome === undefined || outcome === 'skipped') return undefined
  // Something may be missing: whoever watches is there to be told.
  if (isLacking(run)) return 'fail'
  return outcome === 'success' || outcome === 'warning' ? 'success' : 'fail'
}

export interface Watchman {
  started(run: Run): void
  ended(run: Run): void
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

  function tell(run: Run, kind: PingKind): void {
    const plan = means.plans().find((one) => one.id === run.planId)
    const url = plan?.ping
    // Restores and verifications have no plan of their own that somebody watches.
    if (!plan || url === undefined || run.kind !== 'backup') return
    const text = pingText(run, means.host)
    const before = last.get(plan.id) ?? Promise.resolve()
    last.set(
      plan.id,
      before.then(() => send(plan, url, kind, text)),
    )
  }

  return {
    started: (run) => tell(run, 'start'),
    ended(run) {
      const kind = pingOf(run)
      if (kind) tell(run, kind)
    },
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

// Tells a watchman ("dead man's switch") of the start and the end of a plan's runs, by the convention of healthchecks.io: `URL/start` when it
// begins, `URL` when it succeeded, `URL/fail` when it did not, each with a few lines of text.
// Guarantees: ends within a bounded time, never touches the run. A ping that does not arrive is not kept for later: its absence is the alarm.
import { setTimeout as wait } from 'node:timers/promises'
import { Failure } from '../api/failure.ts'

export type PingKind = 'start' | 'success' | 'fail'

export interface PingLimits {
  /** Milliseconds for one attempt. */
  readonly attempt: number
  /** Milliseconds before each further attempt. */
  readonly pauses: readonly number[]
}

const usual: PingLimits = { attempt: 10_000, pauses: [2_000, 10_000] }

/** Longer texts are cut by the watchman (100 kB there); a few lines are enough. */
const longest = 8_000

/** Failure `ping-failed` {server, reason} after the last attempt. */
export async function ping(
  url: string,
  kind: PingKind,
  body: string,
  { signal, limits = usual }: { signal?: AbortSignal; limits?: PingLimits } = {},
): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await once(addressOf(url, kind), body, limits.attempt, signal)
    } catch (error) {
      if (signal?.aborted) throw new Failure('cancelled', {}, { cause: error })
      const pause = limits.pauses[attempt]
      if (pause === undefined) throw failed(url, error)
      // Given up while waiting: the next attempt then ends at once.
      await wait(pause, undefined, signal ? { signal } : {}).catch(() => undefined)
    }
  }
}

/** The word is added to the path; what follows it (`?…`) stays behind. */
export function addressOf(url: string, kind: PingKind): string {
  if (kind === 'success') return url
  const address = new URL(url)
  address.pathname = `${address.pathname.replace(/\/+$/, '')}/${kind}`
  return address.href
}

async function once(address: string, body: string, limit: number, signal: AbortSignal | undefined): Promise<void> {
  const overdue = AbortSignal.timeout(limit)
  const answer = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: body.slice(0, longest),
    signal: signal ? AbortSignal.any([signal, overdue]) : overdue,
  })
  // What is not read keeps the connection open.
  await answer.body?.cancel()
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
}

/** The path is what makes the address a secret of a kind: only the server is told. */
function failed(url: string, error: unknown): Failure {
  return new Failure(
    'ping-failed',
    { server: new URL(url).host, reason: reasonOf(error) },
    { retryable: true, cause: error },
  )
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return 'timeout'
  const cause = error.cause instanceof Error ? error.cause : error
  const words = `${'code' in cause ? String(cause.code) : ''} ${cause.message}`
  if (/ECONNREFUSED/.test(words)) return 'connection-refused'
  if (/ENOTFOUND|EAI_AGAIN/.test(words)) return 'name-unknown'
  if (/CERT|certificate|self.signed/i.test(words)) return 'certificate-unknown'
  return cause.message
}

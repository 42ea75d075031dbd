// One connection at a time to one server, made when it is needed and made anew after it was lost.
// Guarantees: calls that come at once share one login; a connection that has been silent is asked for a sign of life, so that a dead one is known before
// it is used; after `close` nothing is connected any more.
import { Failure } from '../api/failure.ts'
import { abortable, type StartTimer, startTimer, type Timer } from '../lib/patience.ts'
import { SftpCalls } from './sftp-calls.ts'
import { openLine } from './sftp-line.ts'
import { type Login, logIn, type Secrets, type SshAddress, serverOf } from './sftp-login.ts'

export interface SftpSpec extends SshAddress, Login {
  /** Folder on the server; without `/` at its beginning it starts where the login ends. */
  readonly path: string
}

export interface SftpOptions extends Secrets {
  /** Ends the opening. */
  readonly signal?: AbortSignal
  /** Longest silence of the server while an answer is due, in ms; default one minute. */
  readonly patience?: number
  /** For the whole way in, in ms; default 30 s. */
  readonly loginLimit?: number
  readonly startTimer?: StartTimer
  /** Looks at what a new connection leads to before it is used; what it throws, whoever wanted the connection gets. */
  readonly greet?: (calls: SftpCalls) => Promise<void>
}

export interface Connector {
  /** The connection that is there, or a new one. The signal ends the waiting of this caller. */
  calls(signal?: AbortSignal): Promise<SftpCalls>
  close(): Promise<void>
}

const defaultPatience = 60_000

/** Silence in ms after which the server is asked for a sign of life. */
const quiet = 30_000

interface Open {
  readonly calls: SftpCalls
  /** Resolves once the socket is closed. */
  end(): Promise<void>
}

export function connector(spec: SftpSpec, options: SftpOptions): Connector {
  const stop = new AbortController()
  let opening: Promise<Open> | undefined
  let current: Open | undefined

  const open = async (): Promise<Open> => {
    const made = await connected(spec, options, stop.signal)
    current = made
    return made
  }
  return {
    async calls(signal) {
      if (stop.signal.aborted) throw new Failure('place-unreachable', { name: serverOf(spec), reason: 'closed' })
      if (current && !current.calls.line.lost) return current.calls
      opening ??= open().finally(() => {
        opening = undefined
      })
      return (await abortable(opening, signal)).calls
    },
    async close() {
      stop.abort()
      await opening?.catch(() => undefined)
      await current?.end()
      current = undefined
    },
  }
}

async function connected(spec: SftpSpec, options: SftpOptions, signal: AbortSignal): Promise<Open> {
  const name = serverOf(spec)
  const gone = (reason: string) => new Failure('place-unreachable', { name, reason }, { retryable: true })
  const { client, channel } = await logIn(spec, spec, options, {
    signal,
    ...(options.loginLimit === undefined ? {} : { limit: options.loginLimit }),
  })
  const closed = new Promise<void>((resolve) => client.once('close', resolve))
  let broken = gone('closed')
  // A line that is given up takes the connection with it; what ssh2 still says about it is no news.
  client.on('error', (error) => {
    broken = gone(error.message)
    client.destroy()
  })
  try {
    const line = await openLine(channel, {
      patience: options.patience ?? defaultPatience,
      startTimer: options.startTimer ?? startTimer,
      gone,
      nonsense: (reason) => new Failure('place-protocol', { name, reason }),
    })
    const calls = new SftpCalls(line)
    const heartbeat = beating(calls)
    client.once('close', () => {
      heartbeat.stop()
      line.end(broken)
    })
    channel.once('close', () => client.destroy())
    await options.greet?.(calls)
    return {
      calls,
      async end() {
        line.end(gone('closed'))
        client.end()
        client.destroy()
        await closed
      },
    }
  } catch (error) {
    client.destroy()
    throw error
  }
}

function beating(calls: SftpCalls): Timer {
  const timer = startTimer(quiet, () => {
    if (calls.line.idle) calls.ping().catch(() => undefined)
    timer.refresh()
  })
  return timer
}

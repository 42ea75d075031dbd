// The engine: what a window, a terminal or a service opens and calls the contract of. Its parts are put together in assembly.ts.
// Guarantees: one engine owns a data folder; whoever comes second becomes a client of the first over a local socket, with the same methods and
// the same words. What a crash left behind (runs without an end, half-done restores, temporary files) is put right before the first call.
// Knows no window and no terminal.
import { createRouterClient } from '@orpc/server'
import { createSession } from '../access/operator.ts'
import { Failure } from '../api/failure.ts'
import { fromWire } from '../api/wire.ts'
import { ofHome } from '../lib/home-trouble.ts'
import type { Connection } from '../methods/base.ts'
import { createRouter, type EngineRouter } from '../methods/router.ts'
import { assemble, type Host } from './assembly.ts'
import { connect, type EngineClient, serve, socketPath } from './link.ts'
import { type Ownership, own } from './ownership.ts'

export type { EngineClient, Host }

export interface Engine {
  /** This process does the work; else it is a client of the one that does. */
  readonly owned: boolean
  /** A connection with a session of its own. */
  connect(): Promise<EngineClient>
  /** A run is going on in this process. */
  busy(): boolean
  /** The computer has just woken up, or its clock was set: schedules are looked at anew. */
  wake(): void
  /** Resolves when it can no longer be used: closed here, or the owner has ended (then open again). */
  readonly closed: Promise<void>
  /**
   * Waits until nobody needs this process: neither a run is going on here, nor is a client's call under way. From then on no call is taken; close it.
   * Aborted: not waited for any longer.
   */
  leave(signal: AbortSignal): Promise<void>
  /**
   * Owner: cancels runs consistently, waits for them, gives the data folder free. Never fails, and takes some ten seconds at most: what does not end by
   * then is left as after a crash.
   */
  close(): Promise<void>
  /** Something does not end, and would keep this process: see lib/ending.ts. */
  stuck(): boolean
}

/** How often a second process looks whether the owner is there, and for how long in all that owner is waited for; in ms. */
const retryPause = 100
const retryLimit = 10_000

/** For how long the end of everything is waited for, in ms. */
const closeLimit = 8_000

/** The same for a process that is suspended: it answers again when a person wants it to. */
const stoppedLimit = 4_000

/**
 * Opens the engine of a data folder, or a way to the process that owns it. Failures: `locked`, the owner is alive and does not answer; `home-full`
 * and `home-unwritable`, and whatever else is wrong with the files in it.
 */
export async function openEngine(host: Host): Promise<Engine> {
  try {
    return await openOrReach(host)
  } catch (error) {
    throw ofHome(error, host.home)
  }
}

async function openOrReach(host: Host): Promise<Engine> {
  let waiting: { readonly owner: string; readonly since: number } | undefined
  for (;;) {
    const ownership = await own(host.home, host.role)
    if (ownership.owned) {
      try {
        return await openOwned(host, ownership)
      } catch (error) {
        await ownership.release()
        throw error
      }
    }
    const { pid, host: machine, startedAt, stopped } = ownership.owner
    const owner = `${machine} ${pid} ${startedAt}`
    if (waiting?.owner !== owner) waiting = { owner, since: Date.now() }
    const left = waiting.since + (stopped ? stoppedLimit : retryLimit) - Date.now()
    try {
      return asClient(host, await connect(socketPath(host.home), Math.max(left, retryPause)))
    } catch (error) {
      // The owner has just begun or is just ending: it will answer or be gone in a moment.
      if (left <= retryPause)
        throw new Failure('locked', { pid, host: machine, reason: stopped ? 'stopped' : 'silent' }, { cause: error })
      await new Promise((resolve) => setTimeout(resolve, retryPause))
    }
  }
}

function asClient(host: Host, first: Awaited<ReturnType<typeof connect>>): Engine {
  const links = [first]
  let unused: typeof first | undefined = first
  return {
    owned: false,
    async connect() {
      const link = unused ?? (await connect(socketPath(host.home)))
      if (!unused) links.push(link)
      unused = undefined
      return link.client
    },
    busy: () => false,
    wake: () => undefined,
    closed: first.closed,
    leave: async () => undefined,
    stuck: () => false,
    async close() {
      await Promise.all(links.map((link) => link.close()))
      await first.closed
    },
  }
}

async function openOwned(host: Host, ownership: Ownership): Promise<Engine> {
  const onBug = host.onBug ?? (() => undefined)
  const { services, roles, stop } = await assemble(host, ownership, onBug)
  const router = createRouter(services)
  const newConnection = (): Connection => ({
    session: createSession(services.operator, services.now),
    services,
    onBug,
    told: (error) => ofHome(error, host.home),
  })
  const server = await serve({ path: socketPath(host.home), router, context: newConnection }).catch(async (error) => {
    await stop()
    throw error
  })
  let ended: () => void = () => undefined
  const closed = new Promise<void>((resolve) => {
    ended = resolve
  })
  let closing: Promise<void> | undefined
  let late = false
  const engine: Engine = {
    owned: true,
    connect: async () => localClient(router, newConnection()),
    busy: () => services.runner.active().length > 0,
    wake: () => roles.wake(),
    stuck: () => late || services.runner.stuck(),
    closed,
    async leave(signal) {
      await server.leave(() => services.runner.active().length > 0, signal)
    },
    close() {
      closing ??= within(closeLimit, async () => {
        // First: what it waits for may be what a role waits for.
        await Promise.all([services.runner.close(), roles.close()])
        await server.close().catch(onBug)
        await stop()
        await ownership.release()
      })
        .then((whole) => {
          late ||= !whole
        })
        .catch(onBug)
        .then(ended)
      return closing
    },
  }
  ownership.lost.addEventListener('abort', () => void engine.close())
  return engine
}

/** Does the work, but waits for it no longer than `limit` ms. False: it has not ended. */
async function within(limit: number, work: () => Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), limit)
  })
  try {
    return await Promise.race([work().then(() => true), tooLong])
  } finally {
    clearTimeout(timer)
  }
}

function localClient(router: EngineRouter, context: Connection): EngineClient {
  return createRouterClient(router, {
    context,
    interceptors: [
      async ({ next }) => {
        try {
          return await next()
        } catch (error) {
          throw fromWire(error)
        }
      },
    ],
  })
}

// The engine: what a window, a terminal or a service opens and calls the contract of. Its parts are put together in assembly.ts.
// Guarantees: one engine owns a data folder; whoever comes second becomes a client of the first over a local socket, with the same methods and
// the same words. What a crash left behind (runs without an end, half-done restores, temporary files) is put right before the first call.
// Knows no window and no terminal.
import { createRouterClient } from '@orpc/server'
import { Failure } from './api/failure.ts'
import { fromWire } from './api/wire.ts'
import { assemble, type Host } from './assembly.ts'
import { connect, type EngineClient, serve, socketPath } from './link.ts'
import type { Connection } from './methods/base.ts'
import { createRouter, type EngineRouter } from './methods/router.ts'
import { createSession } from './operator.ts'
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
  /** Owner: cancels runs consistently, waits for them, gives the data folder free. */
  close(): Promise<void>
}

/** How often a second process looks whether the owner is there, after both came at once; in ms. */
const retryPause = 100
const retries = 100

/** Opens the engine of a data folder, or a way to the process that owns it. Owner alive but not answering: Failure `locked`. */
export async function openEngine(host: Host): Promise<Engine> {
  for (let attempt = 0; ; attempt += 1) {
    const ownership = await own(host.home, host.role)
    if (ownership.owned) {
      try {
        return await openOwned(host, ownership)
      } catch (error) {
        await ownership.release()
        throw error
      }
    }
    try {
      return asClient(host, await connect(socketPath(host.home)))
    } catch (error) {
      // The owner has just begun or is just ending: it will answer or be gone in a moment.
      if (attempt >= retries)
        throw new Failure('locked', { pid: ownership.owner.pid, host: ownership.owner.host }, { cause: error })
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
    async close() {
      await Promise.all(links.map((link) => link.close()))
      await first.closed
    },
  }
}

async function openOwned(host: Host, ownership: Ownership): Promise<Engine> {
  const onBug = host.onBug ?? (() => undefined)
  const { services, scheduler, stop } = await assemble(host, ownership, onBug)
  const router = createRouter(services)
  const newConnection = (): Connection => ({ session: createSession(services.operator, services.now), onBug })
  const server = await serve({ path: socketPath(host.home), router, context: newConnection })
  let ended: () => void = () => undefined
  const closed = new Promise<void>((resolve) => {
    ended = resolve
  })
  let closing: Promise<void> | undefined
  const engine: Engine = {
    owned: true,
    connect: async () => localClient(router, newConnection()),
    busy: () => services.runner.active().length > 0,
    wake: () => scheduler.wake(),
    closed,
    close() {
      closing ??= (async () => {
        await scheduler.close()
        await services.runner.close()
        await server.close()
        await stop()
        await ownership.release()
        ended()
      })()
      return closing
    },
  }
  ownership.lost.addEventListener('abort', () => void engine.close())
  return engine
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

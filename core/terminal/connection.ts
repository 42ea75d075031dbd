// The way to the engine for one command: opened at the first call, opened again when the process that owned it has ended meanwhile.
// Guarantees: a call that may have had an effect is never sent twice; one that the leaving owner did not take up is asked of the next one; leaving
// waits for work that others do in this process, because leaving would cancel it, and for their calls under way.
// Does not know passwords: see session.ts.
import type { ContractRouterClient } from '@orpc/contract'
import type { contract } from '../api/contract.ts'
import { Failure } from '../api/failure.ts'
import type { Interrupts } from './interrupts.ts'
import type { Output } from './output.ts'

/** The contract as calls; every error is a Failure. */
export type Client = ContractRouterClient<typeof contract>

/** The part of an open engine that is used; core/engine/engine.ts gives it. */
export interface EngineAccess {
  /** False: another process (a window, another terminal) owns the data folder and does the work. */
  readonly owned: boolean
  connect(): Promise<Client>
  /** Resolves when the owner has gone. */
  readonly closed: Promise<void>
  close(): Promise<void>
  /** A run is active in this process. */
  busy(): boolean
  /** Waits until no run and no call of another command needs this process, or until aborted. */
  leave(signal: AbortSignal): Promise<void>
}

export interface Connection {
  /** Throws Failure `cancelled` after Ctrl-C. A new client knows no password yet. */
  client(): Promise<Client>
  /** The client of the last call, while it can be used. */
  readonly current: Client | undefined
  close(): Promise<void>
}

export function createConnection(
  open: () => Promise<EngineAccess>,
  output: Output,
  interrupts: Interrupts,
): Connection {
  let engine: EngineAccess | undefined
  let current: Clients | undefined
  async function connected(): Promise<Clients> {
    interrupts.check()
    if (current) return current
    const access = await open()
    engine = access
    void access.closed.then(() => {
      if (engine === access) current = undefined
    })
    const direct = await access.connect()
    current = { direct, client: reasking(direct, async () => (await connected()).direct) }
    return current
  }
  return {
    get current() {
      return current?.client
    },
    client: async () => (await connected()).client,
    async close() {
      if (!engine) return
      if (engine.owned) await othersEnd(engine, output, interrupts)
      await engine.close()
    },
  }
}

/** A connection's calls as they are, and as a command gets them. */
interface Clients {
  readonly direct: Client
  readonly client: Client
}

/** How often a call may meet an owner that is just leaving. */
const tries = 5

/** The same calls; one that had no effect because its engine was leaving is asked again, of the engine that is there then. */
function reasking(direct: Client, next: () => Promise<Client>): Client {
  const at = (path: readonly string[]): unknown =>
    new Proxy(() => undefined, {
      // Awaiting a client must not look like a call.
      get: (_, name) => (typeof name === 'symbol' || name === 'then' ? undefined : at([...path, name])),
      apply: async (_target, _this, input: unknown[]) => {
        for (let left = tries, client = direct; ; left -= 1, client = await next()) {
          try {
            return await methodOf(client, path)(...input)
          } catch (error) {
            const untouched = error instanceof Failure && error.code === 'engine-gone' && error.retryable
            if (!untouched || left === 1) throw error
          }
        }
      },
    })
  return at([]) as Client
}

function methodOf(client: Client, path: readonly string[]): (...input: unknown[]) => unknown {
  return path.reduce((found, name) => Reflect.get(Object(found), name), client as unknown) as ReturnType<
    typeof methodOf
  >
}

/** A command whose calls end within this time (ms) is not worth a word. */
const quiet = 1_000

/** Work that another terminal or a window has started in this process: wait for its end, or for Ctrl-C. */
async function othersEnd(engine: EngineAccess, output: Output, interrupts: Interrupts): Promise<void> {
  const leaving = new AbortController()
  interrupts.pressing.addEventListener('abort', () => leaving.abort())
  if (interrupts.pressing.aborted) leaving.abort()
  const tell = setTimeout(() => output.note(output.t('terminal.leave.others')), engine.busy() ? 0 : quiet)
  if (leaving.signal.aborted) clearTimeout(tell)
  try {
    await interrupts.during(
      () => leaving.abort(),
      () => engine.leave(leaving.signal),
    )
  } finally {
    clearTimeout(tell)
  }
}

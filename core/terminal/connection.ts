// The way to the engine for one command: opened at the first call, opened again when the process that owned it has ended meanwhile.
// Guarantees: a call is never sent twice; leaving waits for work that others do in this process, because leaving would cancel it.
// Does not know passwords: see session.ts.
import type { ContractRouterClient } from '@orpc/contract'
import type { contract } from '../api/contract.ts'
import type { Interrupts } from './interrupts.ts'
import type { Output } from './output.ts'

/** The contract as calls; every error is a Failure. */
export type Client = ContractRouterClient<typeof contract>

/** The part of an open engine that is used; core/engine.ts gives it. */
export interface EngineAccess {
  /** False: another process (a window, another terminal) owns the data folder and does the work. */
  readonly owned: boolean
  connect(): Promise<Client>
  /** Resolves when the owner has gone. */
  readonly closed: Promise<void>
  close(): Promise<void>
  /** A run is active in this process. */
  busy(): boolean
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
  let current: Client | undefined
  return {
    get current() {
      return current
    },
    async client() {
      interrupts.check()
      if (current) return current
      const access = await open()
      engine = access
      void access.closed.then(() => {
        if (engine === access) current = undefined
      })
      current = await access.connect()
      return current
    },
    async close() {
      if (!engine) return
      if (engine.owned && engine.busy()) await othersEnd(engine, output, interrupts)
      await engine.close()
    },
  }
}

/** Work that another terminal or a window has started in this process: wait for its end, or for Ctrl-C. */
async function othersEnd(engine: EngineAccess, output: Output, interrupts: Interrupts): Promise<void> {
  output.note(output.t('terminal.leave.others'))
  const leaving = new AbortController()
  await interrupts.during(
    () => leaving.abort(),
    async () => {
      const client = await engine.connect()
      try {
        for await (const _ of await client.app.follow({}, { signal: leaving.signal })) if (!engine.busy()) return
      } catch (error) {
        if (!leaving.signal.aborted) throw error
      }
    },
  )
}

// The engine as the desktop sees it: opened at launch, followed, and opened again when the process that owned it has ended.
// Guarantees: at most one engine in this process; one engine connection for each page, so that a grant given to one page is not another's;
// the state handed on is the engine's, changed by nothing else. Does not show anything.
import { setTimeout as wait } from 'node:timers/promises'
import type { AppState } from '../core/api/model.ts'
import { dataFolder } from '../core/config/config.ts'
import { type Engine, type EngineClient, type Host, openEngine } from '../core/engine/engine.ts'

export interface EngineEvents {
  /** An engine is there (again): pages need a new port. */
  opened(): void
  /** It is gone; another one is being opened, unless the program is ending. */
  lost(): void
  /** Parts of the state; before the first event the state is empty. */
  changed(state: Partial<AppState>): void
  /** It cannot be opened. True = try again. */
  failed(error: unknown): Promise<boolean>
  notice(text: string, error: unknown): void
}

export interface EngineLink {
  /** A connection of its own, when an engine is there. */
  connect(): Promise<EngineClient> | undefined
  state(): Partial<AppState>
  /** A run is active in this process and would be cancelled by `close`. */
  busy(): boolean
  /** The engine is in this process. */
  owns(): boolean
  /** The computer was asleep, or the person was away: the schedule looks at the clock. */
  wake(): void
  /** Cancels what runs in this process, consistently, and waits for it, some ten seconds at most. */
  close(): Promise<void>
  /** After `close`: something in this process does not end, and would keep it. */
  stuck(): boolean
}

/** An owner that ends while we connect to it must not make us ask in a tight loop (ms). */
const pause = 200

export function linkEngine(host: Host, events: EngineEvents): EngineLink {
  let access: Engine | undefined
  let state: Partial<AppState> = {}
  let closing = false
  let last: Engine | undefined

  async function follow(from: Engine): Promise<void> {
    const client = await from.connect()
    for await (const event of await client.app.follow({})) {
      state = Object.assign({}, state, event.changes)
      events.changed(state)
    }
  }

  async function live(): Promise<void> {
    while (!closing) {
      try {
        await dataFolder()
        access = await openEngine(host)
      } catch (error) {
        if (closing || !(await events.failed(error))) return
        continue
      }
      const now = access
      last = access
      // Asked to end while it was being opened.
      if (closing) return now.close()
      events.opened()
      follow(now).catch(
        (error: unknown) => !closing && access === now && events.notice('the state stream ended', error),
      )
      await now.closed
      access = undefined
      events.lost()
      await wait(pause)
    }
  }

  const living = live().catch((error: unknown) => events.notice('the engine was lost', error))

  return {
    connect: () => access?.connect(),
    state: () => state,
    busy: () => access?.owned === true && access.busy(),
    owns: () => access?.owned === true,
    wake: () => access?.wake(),
    stuck: () => last?.stuck() === true,
    async close() {
      closing = true
      await access?.close()
      await living
    },
  }
}

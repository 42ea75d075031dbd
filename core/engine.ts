// The engine: the only place that wires parts together. A window, a terminal or a service opens it and calls the contract.
// Guarantees: one engine owns a data folder; whoever comes second becomes a client of the first over a local socket, with the same methods and
// the same words. What a crash left behind (runs without an end, half-done restores, temporary files) is put right before the first call.
// Knows no window and no terminal.
import { mkdir, rm } from 'node:fs/promises'
import { homedir, hostname } from 'node:os'
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import { Failure } from './api/failure.ts'
import type { AppState, Language, Run } from './api/model.ts'
import { fromWire } from './api/wire.ts'
import { openConfig } from './config.ts'
import { watchDrives } from './drives/drives.ts'
import { openKeyring } from './keyring.ts'
import { currentZone } from './lib/surroundings.ts'
import { connect, type EngineClient, serve, socketPath } from './link.ts'
import type { Connection } from './methods/base.ts'
import { allParts, judge, refresh } from './methods/overview.ts'
import { createRouter, type EngineRouter } from './methods/router.ts'
import { openSchedules } from './methods/schedules.ts'
import { journalFolder, type Parts, type Services, tempFolder } from './methods/services.ts'
import { createSession, openOperator } from './operator.ts'
import { type Ownership, own } from './ownership.ts'
import { type Recovered, recoverRestores } from './restore/restore.ts'
import { openHistory } from './runs/history.ts'
import { createLedger } from './runs/ledger.ts'
import { Runner } from './runs/runner.ts'
import type { Scheduler } from './runs/scheduler.ts'
import { openSecrets } from './secrets.ts'
import { createState } from './state.ts'

export type { EngineClient }

export interface Host {
  /** The data folder; it exists and is ours (config.ts `dataFolder`). */
  readonly home: string
  readonly version: string
  /** The compiled runs/worker.ts. */
  readonly workerUrl: URL
  /** What `language: system` means here. */
  readonly language: Language
  readonly now?: () => number
  /** This process stays (a window, a service): it starts what the schedules ask for. A terminal command only looks. */
  readonly schedules?: boolean
  /** How long after a late start or a wake-up missed backups are made up, in ms. */
  readonly settle?: number
  /** What the computer runs on and whether its network is metered, where somebody knows better than core/lib/surroundings.ts. */
  readonly onBattery?: () => Promise<boolean | undefined>
  readonly onMetered?: () => Promise<boolean | undefined>
  /** Bugs, for the program's log. */
  readonly onBug?: (error: unknown) => void
}

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
    const ownership = await own(host.home)
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
  const { services, scheduler, stop } = await openServices(host, ownership, onBug)
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

async function openServices(
  host: Host,
  ownership: Ownership,
  onBug: (error: unknown) => void,
): Promise<{ services: Services; scheduler: Scheduler; stop(): Promise<void> }> {
  const { home } = host
  const now = host.now ?? Date.now
  const temp = tempFolder(home)
  await rm(temp, { recursive: true, force: true })
  for (const folder of [temp, journalFolder(home)]) await mkdir(folder, { recursive: true, mode: 0o700 })

  const config = await openConfig(home)
  const operator = await openOperator(home, now)
  const ledger = createLedger()
  const history = await openHistory(home, now, ledger.note)
  const recovered = await recoverRestores(journalFolder(home), { report: silent, now })
  for (const run of history.abandoned) {
    const journal = run.kind === 'restore' ? recovered[0] : undefined
    if (journal) await history.update({ ...run, ...told(journal) })
  }
  const state = createState(initialState(host))
  const parts: Parts = {
    home,
    host: hostname(),
    now,
    config,
    operator,
    history,
    state,
    ledger,
    zone: currentZone,
    secrets: openSecrets(home),
    keyring: await openKeyring(join(home, 'keys')),
    runner: new Runner({
      workerUrl: host.workerUrl,
      temp,
      history,
      now,
      onBug,
      onChange: () => state.set({ active: services.runner.active() }),
      onHistory: () => void services.refresh('runs', 'media').catch(onBug),
    }),
  }
  let scheduler: Scheduler | undefined
  const services: Services = {
    ...parts,
    async refresh(...changed) {
      await refresh(parts, host.language, changed)
      scheduler?.poke()
    },
  }
  await services.refresh(...allParts.filter((part) => part !== 'keychain'))
  // Asking a keychain can take seconds where it does not answer: nobody waits for it.
  void services.refresh('keychain').catch(onBug)

  scheduler = openSchedules(services, host, ownership)
  // A command asks once and leaves: what it is told must be whole.
  if (!host.schedules) await scheduler.looked
  const watching = new AbortController()
  void watchDrives(() => void services.refresh('media').catch(onBug), { signal: watching.signal })
  const aging = setInterval(() => judge(services), 60_000).unref()
  return {
    services,
    scheduler,
    async stop() {
      clearInterval(aging)
      watching.abort()
      state.close()
      await history.close()
    },
  }
}

/** Nobody looks yet; what matters is in the result. */
const silent = { operation: () => undefined, advance: () => undefined, warn: () => undefined }

/** What became of a restore that was killed. */
function told({ outcome, kept, problem }: Recovered): Partial<Run> {
  if (outcome === 'rolled-back')
    return { failure: { code: 'restore-rolled-back', details: { reason: 'abandoned' } }, kept: [...kept] }
  return problem ? { failure: problem } : {}
}

function initialState(host: Host): AppState {
  return {
    version: host.version,
    host: hostname(),
    dataFolder: host.home,
    home: homedir(),
    settings: { language: 'system', welcomed: false },
    language: host.language,
    operatorSet: false,
    keychain: { remembered: false },
    keys: [],
    plans: [],
    media: [],
    known: [],
    runs: [],
    active: [],
    protection: { level: 'unset', reason: 'no-operator', action: 'setup' },
    schedules: [],
    paused: null,
    alarms: [],
  }
}

// How the parts of an engine are opened and put together, and what is done again and again while it is open.
// Guarantees: everything that was opened is closed by `stop`; nothing that an engine does by itself keeps the program alive.
// Does not decide who owns the data folder and serves nobody: see engine.ts.
import { mkdir, rm } from 'node:fs/promises'
import { homedir, hostname } from 'node:os'
import { join } from 'node:path'
import type { AppState, Language, Run } from './api/model.ts'
import { openConfig } from './config.ts'
import { watchDrives } from './drives/drives.ts'
import { openKeyring } from './keyring.ts'
import { currentZone } from './lib/surroundings.ts'
import { openMailAccount } from './mail-account.ts'
import { allParts, judge, refresh } from './methods/overview.ts'
import { recoverServers } from './methods/restore-server.ts'
import { openSchedules } from './methods/schedules.ts'
import { journalFolder, type Parts, type Refreshable, type Services, tempFolder } from './methods/services.ts'
import { openNotifier } from './notify/notify.ts'
import { openOperator } from './operator.ts'
import type { Ownership } from './ownership.ts'
import { type Recovered, recoverRestores } from './restore/restore.ts'
import { announced } from './runs/announced.ts'
import { type History, openHistory } from './runs/history.ts'
import { createLedger } from './runs/ledger.ts'
import { Runner } from './runs/runner.ts'
import type { Scheduler } from './runs/scheduler.ts'
import { createSafety } from './safety.ts'
import { openSecrets } from './secrets.ts'
import { createState } from './state.ts'

export interface Host {
  /** The data folder; it exists and is ours (config.ts `dataFolder`). */
  readonly home: string
  readonly version: string
  /** The compiled runs/worker.ts. */
  readonly workerUrl: URL
  /** What `language: system` means here. */
  readonly language: Language
  /** What this process is, for people who wonder who owns the data folder. */
  readonly role?: 'window' | 'terminal' | 'service'
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

/** How often what restores put aside is looked through for what has reached its age; in ms. */
const tidyPause = 6 * 3600 * 1000

/** Opens every part of an engine in its order. What a crash left behind is put right before anybody can call a method. */
export async function assemble(
  host: Host,
  ownership: Ownership,
  onBug: (error: unknown) => void,
): Promise<{ services: Services; scheduler: Scheduler; stop(): Promise<void> }> {
  let scheduler: Scheduler | undefined
  // What changes while the parts are being opened needs no telling: everything is read afterwards.
  let changes: (...parts: Refreshable[]) => void = () => undefined
  const parts = await openParts(host, onBug, (...changed) => changes(...changed))
  await recoverServers(parts)
  const tell: Services['refresh'] = async (...changed) => {
    await refresh(parts, host.language, changed)
    scheduler?.poke()
  }
  changes = (...changed) => void tell(...changed).catch(onBug)
  const safety = safetyOf(parts, tell)
  const services: Services = { ...parts, refresh: tell, safety }
  await tell(...allParts.filter((part) => part !== 'keychain'))
  await announceAbandoned(parts)
  // Asking a keychain can take seconds where it does not answer: nobody waits for it.
  void tell('keychain').catch(onBug)
  const { mailAccount, config, notifier, state, history } = parts
  void mailAccount.look(config.current.mail).then(() => tell('mail').catch(onBug))

  scheduler = openSchedules(services, host, ownership)
  // A command asks once and leaves: what it is told must be whole.
  if (!host.schedules) await scheduler.looked
  const watching = new AbortController()
  void watchDrives(() => void tell('media').catch(onBug), { signal: watching.signal })
  everyMinute(services, watching.signal)
  const tidied = tidyRegularly(safety, onBug, watching.signal)
  return {
    services,
    scheduler,
    async stop() {
      watching.abort()
      await tidied()
      await notifier.close()
      state.close()
      await history.close()
    },
  }
}

async function openParts(
  host: Host,
  onBug: (error: unknown) => void,
  changed: (...parts: Refreshable[]) => void,
): Promise<Parts> {
  const { home } = host
  const now = host.now ?? Date.now
  const temp = tempFolder(home)
  await rm(temp, { recursive: true, force: true })
  for (const folder of [temp, journalFolder(home)]) await mkdir(folder, { recursive: true, mode: 0o700 })

  const config = await openConfig(home)
  const operator = await openOperator(home, now)
  const ledger = createLedger()
  const past = await openHistory(home, now, ledger.note)
  const secrets = openSecrets(home)
  const mailAccount = openMailAccount(secrets)
  const notifier = await openNotifier({
    ...{ home, host: hostname(), now, onBug },
    settings: () => config.current.mail,
    plans: () => config.current.plans,
    password: mailAccount.password,
    recentRuns: () => past.latest(1000),
    onChange: () => changed('mail'),
  })
  const history = announced(past, notifier)
  await noteRestores(history, await recoverRestores(journalFolder(home), { report: silent, now }))
  const state = createState(initialState(host))
  const runner: Runner = new Runner({
    workerUrl: host.workerUrl,
    temp,
    history,
    now,
    onBug,
    onChange: () => state.set({ active: runner.active() }),
    onHistory: () => changed('runs', 'media'),
  })
  const keyring = await openKeyring(join(home, 'keys'))
  const own = { home, host: hostname(), now, zone: currentZone }
  return { ...own, config, operator, history, state, ledger, secrets, mailAccount, notifier, keyring, runner }
}

function safetyOf({ home, history, runner, config, now }: Parts, tell: Services['refresh']): Services['safety'] {
  return createSafety({
    journals: journalFolder(home),
    history,
    runner,
    settings: () => config.current.settings,
    now,
    onChange: () => tell('runs'),
  })
}

async function announceAbandoned({ history, notifier }: Parts): Promise<void> {
  for (const { id } of history.abandoned) {
    const run = await history.find(id)
    if (run) notifier.ended(run)
  }
}

/** Gives a way to wait for what is being tidied. */
function tidyRegularly(
  safety: Services['safety'],
  onBug: (error: unknown) => void,
  signal: AbortSignal,
): () => Promise<void> {
  let tidied: Promise<void> = Promise.resolve()
  const tidy = () => {
    tidied = tidied.then(() => safety.tidy()).catch(onBug)
  }
  const tidying = setInterval(tidy, tidyPause).unref()
  signal.addEventListener('abort', () => clearInterval(tidying))
  tidy()
  return () => tidied
}

/** Mail is looked after for the first time when the engine has been open for this long (ms): a short command must not begin what it cannot finish. */
const firstLook = 3_000

function everyMinute(services: Services, signal: AbortSignal): void {
  const first = setTimeout(() => void services.notifier.look(), firstLook).unref()
  const always = setInterval(() => {
    judge(services)
    void services.notifier.look()
  }, 60_000).unref()
  signal.addEventListener('abort', () => {
    clearTimeout(first)
    clearInterval(always)
  })
}

/** Nobody looks yet; what matters is in the result. */
const silent = { operation: () => undefined, advance: () => undefined, warn: () => undefined }

/** Puts into the history what became of restores that were killed. */
async function noteRestores(history: History, recovered: readonly Recovered[]): Promise<void> {
  for (const run of history.abandoned) {
    const journal = run.kind === 'restore' ? recovered[0] : undefined
    if (journal) await history.update({ ...run, ...told(journal) })
  }
}

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
    mail: { waiting: 0, givenUp: 0, pings: [] },
  }
}

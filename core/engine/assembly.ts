// How the parts of an engine are opened and put together. What it then does by itself is in services/roles.ts.
// Guarantees: everything that was opened is closed by `stop`, or at once where a later part cannot be opened.
// Does not decide who owns the data folder and serves nobody: see engine.ts.
import { rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { openMailAccount } from '../access/mail-account.ts'
import { openOperator } from '../access/operator.ts'
import { openPlaceAccounts } from '../access/place-accounts.ts'
import { openSecrets } from '../access/secrets.ts'
import { keyProblems } from '../api/key-expiry.ts'
import type { Language } from '../api/model.ts'
import { Catalogue } from '../catalogue/catalogue.ts'
import { openConfig } from '../config/config.ts'
import { announced } from '../history/announced.ts'
import { openHistory } from '../history/history.ts'
import { createLedger } from '../history/ledger.ts'
import { openKeyring } from '../keys/keyring.ts'
import { sweepFolder } from '../lib/files.ts'
import { severalPeople } from '../lib/people.ts'
import { homeFolder } from '../lib/person.ts'
import { privateFolder } from '../lib/private-folder.ts'
import { currentZone } from '../lib/surroundings.ts'
import { endOf, startOf } from '../notify/message.ts'
import { openNotifier } from '../notify/notify.ts'
import { Runner } from '../runs/runner.ts'
import { forAWhile } from '../services/for-a-while.ts'
import { refresh } from '../services/overview.ts'
import { recover } from '../services/recovery.ts'
import { openRoles, type Roles } from '../services/roles.ts'
import { createSafety } from '../services/safety.ts'
import { loginsOf } from '../services/server-restores.ts'
import {
  catalogueFolder,
  guardFolder,
  journalFolder,
  type Parts,
  type Refreshable,
  type Services,
  tempFolder,
} from '../services/services.ts'
import { createState } from '../services/state.ts'
import { initialState, partNames } from '../services/state-parts.ts'
import type { Program } from '../systemd/service.ts'
import type { Ownership } from './ownership.ts'

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
  /** Who has a login on this computer, where it is not the system's own file. */
  readonly passwd?: string
  /** How the terminal program is started on this computer. Absent, or nothing: there is none. */
  readonly terminalProgram?: () => Promise<Program | undefined>
  /** Bugs, for the program's log. */
  readonly onBug?: (error: unknown) => void
}

export interface Assembled {
  readonly services: Services
  readonly roles: Roles
  /** Closes everything, the last first. Never fails: what a part could not do any more is told as a bug. */
  stop(): Promise<void>
}

/** Opens every part of an engine in its order. What a crash left behind is put right before anybody can call a method. */
export async function assemble(host: Host, ownership: Ownership, onBug: (error: unknown) => void): Promise<Assembled> {
  const begun: (() => unknown)[] = []
  const stop = async () => {
    for (const end of begun.splice(0).reverse()) await Promise.resolve().then(end).catch(onBug)
  }
  try {
    return { ...(await open(host, ownership, onBug, (end) => begun.push(end))), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** `begin` gets the way to end whatever has just been opened. */
type Begin = (end: () => unknown) => void

async function open(
  host: Host,
  ownership: Ownership,
  onBug: (error: unknown) => void,
  begin: Begin,
): Promise<Omit<Assembled, 'stop'>> {
  let roles: Roles | undefined
  // What changes while the parts are being opened needs no telling: everything is read afterwards.
  let changes: (...parts: Refreshable[]) => void = () => undefined
  const parts = await openParts(host, onBug, (...changed) => changes(...changed), begin)
  await recover('server', parts, loginsOf(parts))
  const tell: Services['refresh'] = async (...changed) => {
    await refresh(parts, host.language, changed)
    roles?.changed()
  }
  changes = (...changed) => void tell(...changed).catch(onBug)
  const safety = safetyOf(parts, tell)
  const services: Services = { ...parts, refresh: tell, safety, previews: forAWhile(parts.now) }
  await tell(...partNames.filter((name) => name !== 'keychain'))
  await announceAbandoned(parts)
  // Asking a keychain can take seconds where it does not answer: nobody waits for it.
  void tell('keychain').catch(onBug)
  const { mailAccount, config, runner } = parts
  void mailAccount.look(config.current.mail).then(() => tell('mail').catch(onBug))

  begin(() => runner.close())
  // What an engine that ended had no time for; a command that asks once and leaves has none either.
  if (host.schedules) parts.catalogue.collect()
  roles = openRoles({ services, host, ownership, onBug }, begin)
  // A command asks once and leaves: what it is told must be whole.
  await roles.ready
  return { services, roles }
}

async function openParts(
  host: Host,
  onBug: (error: unknown) => void,
  changed: (...parts: Refreshable[]) => void,
  begin: Begin,
): Promise<Parts> {
  const { home } = host
  const now = host.now ?? Date.now
  const temp = await prepareFolders(home, onBug)
  const config = await openConfig(home)
  const operator = await openOperator(home, now)
  const ledger = createLedger()
  const past = await openHistory(home, now, ledger.note)
  begin(() => past.close())
  const secrets = openSecrets(home)
  const mailAccount = openMailAccount(secrets)
  const notifier = await openNotifier({
    ...{ home, host: hostname(), now, onBug },
    settings: () => config.current.mail,
    plans: () => config.current.plans,
    keys: () => keyProblems(state.current, now()),
    password: mailAccount.password,
    recentNotices: async () => (await past.latest(1000)).filter(({ outcome }) => outcome !== undefined).map(endOf),
    recentRuns: () => past.latest(1000),
    onChange: () => changed('mail'),
  })
  begin(() => notifier.close())
  const history = announced(past, {
    started: (run) => notifier.tell(startOf(run)),
    ended: (run) => {
      notifier.tell(endOf(run))
      catalogue.note(run)
    },
  })
  const problems = new Map()
  await recover('folders', { home, now, history, problems })
  const { version } = host
  const here = { host: hostname(), home: homeFolder() ?? '/', severalPeople: await severalPeople(host.passwd) }
  const state = createState(initialState({ version, dataFolder: home, ...here }))
  begin(() => state.close())
  const runner: Runner = new Runner({
    workerUrl: host.workerUrl,
    temp,
    history,
    now,
    onBug,
    onChange: () => state.set({ active: runner.active() }),
    onHistory: () => {
      changed('runs', 'media')
      catalogue.collect()
    },
  })
  const catalogue = await Catalogue.open({
    folder: catalogueFolder(home),
    merge: (order) => runner.aside({ kind: 'catalogue', merge: order }),
    onBug,
  })
  begin(() => catalogue.settled())
  const keyring = await openKeyring(join(home, 'keys'))
  const places = { placeAccounts: openPlaceAccounts(secrets), placeStates: new Map() }
  const service = {
    isService: host.role === 'service',
    terminalProgram: host.terminalProgram ?? (async () => undefined),
  }
  const own = { home, host: hostname(), now, zone: currentZone, problems, ...places, ...service }
  const opened = { config, operator, history, state, ledger, secrets, mailAccount }
  return { ...own, ...opened, notifier, keyring, runner, catalogue }
}

async function prepareFolders(home: string, onBug: (error: unknown) => void): Promise<string> {
  const temp = tempFolder(home)
  // Where something of it cannot be removed, new files have their place all the same.
  await rm(temp, { recursive: true, force: true }).catch(onBug)
  for (const folder of [temp, journalFolder(home)]) await privateFolder(folder)
  for (const folder of [home, guardFolder(home)]) await sweepFolder(folder)
  return temp
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
    if (run) notifier.tell(endOf(run))
  }
}

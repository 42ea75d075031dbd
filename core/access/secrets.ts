// Passwords in the keychain of the operating system (keytar: Secret Service, macOS Keychain, Windows Credential Manager).
// Guarantees: a secret is in the keychain or nowhere, never in a file of ours; what was set has been read back; a missing, locked or hanging
// keychain gives Failure `no-keychain` {reason} within a bounded time and does not hold up the program.
// Does not decide what to do without a keychain (then the password is asked each time).
import { resolve } from 'node:path'
import { Failure, type Problem } from '../api/failure.ts'
import { isTrue, openSessionBus, textOf } from '../lib/session-bus.ts'

export interface Secrets {
  get(name: string): Promise<string | undefined>
  /** Empty, with NUL or with half a surrogate pair: Failure `bad-input`, since not every keychain keeps it. */
  set(name: string, value: string): Promise<void>
  /** A missing secret is fine. */
  remove(name: string): Promise<void>
  /** Why secrets cannot be kept here, if so. Asks nobody anything. */
  problem(): Promise<Problem | undefined>
}

export interface Limits {
  /** Milliseconds in which the keychain's service must show that it is there. */
  readonly reach: number
  /** Milliseconds for one deed; the system may ask the person to unlock the keychain meanwhile. */
  readonly deed: number
}

type Keytar = Pick<typeof import('keytar'), 'getPassword' | 'setPassword' | 'deletePassword'>

const service = 'Arche'

/** The secrets that belong to a data folder. */
export function openSecrets(home: string, limits: Limits = { reach: 5_000, deed: 120_000 }): Secrets {
  const accountOf = (name: string) => `${name}@${resolve(home)}`
  let last: Promise<unknown> = Promise.resolve()
  let stuck = false

  /** One deed at a time, so that a keychain that hangs blocks one thread of Node's pool at the most. */
  function inTurn<T>(deed: (keytar: Keytar) => Promise<T>): Promise<T> {
    const done = last.then(async () => {
      const work = deed(await reach())
      return within(work, limits.deed, () => {
        stuck = true
        const free = () => {
          stuck = false
        }
        work.then(free, free)
      })
    })
    last = done.catch(() => undefined)
    return done.catch((error) => {
      throw noKeychain(error)
    })
  }

  async function reach(): Promise<Keytar> {
    if (stuck) throw new Error('it does not answer')
    const keytar = await loadKeytar()
    if (process.platform === 'linux') await reachSecretService(process.env, limits.reach)
    return keytar
  }

  return {
    get: (name) => inTurn(async (keytar) => (await keytar.getPassword(service, accountOf(name))) ?? undefined),
    async set(name, value) {
      if (value === '' || value.includes('\0') || Buffer.from(value).toString() !== value)
        throw new Failure('bad-input', { reason: name })
      await inTurn(async (keytar) => {
        await keytar.setPassword(service, accountOf(name), value)
        if ((await keytar.getPassword(service, accountOf(name))) === value) return
        await keytar.deletePassword(service, accountOf(name))
        throw new Error('it did not keep what it was given')
      })
    },
    remove: (name) => inTurn(async (keytar) => void (await keytar.deletePassword(service, accountOf(name)))),
    problem: () =>
      reach().then(
        () => undefined,
        (error) => noKeychain(error).toProblem(),
      ),
  }
}

function noKeychain(error: unknown): Failure {
  const reason = error instanceof Error ? error.message : String(error)
  return new Failure('no-keychain', { reason: reason.trim() }, { cause: error })
}

/** Loaded late: its native part needs libraries (libsecret) that a system may lack. */
async function loadKeytar(): Promise<Keytar> {
  const loaded: Keytar & { default?: Keytar } = await import('keytar')
  return loaded.default ?? loaded
}

/** The work, or an Error after `limit` milliseconds; then `late` is called first. */
function within<T>(work: Promise<T>, limit: number, late: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      late()
      reject(new Error('it does not answer'))
    }, limit)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

const secretService = { destination: 'org.freedesktop.secrets', path: '/org/freedesktop/secrets' }

/**
 * Rejects when the Secret Service (freedesktop.org Secret Service API 0.2) cannot be reached, or when its default collection is missing or
 * locked and there is no screen on which to ask for its password: native code would wait there without end.
 */
async function reachSecretService(env: NodeJS.ProcessEnv, limit: number): Promise<void> {
  const bus = await openSessionBus(env, limit)
  try {
    await bus.call({ ...secretService, interface: 'org.freedesktop.DBus.Peer', member: 'Ping' })
    if (env.DISPLAY || env.WAYLAND_DISPLAY) return
    const alias = {
      ...secretService,
      interface: 'org.freedesktop.Secret.Service',
      member: 'ReadAlias',
      args: ['default'],
    }
    const collection = textOf(await bus.call(alias))
    if (collection === '/') throw new Error('it has no keyring yet')
    const locked = {
      destination: secretService.destination,
      path: collection,
      interface: 'org.freedesktop.DBus.Properties',
      member: 'Get',
    }
    if (isTrue(await bus.call({ ...locked, args: ['org.freedesktop.Secret.Collection', 'Locked'] })))
      throw new Error('it is locked')
  } finally {
    bus.close()
  }
}

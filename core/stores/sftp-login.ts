// The way in: an SSH connection to a server whose host key is known, and its SFTP subsystem. ssh2 speaks SSH; it is loaded by the first connection.
// Guarantees: nothing secret is sent before the server has proved the pinned host key; every attempt ends within its limit; a login by a stored
// password is tried once, so that no account gets locked by us. SHA-1 signatures of host keys are not taken, as in OpenSSH since 8.8.
// Does not use agents, nor the known_hosts file of the user: what is pinned is part of the place.
import { createHash } from 'node:crypto'
import type {
  AnyAuthMethod,
  AuthenticationType,
  Client,
  ClientChannel,
  ConnectConfig,
  ParsedKey,
  ServerHostKeyAlgorithm,
} from 'ssh2'
import { Failure } from '../api/failure.ts'
import { errnoOf } from '../lib/files.ts'

export interface SshAddress {
  /** Name or IP address. */
  readonly host: string
  /** Default 22. */
  readonly port?: number | undefined
}

export interface Login {
  readonly user: string
  /** Fingerprint of the host key as OpenSSH prints it: `SHA256:` and 43 letters. */
  readonly hostKey: string
}

/** At least one of them. Both: the key, and the password where the server asks for that too. */
export interface Secrets {
  readonly password?: string | undefined
  /** Text of a private key, in the format of OpenSSH or PEM. */
  readonly key?: string | undefined
  /** Opens the key. */
  readonly passphrase?: string | undefined
}

export interface LoginOptions {
  readonly signal?: AbortSignal | undefined
  /** In ms, for the whole way until the server is ready; default 30 s. */
  readonly limit?: number
}

export interface HostKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`… */
  readonly type: string
  /** `SHA256:…` */
  readonly fingerprint: string
}

export interface Connection {
  readonly client: Client
  readonly channel: ClientChannel
}

const defaultLimit = 30_000

/** Sign of life at the level of SSH in ms, for routers that forget a silent connection. What is too long is decided above. */
const alive = { keepaliveInterval: 30_000, keepaliveCountMax: 40 }

/** The algorithms of host keys, by kind of key: a server has one key of each kind, and shows the one that is asked for. */
const families: readonly (readonly ServerHostKeyAlgorithm[])[] = [
  ['ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'rsa-sha2-256'],
]

/** `host`, with the port where it is not the usual one. */
export function serverOf({ host, port = 22 }: SshAddress): string {
  if (port === 22) return host
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** What a server shows to whoever connects, without logging in: to be shown to people and pinned. Failures: `place-unreachable`, `place-protocol`. */
export async function hostKeyOf(address: SshAddress, options: LoginOptions = {}): Promise<HostKey> {
  const attempt = new Attempt(address, 'nobody', families.flat())
  const failure = await attempt
    .run({}, () => false, options)
    .then(
      ({ client }) => {
        client.destroy()
        return undefined
      },
      (error: unknown) => error,
    )
  if (attempt.seen) return attempt.seen
  throw failure
}

/** True for a text that can be pinned. */
function isFingerprint(text: string): boolean {
  return /^SHA256:[A-Za-z0-9+/]{43}=?$/.test(text)
}

/**
 * Logs in and opens SFTP. Failures: `place-unreachable`, `place-host-key` {expected, found}, `place-denied`, `place-key`, `place-passphrase`,
 * `place-protocol`, `cancelled`.
 */
export async function logIn(
  address: SshAddress,
  login: Login,
  secrets: Secrets,
  options: LoginOptions = {},
): Promise<Connection> {
  const expected = login.hostKey.replace(/=$/, '')
  if (!isFingerprint(expected)) throw new Failure('bad-input', { reason: login.hostKey, rule: 'host key' })
  const auth = await credentials(secrets, serverOf(address))
  const verify = (found: HostKey) => found.fingerprint === expected
  let first: HostKey | undefined
  // The server may have got a key of another kind since: as OpenSSH does, the kind that is known is asked for.
  for (const algorithms of [families.flat(), ...families]) {
    const attempt = new Attempt(address, login.user, algorithms)
    try {
      return await attempt.run(auth, verify, options)
    } catch (error) {
      if (first === undefined && (attempt.seen === undefined || verify(attempt.seen))) throw error
      if (attempt.seen && verify(attempt.seen)) throw error
      first ??= attempt.seen
    }
  }
  throw new Failure('place-host-key', { name: serverOf(address), expected, found: first?.fingerprint ?? '' })
}

interface Credentials {
  readonly password?: string | undefined
  readonly key?: ParsedKey
}

async function credentials({ password, key, passphrase }: Secrets, name: string): Promise<Credentials> {
  const known = password === undefined ? {} : { password }
  if (key === undefined) return known
  const { default: ssh2 } = await import('ssh2')
  const parsed = ssh2.utils.parseKey(key, passphrase)
  const first = Array.isArray(parsed) ? parsed[0] : parsed
  if (first instanceof Error || first === undefined) {
    const locked = /passphrase|decrypt|integrity|bad key|checksum/i.test(first?.message ?? '')
    throw locked
      ? new Failure('place-passphrase', { name }, { cause: first })
      : new Failure('place-key', { name, reason: first?.message ?? '' }, { cause: first })
  }
  if (!first.isPrivateKey()) throw new Failure('place-key', { name, reason: 'public key' })
  return { ...known, key: first }
}

/** One connection. */
class Attempt {
  /** The host key that the server has shown. */
  seen: HostKey | undefined
  readonly #address: SshAddress
  readonly #user: string
  readonly #algorithms: readonly ServerHostKeyAlgorithm[]
  #accepts = ''

  constructor(address: SshAddress, user: string, algorithms: readonly ServerHostKeyAlgorithm[]) {
    this.#address = address
    this.#user = user
    this.#algorithms = algorithms
  }

  async run(auth: Credentials, verify: (found: HostKey) => boolean, options: LoginOptions): Promise<Connection> {
    if (options.signal?.aborted) throw new Failure('cancelled', {}, { cause: options.signal.reason })
    const { default: ssh2 } = await import('ssh2')
    const client = new ssh2.Client()
    return new Promise<Connection>((resolve, reject) => {
      const fail = (failure: Failure) => {
        clearTimeout(limit)
        options.signal?.removeEventListener('abort', cancel)
        // What ssh2 still has to say about a connection that is given up.
        client.on('error', () => undefined)
        client.destroy()
        reject(failure)
      }
      const cancel = () => fail(new Failure('cancelled', {}, { cause: options.signal?.reason }))
      const limit = setTimeout(() => fail(this.#unreachable('ETIMEDOUT')), options.limit ?? defaultLimit)
      options.signal?.addEventListener('abort', cancel, { once: true })
      client.once('error', (error: Error & { level?: string }) => fail(this.#failureOf(error)))
      client.once('close', () => fail(this.#unreachable('closed')))
      // Small requests must not wait for the answer to the one before.
      client.once('connect', () => client.setNoDelay(true))
      client.once('ready', () => {
        client.subsys('sftp', (error, channel) => {
          if (error)
            return fail(
              new Failure('place-protocol', { name: serverOf(this.#address), reason: 'SFTP' }, { cause: error }),
            )
          clearTimeout(limit)
          options.signal?.removeEventListener('abort', cancel)
          client.removeAllListeners('error').removeAllListeners('close')
          resolve({ client, channel })
        })
      })
      client.connect(this.#config(auth, verify))
    })
  }

  #config(auth: Credentials, verify: (found: HostKey) => boolean): ConnectConfig {
    return {
      host: this.#address.host,
      port: this.#address.port ?? 22,
      username: this.#user,
      readyTimeout: 0,
      ...alive,
      algorithms: { serverHostKey: [...this.#algorithms], compress: ['none'] },
      hostVerifier: (key: Buffer) => {
        this.seen = describeKey(key)
        return verify(this.seen)
      },
      authHandler: this.#authHandler(auth) as NonNullable<ConnectConfig['authHandler']>,
    }
  }

  /** Each of our means once, and only those that the server takes. */
  #authHandler({ key, password }: Credentials) {
    const username = this.#user
    const means: AnyAuthMethod[] = []
    if (key) means.push({ type: 'publickey', username, key })
    if (password !== undefined) {
      means.push({ type: 'password', username, password })
      means.push({ type: 'keyboard-interactive', username, prompt: onlyPassword(password) })
    }
    let asked = false
    return (left: AuthenticationType[] | null): AnyAuthMethod | false => {
      if (!asked) {
        // Tells what the server takes, and counts as no try.
        asked = true
        return { type: 'none', username }
      }
      this.#accepts = (left ?? []).join(', ')
      const next = means.findIndex(({ type }) => left?.includes(type))
      if (next < 0) return false
      const [chosen] = means.splice(next, 1)
      // A password that was refused is not offered again in another way: tries are counted.
      if (chosen?.type === 'password')
        means.splice(0, means.length, ...means.filter(({ type }) => type !== 'keyboard-interactive'))
      return chosen ?? false
    }
  }

  #failureOf(error: Error & { level?: string }): Failure {
    const name = serverOf(this.#address)
    const cause = error
    if (error.level === 'client-socket') return this.#unreachable(errnoOf(error) ?? error.message, cause)
    if (error.level === 'client-authentication' || /too many authentication/i.test(error.message))
      return new Failure('place-denied', { name, user: this.#user, accepts: this.#accepts }, { cause })
    // Also a server that has too many at the door; and a disconnection in its own words.
    if (/connection lost|closed|reset|timed? ?out/i.test(error.message) || error.level === undefined)
      return this.#unreachable(error.message, cause)
    return new Failure('place-protocol', { name, reason: error.message }, { cause })
  }

  #unreachable(reason: string, cause?: unknown): Failure {
    return new Failure('place-unreachable', { name: serverOf(this.#address), reason }, { retryable: true, cause })
  }
}

/** Answers the one question for a password; whatever else is asked (a code of a telephone) gets nothing. */
function onlyPassword(password: string) {
  let answered = false
  return (
    _name: string,
    _text: string,
    _language: string,
    prompts: { echo?: boolean }[],
    finish: (answers: string[]) => void,
  ) => {
    const mine = !answered && prompts.length === 1 && prompts[0]?.echo === false
    answered = true
    finish(prompts.map(() => (mine ? password : '')))
  }
}

/** Type and fingerprint of a host key as it comes over the wire (RFC 4253, section 6.6). */
function describeKey(key: Buffer): HostKey {
  const type = key.toString('latin1', 4, 4 + key.readUInt32BE(0))
  return { type, fingerprint: `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}` }
}

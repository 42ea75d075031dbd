// The session key of an OpenPGP message (RFC 4880, 5.1): which of many private keys opens it, tried one after the other.
// Guarantees: keys in the order given, those that the message names before those that could be a hidden recipient; the first that opens ends it,
// so that a key that asks for much work (any medium may hold one) costs nothing where ours opens. Every cipher that GnuPG 2.2 writes is either read
// or called by its name. Does not read the data.
import type * as openpgp from 'openpgp'
import { Failure } from '../api/failure.ts'
import type { Envelope } from './openpgp-envelope.ts'
import { parsePrivate, tolerant, unlockKey } from './openpgp-key.ts'
import { pgp } from './openpgp-library.ts'
import { type RsaKey, rsaSessionKey } from './openpgp-rsa.ts'

/** What opens a message: any number of armored private keys, and the password that protects the right one. */
export interface Unlock {
  readonly privateKeys: readonly string[]
  readonly password: string
}

export interface SessionKey {
  readonly data: Uint8Array
  /** As openpgp.js names it. */
  readonly algorithm: openpgp.enums.symmetricNames
}

export const HIDDEN = '0000000000000000'

/** Failures: `wrong-key`, `wrong-password`, `bad-key-file`, `unsupported-format` (a cipher that is not read), `damaged`. */
export async function openSessionKey(envelope: Envelope, unlock: Unlock): Promise<SessionKey> {
  const { keys, unreadable } = await parsed(unlock.privateKeys)
  const named = keys.filter((key) => key.ids.some((id) => envelope.keyIds.includes(id)))
  const others = envelope.keyIds.includes(HIDDEN) ? keys.filter((key) => !named.includes(key)) : []
  let locked: Failure | undefined
  let unsound: Failure | undefined
  for (const { key, ids } of [...named, ...others]) {
    const opened = await unlockOnce(key, unlock.password).catch(onlyFailures)
    if (opened instanceof Failure) {
      locked ??= opened
      continue
    }
    const found = await openWith(opened, envelope, ids)
    if (!(found instanceof Failure)) return found
    // A message for this very key that does not open is not sound; a hidden one is for somebody else.
    if (named.some((one) => one.key === key)) unsound ??= found
    else if (found.code === 'unsupported-format') throw found
  }
  throw (
    unsound ??
    locked ??
    (named.length + others.length > 0 ? undefined : unreadable) ??
    new Failure('wrong-key', { keyIds: [...envelope.keyIds] })
  )
}

interface Parsed {
  readonly key: openpgp.PrivateKey
  /** 16 upper-case hex digits each. */
  readonly ids: readonly string[]
}

/** Each once: the same key often comes from this computer and from the medium, and a try of a password costs a third of a second. */
async function parsed(armored: readonly string[]): Promise<{ keys: Parsed[]; unreadable: Failure | undefined }> {
  const keys = new Map<string, Parsed>()
  let unreadable: Failure | undefined
  for (const text of new Set(armored)) {
    const key = await parsePrivate(text).catch(onlyFailures)
    if (key instanceof Failure) {
      unreadable ??= key
      continue
    }
    const bytes = Buffer.from(key.write()).toString('base64')
    if (!keys.has(bytes)) keys.set(bytes, { key, ids: key.getKeyIDs().map((id) => id.toHex().toUpperCase()) })
  }
  return { keys: [...keys.values()], unreadable }
}

function onlyFailures(error: unknown): Failure {
  if (error instanceof Failure) return error
  throw error
}

/**
 * The key that was unlocked last, until the thread ends. Unlocking takes a tenth of a second and 65 MB on purpose, and looking into a backup is
 * followed by restoring it.
 */
let last: { readonly fingerprint: string; readonly password: string; readonly key: openpgp.PrivateKey } | undefined

async function unlockOnce(locked: openpgp.PrivateKey, password: string): Promise<openpgp.PrivateKey> {
  const fingerprint = locked.getFingerprint()
  if (last?.fingerprint === fingerprint && last.password === password) return last.key
  const key = await unlockKey(locked, password)
  last = { fingerprint, password, key }
  return key
}

/** A session key packet of openpgp.js 6.3; its declarations leave these out. */
interface SessionPacket {
  readonly publicKeyID: openpgp.KeyID
  readonly sessionKey: Uint8Array | null
  readonly sessionKeyAlgorithm: openpgp.enums.symmetric | null
  /** `c`: of RSA alone. */
  readonly encrypted: { readonly c?: unknown } | null
  decrypt(key: unknown): Promise<void>
}

/** The same of a secret key packet that is unlocked. */
interface KeyPacket {
  readonly publicParams?: Partial<RsaKey>
  readonly privateParams?: Partial<RsaKey> | null
}

/** What the packets for this key, and those that name nobody, hold; else why the first of them does not open. */
async function openWith(
  key: openpgp.PrivateKey,
  envelope: Envelope,
  ids: readonly string[],
): Promise<SessionKey | Failure> {
  let problem: Failure | undefined
  const fitting = envelope.sessions.filter(({ keyId }) => ids.includes(keyId) || keyId === HIDDEN)
  // Those that name the key first: trying others costs work and tells nothing.
  for (const { packet: bytes } of fitting.sort((a, b) => Number(a.keyId === HIDDEN) - Number(b.keyId === HIDDEN))) {
    const packet = await parsePacket(bytes)
    if (!packet) continue
    const parts = await key
      .getDecryptionKeys(packet.publicKeyID, null, undefined, { ...pgp.config, ...tolerant })
      .catch(() => [])
    for (const part of parts) {
      const opened = openedByRsa(packet, part.keyPacket)
      if (opened) return opened
      try {
        await packet.decrypt(part.keyPacket)
        if (packet.sessionKey && packet.sessionKeyAlgorithm !== null)
          return { data: packet.sessionKey, algorithm: cipherName(packet.sessionKeyAlgorithm) }
      } catch (error) {
        problem ??= sessionKeyFailure(error)
      }
    }
  }
  return problem ?? new Failure('damaged', { reason: 'OpenPGP: session key' })
}

/** Undefined: another kind of key, or something is wrong with it. */
function openedByRsa(packet: SessionPacket, key: unknown): SessionKey | undefined {
  const { c } = packet.encrypted ?? {}
  const { publicParams, privateParams } = key as KeyPacket
  if (!(c instanceof Uint8Array) || !publicParams?.n || !privateParams?.u) return undefined
  const found = rsaSessionKey(c, { ...publicParams, ...privateParams } as RsaKey)
  return found && { data: found.data, algorithm: cipherName(found.cipher) }
}

/** Undefined for one that openpgp.js does not understand, which is not for any key that it could have read. */
async function parsePacket(bytes: Uint8Array): Promise<SessionPacket | undefined> {
  // With an empty data packet of version 1, without which it is no message.
  const binaryMessage = Buffer.concat([bytes, Uint8Array.of(0xd2, 1, 1)])
  const message = await pgp.readMessage({ binaryMessage, config: { ...tolerant } }).catch(() => undefined)
  const [packet] = message?.packets ?? []
  return packet instanceof pgp.PublicKeyEncryptedSessionKeyPacket ? (packet as unknown as SessionPacket) : undefined
}

function cipherName(algorithm: openpgp.enums.symmetric): openpgp.enums.symmetricNames {
  return pgp.enums.read(pgp.enums.symmetric, algorithm) as openpgp.enums.symmetricNames
}

/**
 * The checksum within was right and the cipher is one that openpgp.js 6.3 does not have (its texts): IDEA is the number 1, Camellia 11 to 13
 * (RFC 4880, 9.2; RFC 5581).
 */
function sessionKeyFailure(error: unknown): Failure {
  const text = error instanceof Error ? error.message : ''
  if (text === 'Unsupported cipher')
    return new Failure('unsupported-format', { reason: 'OpenPGP: IDEA' }, { cause: error })
  if (text.startsWith('Invalid enum value'))
    return new Failure('unsupported-format', { reason: 'OpenPGP: Camellia' }, { cause: error })
  return new Failure('damaged', { reason: 'OpenPGP: session key' }, { cause: error })
}

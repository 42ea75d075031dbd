// OpenPGP keys: read, judge, make, unlock. With openpgp.js; keys and passwords are those of GnuPG 2.2, both ways.
// Passwords: GnuPG takes the bytes as typed (UTF-8). A new key's password is brought to Unicode form NFC, which keyboards produce; unlocking tries
// what was typed, then NFC, then NFD, because a paste or another system may give the same letters otherwise.
// Guarantees: no key and no password in a Failure. Does not know where keys are kept: see core/keys/keyring.ts.
import type * as openpgp from 'openpgp'
import { Failure } from '../api/failure.ts'
import { encryptionProblem, signedAt, tolerant, usableUntil } from './openpgp-fitness.ts'
import { loadPgp, pgp } from './openpgp-library.ts'
import { hashInPieces } from './openpgp-s2k.ts'

export { encryptionProblem, tolerant }

/** Longest password that gpg-agent takes, in bytes (MAX_PASSPHRASE_LEN). */
const PASSWORD_LIMIT = 255

/** What a key file says. */
export interface KeyFacts {
  /** 40 upper-case hex digits. */
  readonly fingerprint: string
  /** 16 upper-case hex digits each, the main key first: what messages name. */
  readonly keyIds: readonly string[]
  readonly userIds: readonly string[]
  readonly createdAt: Date
  /** Until when something can be encrypted to it; absent: without end. */
  readonly expiresAt?: Date
  /** When its owner last signed what counts for encrypting, in ms since 1970: tells the newer of two copies. */
  readonly signedAt: number
  readonly private: boolean
  /** Why nothing can be encrypted to it now (`key-expired`, `key-unusable`), undefined when it can. */
  readonly unusable?: Failure
}

/** The facts of an armored key; not a v4 key: Failure `bad-key-file`. */
export async function readKey(armored: string): Promise<KeyFacts> {
  const key = await parseKey(armored)
  const date = encryptionDate([key])
  const expires = await usableUntil(key, date)
  const unusable = await encryptionProblem(key, date)
  return {
    fingerprint: key.getFingerprint().toUpperCase(),
    keyIds: key.getKeyIDs().map((id) => id.toHex().toUpperCase()),
    userIds: key.getUserIDs(),
    createdAt: key.getCreationTime(),
    ...(expires && { expiresAt: expires }),
    signedAt: await signedAt(key, date),
    private: key.isPrivate(),
    ...(unusable && { unusable }),
  }
}

/** The armored public half of a private or public key. */
export async function publicPart(armored: string): Promise<string> {
  return (await parseKey(armored)).toPublic().armor()
}

export async function parseKey(armored: string): Promise<openpgp.Key> {
  const key = await readOne(armored)
  if (key.keyPacket.version !== 4)
    throw new Failure('bad-key-file', { reason: `OpenPGP: version ${key.keyPacket.version}` })
  return key
}

/** Exactly one: of several keys in a file, all but one would be left out unseen. */
async function readOne(armored: string): Promise<openpgp.Key> {
  await loadPgp()
  const blocks = armored.match(/^-----BEGIN PGP /gm)?.length ?? 0
  const keys = await pgp.readKeys({ armoredKeys: armored, config: tolerant }).catch((error: unknown) => {
    const unknown = error instanceof Error && /curve|algorithm/i.test(error.message)
    throw new Failure('bad-key-file', { reason: unknown ? 'key-curve' : 'no-key-text' }, { cause: error })
  })
  const [key] = keys
  if (!key || keys.length > 1 || blocks > 1)
    throw new Failure('bad-key-file', { reason: `${Math.max(keys.length, blocks)} × OpenPGP` })
  return key
}

/** Now, or the newest creation date of the keys: a clock that was set back must not stop backups. */
export function encryptionDate(keys: readonly openpgp.Key[]): Date {
  const signed = keys.flatMap((key) => [
    ...key.users.flatMap((user) => user.selfCertifications),
    ...key.subkeys.flatMap((sub) => sub.bindingSignatures),
  ])
  const made = [...keys.map((key) => key.getCreationTime()), ...signed.map((signature) => signature.created)]
  return new Date(Math.max(Date.now(), ...made.map((date) => date?.getTime() ?? 0)))
}

/** A new pair, armored. `password` protects the private key; what it may be: `checkNewPassword`. Takes about a second. */
export async function generateKeyPair(options: {
  name: string
  password: string
}): Promise<{ fingerprint: string; privateKey: string; publicKey: string }> {
  const passphrase = newPassword(options.password)
  await loadPgp()
  const pair = await pgp.generateKey({
    type: 'rsa',
    rsaBits: 3072,
    userIDs: [{ name: options.name }],
    passphrase,
    format: 'object',
    config: {
      aeadProtect: false,
      v6Keys: false,
      s2kType: pgp.enums.s2k.iterated,
      // 65,011,712 bytes hashed per try, as GnuPG does at most.
      s2kIterationCountByte: 255,
    },
  })
  return {
    fingerprint: pair.publicKey.getFingerprint().toUpperCase(),
    privateKey: pair.privateKey.armor(),
    publicKey: pair.publicKey.armor(),
  }
}

/** The password as a new key is protected with; Failure `password-empty`, or `bad-input` for one that GnuPG could not be given. */
function newPassword(typed: string): string {
  const password = typed.normalize('NFC')
  if (password === '') throw new Failure('password-empty')
  if (password.includes('\ufffd')) throw new Failure('password-encoding')
  if (/\p{Cc}|\p{Cs}/u.test(password)) throw new Failure('bad-input', { reason: 'password-characters' })
  if (Buffer.byteLength(password) > PASSWORD_LIMIT)
    throw new Failure('bad-input', { reason: 'password-length', limit: PASSWORD_LIMIT })
  return password
}

/** Ends normally when the password opens the private key; else Failure `wrong-password` or `bad-key-file`. */
export async function checkKeyPassword(armoredPrivate: string, password: string): Promise<void> {
  await unlockKey(await parsePrivate(armoredPrivate), password)
}

/**
 * Ends normally when this private key is protected by this password through and through: what is encrypted for it opens with the password and
 * nothing else, and it belongs to the public part. Failures `wrong-password`, `key-unprotected` (a part of it has no password: whoever finds a
 * copy could use it), `bad-key-file`. Unlike `checkKeyPassword` it trusts nothing that the file says of itself.
 */
export async function provePair(armoredPrivate: string, password: string): Promise<void> {
  const key = await parsePrivate(armoredPrivate)
  const present = key.getKeys().filter(({ keyPacket }) => !secretOf(keyPacket).isDummy())
  if (present.some(({ keyPacket }) => secretOf(keyPacket).isDecrypted()))
    throw new Failure('key-unprotected', { fingerprint: key.getFingerprint().toUpperCase() })
  const target = await key
    .getEncryptionKey(undefined, encryptionDate([key]), undefined, withTolerance())
    .catch(() => null)
  const needed = target ? [target.keyPacket] : present.map(({ keyPacket }) => keyPacket)
  const absent = needed.some((packet) => secretOf(packet).isDummy())
  if (present.length === 0 || absent) throw new Failure('bad-key-file', { reason: 'key-no-secret' })
  const opened = await unlockKey(key, password)
  for (const { keyPacket } of opened.getKeys())
    if (!secretOf(keyPacket).isDummy()) await secretOf(keyPacket).validate().catch(wrongPassword)
}

function secretOf(packet: openpgp.AnyKeyPacket): openpgp.SecretKeyPacket | openpgp.SecretSubkeyPacket {
  if (packet instanceof pgp.SecretKeyPacket || packet instanceof pgp.SecretSubkeyPacket) return packet
  throw new Failure('bad-key-file', { reason: 'PUBLIC KEY' })
}

function withTolerance() {
  return { ...pgp.config, ...tolerant }
}

export async function parsePrivate(armored: string): Promise<openpgp.PrivateKey> {
  const key = await parseKey(armored)
  if (!key.isPrivate()) throw new Failure('bad-key-file', { reason: 'PUBLIC KEY' })
  return key
}

/** The private key, ready for use. A key that has no password opens with any. */
export async function unlockKey(key: openpgp.PrivateKey, password: string): Promise<openpgp.PrivateKey> {
  if (key.isDecrypted()) return key
  refuseCostly(key)
  hashInPieces(key)
  const forms = [...new Set([password, password.normalize('NFC'), password.normalize('NFD')])]
  for (const passphrase of forms) {
    const opened = await pgp.decryptKey({ privateKey: key, passphrase, config: tolerant }).catch(wrongPassword)
    if (opened) return opened
  }
  throw new Failure('wrong-password')
}

/**
 * Argon2 (RFC 9580, 3.7.1.4) asks for as much memory and time as the file says, and the file may be anybody's: up to 256 MiB, and 1 GiB in all
 * passes. RFC 9106's choice for little memory is 64 MiB three times; GnuPG 2.2 has no Argon2.
 */
const costly = { memory: 18, work: 2 ** 20 }

function refuseCostly(key: openpgp.PrivateKey): void {
  for (const { keyPacket } of key.getKeys()) {
    const { s2k } = keyPacket as { s2k?: { type: string; t: number; encodedM: number } | null }
    if (s2k?.type !== 'argon2') continue
    if (s2k.encodedM > costly.memory || s2k.t * 2 ** s2k.encodedM > costly.work)
      throw new Failure('bad-key-file', { reason: `Argon2: ${s2k.t} × 2^${s2k.encodedM} KiB` })
  }
}

/** Nothing for a wrong password (its text is from openpgp.js 6.3); what else went wrong is the key's fault. */
function wrongPassword(error: unknown): undefined {
  if (error instanceof Error && error.message.includes('Incorrect key passphrase')) return undefined
  throw new Failure('bad-key-file', { reason: 'OpenPGP: private key' }, { cause: error })
}

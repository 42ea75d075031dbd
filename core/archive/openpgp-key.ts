// OpenPGP keys: read, judge, make, unlock. With openpgp.js; keys and passwords are those of GnuPG 2.2, both ways.
// Passwords: GnuPG takes the bytes as typed (UTF-8). A new key's password is brought to Unicode form NFC, which keyboards produce; unlocking tries
// what was typed, then NFC, then NFD, because a paste or another system may give the same letters otherwise.
// Guarantees: no key and no password in a Failure. Does not know where keys are kept: see core/keyring.ts.
import * as openpgp from 'openpgp'
import { Failure } from '../api/failure.ts'
import { hashInPieces } from './openpgp-s2k.ts'

/**
 * Any v4 key that GnuPG 2.2 opens must open here: old algorithms are for reading. New data go to no RSA key under 2047 bits (openpgp.js's
 * own limit).
 */
export const tolerant: openpgp.PartialConfig = {
  allowMissingKeyFlags: true,
  allowInsecureDecryptionWithSigningKeys: true,
  rejectPublicKeyAlgorithms: new Set(),
  rejectCurves: new Set(),
}

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
  readonly expiresAt?: Date
  readonly private: boolean
  /** Why nothing can be encrypted to it now (`key-expired`, `bad-key-file`), undefined when it can. */
  readonly unusable?: Failure
}

/** The facts of an armored key; not a v4 key: Failure `bad-key-file`. */
export async function readKey(armored: string): Promise<KeyFacts> {
  const key = await parseKey(armored)
  const expires = await key.getExpirationTime(undefined, { ...openpgp.config, ...tolerant })
  const unusable = await encryptionProblem(key, encryptionDate([key]))
  return {
    fingerprint: key.getFingerprint().toUpperCase(),
    keyIds: key.getKeyIDs().map((id) => id.toHex().toUpperCase()),
    userIds: key.getUserIDs(),
    createdAt: key.getCreationTime(),
    ...(expires instanceof Date && { expiresAt: expires }),
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
  const blocks = armored.match(/^-----BEGIN PGP /gm)?.length ?? 0
  const keys = await openpgp.readKeys({ armoredKeys: armored, config: tolerant }).catch((error: unknown) => {
    throw new Failure('bad-key-file', { reason: 'OpenPGP' }, { cause: error })
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

/** Why nothing can be encrypted to this key at that time. */
export async function encryptionProblem(key: openpgp.Key, date: Date): Promise<Failure | undefined> {
  const fingerprint = key.getFingerprint().toUpperCase()
  try {
    await key.getEncryptionKey(undefined, date, undefined, { ...openpgp.config, ...tolerant })
    return undefined
  } catch (error) {
    const expiredAt = await expiryOf(key)
    if (expiredAt && expiredAt <= date) {
      return new Failure('key-expired', { fingerprint, expiredAt: expiredAt.toISOString() }, { cause: error })
    }
    return new Failure('bad-key-file', { fingerprint, reason: 'cannot-encrypt' }, { cause: error })
  }
}

/** When the key, or the last of the subkeys that could encrypt, expires. */
async function expiryOf(key: openpgp.Key): Promise<Date | undefined> {
  const whole = await key.getExpirationTime(undefined, { ...openpgp.config, ...tolerant })
  const subkeys = await Promise.all(key.subkeys.map((subkey) => subkey.getExpirationTime(subkey.getCreationTime())))
  const dates = [whole, ...subkeys].filter((date): date is Date => date instanceof Date)
  if (whole instanceof Date) return whole
  return dates.sort((a, b) => b.getTime() - a.getTime())[0]
}

/** A new pair, armored. `password` protects the private key; what it may be: `checkNewPassword`. Takes about a second. */
export async function generateKeyPair(options: {
  name: string
  password: string
}): Promise<{ fingerprint: string; privateKey: string; publicKey: string }> {
  const passphrase = newPassword(options.password)
  const pair = await openpgp.generateKey({
    type: 'rsa',
    rsaBits: 3072,
    userIDs: [{ name: options.name }],
    passphrase,
    format: 'object',
    config: {
      aeadProtect: false,
      v6Keys: false,
      s2kType: openpgp.enums.s2k.iterated,
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
  if (/\p{Cc}|\p{Cs}/u.test(password)) throw new Failure('bad-input', { reason: 'password-characters' })
  if (Buffer.byteLength(password) > PASSWORD_LIMIT)
    throw new Failure('bad-input', { reason: 'password-length', limit: PASSWORD_LIMIT })
  return password
}

/** Ends normally when the password opens the private key; else Failure `wrong-password` or `bad-key-file`. */
export async function checkKeyPassword(armoredPrivate: string, password: string): Promise<void> {
  await unlockKey(await parsePrivate(armoredPrivate), password)
}

export async function parsePrivate(armored: string): Promise<openpgp.PrivateKey> {
  const key = await parseKey(armored)
  if (!key.isPrivate()) throw new Failure('bad-key-file', { reason: 'PUBLIC KEY' })
  return key
}

/** The private key, ready for use. A key that has no password opens with any. */
export async function unlockKey(key: openpgp.PrivateKey, password: string): Promise<openpgp.PrivateKey> {
  if (key.isDecrypted()) return key
  hashInPieces(key)
  const forms = [...new Set([password, password.normalize('NFC'), password.normalize('NFD')])]
  for (const passphrase of forms) {
    const opened = await openpgp.decryptKey({ privateKey: key, passphrase, config: tolerant }).catch(wrongPassword)
    if (opened) return opened
  }
  throw new Failure('wrong-password')
}

/** Nothing for a wrong password (its text is from openpgp.js 6.3); what else went wrong is the key's fault. */
function wrongPassword(error: unknown): undefined {
  if (error instanceof Error && error.message.includes('Incorrect key passphrase')) return undefined
  throw new Failure('bad-key-file', { reason: 'OpenPGP: private key' }, { cause: error })
}

// Whether an OpenPGP key can be encrypted to, until when, and if not, why: in a word that a person can act upon.
// Guarantees: only signatures that hold are believed; no key material in a Failure.
// Does not read keys (openpgp-key.ts) nor encrypt.
import type * as openpgp from 'openpgp'
import { Failure } from '../api/failure.ts'
import { pgp } from './openpgp-library.ts'

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

/** Words of `common.reason`. */
type Unfit =
  | 'key-revoked'
  | 'key-curve'
  | 'key-signs-only'
  | 'key-too-short'
  | 'key-no-identity'
  | 'key-not-yet'
  | 'key-signature'

/** openpgp.js cannot check what these have signed, their own subkeys included: it needs a package for that which we do not bring along. */
const uncheckedCurves = /^(?:brainpool|secp256k1)/

const encrypting = new Set(['rsaEncryptSign', 'rsaEncrypt', 'elgamal', 'ecdh', 'x25519', 'x448'])

const config = () => ({ ...pgp.config, ...tolerant })

/** Why nothing can be encrypted to this key at that time: Failure `key-expired` or `key-unusable`, both with `name` and `fingerprint`. */
export async function encryptionProblem(key: openpgp.Key, date: Date): Promise<Failure | undefined> {
  const names = { name: key.getUserIDs()[0] ?? '—', fingerprint: key.getFingerprint().toUpperCase() }
  try {
    await key.getEncryptionKey(undefined, date, undefined, config())
    return undefined
  } catch (error) {
    const unfit = (reason: Unfit) => new Failure('key-unusable', { ...names, reason }, { cause: error })
    if (await key.isRevoked(undefined, undefined, date, config())) return unfit('key-revoked')
    if (uncheckedCurves.test(curveOf(key))) return unfit('key-curve')
    const expiredAt = await expiryOf(key)
    if (expiredAt && expiredAt <= date)
      return new Failure('key-expired', { ...names, expiredAt: expiredAt.toISOString() }, { cause: error })
    return unfit(await otherwise(key, date))
  }
}

async function otherwise(key: openpgp.Key, date: Date): Promise<Unfit> {
  if (key.getCreationTime() > date) return 'key-not-yet'
  if (!(await hasIdentity(key, date))) return 'key-no-identity'
  if (isShort(key)) return 'key-too-short'
  const subkeys = key.subkeys.filter(mayEncrypt)
  if (subkeys.length === 0) return 'key-signs-only'
  if (subkeys.every(isShort)) return 'key-too-short'
  const revoked = await Promise.all(subkeys.map((subkey) => isRevoked(subkey, date)))
  return revoked.every(Boolean) ? 'key-revoked' : 'key-signature'
}

function curveOf(key: openpgp.Key | openpgp.Subkey): string {
  return key.getAlgorithmInfo().curve ?? ''
}

function isShort(key: openpgp.Key | openpgp.Subkey): boolean {
  const { algorithm, bits } = key.getAlgorithmInfo()
  return algorithm.startsWith('rsa') && bits !== undefined && bits < pgp.config.minRSABits
}

function mayEncrypt(subkey: openpgp.Subkey): boolean {
  if (!encrypting.has(subkey.getAlgorithmInfo().algorithm)) return false
  const flags = pgp.enums.keyFlags.encryptCommunication | pgp.enums.keyFlags.encryptStorage
  return subkey.bindingSignatures.some(({ keyFlags }) => !keyFlags || ((keyFlags[0] ?? 0) & flags) !== 0)
}

function hasIdentity(key: openpgp.Key, date: Date): Promise<boolean> {
  return key.getPrimaryUser(date, undefined, config()).then(
    () => true,
    () => false,
  )
}

function isRevoked(subkey: openpgp.Subkey, date: Date): Promise<boolean> {
  return subkey.verify(date, config()).then(
    () => false,
    // Its text is from openpgp.js 6.3.
    (error: unknown) => error instanceof Error && error.message.includes('revoked'),
  )
}

/** When the key, or the last of the subkeys that could encrypt, expired or expires. */
async function expiryOf(key: openpgp.Key): Promise<Date | undefined> {
  const whole = await key.getExpirationTime(undefined, config())
  if (whole instanceof Date && whole.getTime() <= Date.now()) return whole
  const able = key.subkeys.filter(mayEncrypt)
  const dates = await Promise.all(able.map((subkey) => subkey.getExpirationTime(subkey.getCreationTime(), config())))
  const last = dates.every((date) => date instanceof Date) ? latest(dates) : undefined
  return last ?? (whole instanceof Date ? whole : undefined)
}

/** Until when something can be encrypted to it; undefined: without end. One to which nothing can be encrypted any more: since when. */
export async function usableUntil(key: openpgp.Key, date: Date): Promise<Date | undefined> {
  const whole = await key.getExpirationTime(undefined, config())
  const ends: (Date | number)[] = []
  for (const part of [key, ...key.subkeys]) {
    const able = await key.getEncryptionKey(part.getKeyID(), date, undefined, config()).catch(() => undefined)
    if (able === undefined) continue
    const end = 'mainKey' in able ? await able.getExpirationTime(date, config()) : Number.POSITIVE_INFINITY
    if (end !== null) ends.push(end)
  }
  if (ends.length === 0) return expiryOf(key)
  const last = ends.every((end) => end instanceof Date) ? latest(ends) : undefined
  if (!(whole instanceof Date)) return last
  return last && last < whole ? last : whole
}

function latest(dates: readonly Date[]): Date | undefined {
  return dates.toSorted((a, b) => b.getTime() - a.getTime())[0]
}

/**
 * When its owner last signed anything about it that counts for encrypting: the newest of two copies of a key is the one with the later date
 * (in ms since 1970; 0: nothing holds). What others have signed, and what does not hold, is not looked at.
 */
export async function signedAt(key: openpgp.Key, date: Date): Promise<number> {
  const times: number[] = []
  const note = (signature: { created: Date | null } | undefined) => times.push(signature?.created?.getTime() ?? 0)
  note((await key.getPrimaryUser(date, undefined, config()).catch(() => undefined))?.selfCertification)
  for (const subkey of key.subkeys) note(await subkey.verify(date, config()).catch(() => undefined))
  return Math.max(...times)
}

// The session key of an OpenPGP message to an RSA key (RFC 4880, 5.1 and 13.1), opened by node:crypto: openpgp.js counts with BigInt where OpenSSL
// refuses PKCS #1 padding, which takes a tenth of a second. The padding is taken off here.
// Guarantees: what is not just as it should be is left to openpgp.js, which says what is wrong. AES only.
import { type BinaryToTextEncoding, constants, createPrivateKey, privateDecrypt } from 'node:crypto'

/** Numbers of an RSA key, big-endian, as openpgp.js 6.3 holds them. */
export interface RsaKey {
  readonly n: Uint8Array
  readonly e: Uint8Array
  readonly d: Uint8Array
  readonly p: Uint8Array
  readonly q: Uint8Array
  /** The inverse of p modulo q. */
  readonly u: Uint8Array
}

/** Bytes of a key by the number of its cipher (RFC 4880, 9.2): AES of 128, 192, 256 bits. */
const keyLengths: Readonly<Record<number, number>> = { 7: 16, 8: 24, 9: 32 }

/** `encrypted`: the number of the session key packet, big-endian. */
export function rsaSessionKey(
  encrypted: Uint8Array,
  key: RsaKey,
): { readonly cipher: number; readonly data: Uint8Array } | undefined {
  const length = key.n.length
  if (encrypted.length > length) return undefined
  const whole = Buffer.alloc(length)
  whole.set(encrypted, length - encrypted.length)
  try {
    return unpadded(privateDecrypt({ key: keyObject(key), padding: constants.RSA_NO_PADDING }, whole))
  } catch {
    return undefined
  }
}

/** OpenPGP's u is the coefficient of the primes in the other order. */
function keyObject({ n, e, d, p, q, u }: RsaKey) {
  const base: BinaryToTextEncoding = 'base64url'
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString(base)
  const jwk = { kty: 'RSA', n: text(n), e: text(e), d: text(d), p: text(q), q: text(p), qi: text(u) }
  return createPrivateKey({ key: { ...jwk, dp: text(reduced(d, q)), dq: text(reduced(d, p)) }, format: 'jwk' })
}

/** d modulo (prime − 1) */
function reduced(d: Uint8Array, prime: Uint8Array): Uint8Array {
  const number = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  const hex = (number(d) % (number(prime) - 1n)).toString(16)
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')
}

/** `00 02`, eight or more bytes that are not 0, `00`, the cipher, its key, the sum of the key's bytes. */
function unpadded(block: Buffer): { readonly cipher: number; readonly data: Uint8Array } | undefined {
  const end = block.indexOf(0, 2)
  if (block[0] !== 0 || block[1] !== 2 || end < 10) return undefined
  const cipher = block[end + 1] ?? 0
  const data = block.subarray(end + 2, -2)
  const sum = data.reduce((total, byte) => total + byte, 0) & 0xffff
  if (data.length !== keyLengths[cipher] || sum !== block.readUInt16BE(block.length - 2)) return undefined
  return { cipher, data: Uint8Array.from(data) }
}

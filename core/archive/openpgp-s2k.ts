// From a password to the key that opens a private key, as RFC 4880 (3.7.1.3) has it: salt and password hashed again and again, up to 65 MB of them.
// openpgp.js puts all of that into one piece of memory for each key of a pair, which is half of what a restore needs in all; here it is hashed in
// small pieces. Guarantees: the same key. Does not make the choice of salt, count or hash: those of the file count.
import { createHash } from 'node:crypto'
import type * as openpgp from 'openpgp'
import { pgp } from './openpgp-library.ts'

/** What openpgp.js 6.3 keeps in a private key that is locked. */
interface StringToKey {
  readonly type: string
  /** A number of RFC 4880, 9.4. */
  readonly algorithm: number
  readonly salt: Uint8Array
  getCount(): number
  produceKey(passphrase: string, bytes: number, config: unknown): Promise<Uint8Array>
}

/** Names of node:crypto where they are not those of openpgp.js. */
const names: Record<string, string> = { ripemd: 'ripemd160' }

const pieceSize = 64 * 1024

/** Lets the locked parts of this key make their keys here. */
export function hashInPieces(key: openpgp.PrivateKey): void {
  for (const { keyPacket } of key.getKeys()) {
    const { s2k } = keyPacket as { s2k?: StringToKey | null }
    if (s2k?.type !== 'iterated') continue
    s2k.produceKey = async (passphrase, bytes) => derive(s2k, Buffer.from(passphrase), bytes)
  }
}

function derive(s2k: StringToKey, passphrase: Uint8Array, bytes: number): Uint8Array {
  const digests: Buffer[] = []
  // A longer key than a digest: the next one is of the same after one zero byte more.
  for (let zeros = 0, length = 0; length < bytes; zeros += 1) {
    const digest = digestOf(s2k, passphrase, zeros)
    digests.push(digest)
    length += digest.length
  }
  return new Uint8Array(Buffer.concat(digests).subarray(0, bytes))
}

function digestOf(s2k: StringToKey, passphrase: Uint8Array, zeros: number): Buffer {
  const name = pgp.enums.read(pgp.enums.hash, s2k.algorithm)
  const hash = createHash(names[name] ?? name).update(Buffer.alloc(zeros))
  const once = Buffer.concat([s2k.salt, passphrase])
  const piece = Buffer.concat(Array.from({ length: Math.ceil(pieceSize / once.length) }, () => once))
  for (let left = Math.max(s2k.getCount(), once.length); left > 0; left -= piece.length)
    hash.update(left < piece.length ? piece.subarray(0, left) : piece)
  return hash.digest()
}

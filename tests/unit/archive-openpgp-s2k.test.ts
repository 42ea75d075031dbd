// The key that a password makes is the one that openpgp.js makes of it, for every hash and count that a key file may have.
import * as openpgp from 'openpgp'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadPgp } from '../../core/archive/openpgp-library.ts'
import { hashInPieces } from '../../core/archive/openpgp-s2k.ts'

let locked: openpgp.PrivateKey

beforeAll(async () => {
  await loadPgp()
  const { privateKey } = await openpgp.generateKey({
    type: 'ecc',
    userIDs: [{ name: 'x' }],
    passphrase: 'pass',
    format: 'object',
    config: { s2kType: openpgp.enums.s2k.iterated, s2kIterationCountByte: 0 },
  })
  locked = privateKey
})

interface Maker {
  algorithm: number
  c: number
  salt: Uint8Array
  produceKey(passphrase: string, bytes: number, config: unknown): Promise<Uint8Array>
}

const makers = () => locked.getKeys().map(({ keyPacket }) => (keyPacket as unknown as { s2k: Maker }).s2k)

describe.each(['md5', 'sha1', 'ripemd', 'sha256', 'sha384', 'sha512', 'sha224'] as const)('%s', (name) => {
  test.each([
    ['one byte', 1, 0],
    ['pass', 16, 0],
    ['pass', 24, 17],
    ['été et neige', 32, 96],
    ['a long one '.repeat(200), 32, 0],
  ])('%s: %d bytes at count %d', async (passphrase, bytes, count) => {
    const [first] = makers() as [Maker]
    Object.assign(first, { algorithm: openpgp.enums.hash[name], c: count })
    const { produceKey } = Object.getPrototypeOf(first)
    const expected = await produceKey.call(first, passphrase, bytes, openpgp.config)
    hashInPieces(locked)
    expect(Object.hasOwn(first, 'produceKey')).toBe(true)
    expect(Buffer.from(await first.produceKey(passphrase, bytes, openpgp.config)).equals(expected)).toBe(true)
  })
})

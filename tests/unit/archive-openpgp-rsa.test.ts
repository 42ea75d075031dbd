// The session key of a message to an RSA key, opened by OpenSSL: what it accepts, what it leaves to openpgp.js, and that it is used.
import { constants, generateKeyPairSync, publicEncrypt, randomBytes } from 'node:crypto'
import * as openpgp from 'openpgp'
import { describe, expect, it, vi } from 'vitest'
import { decrypt } from '../../core/archive/openpgp.ts'
import { type RsaKey, rsaSessionKey } from '../../core/archive/openpgp-rsa.ts'
import { bytesOf } from '../../core/lib/bytes.ts'
import { read } from '../suites/fixtures/streams.ts'
import { gnupg, makeKey } from './fixtures/gnupg.ts'

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const jwk = privateKey.export({ format: 'jwk' })
const bytes = (text: string | undefined) => new Uint8Array(Buffer.from(text ?? '', 'base64url'))
/** With the primes the other way round, as in OpenPGP. */
const numbers = {
  n: bytes(jwk.n),
  e: bytes(jwk.e),
  d: bytes(jwk.d),
  p: bytes(jwk.q),
  q: bytes(jwk.p),
  u: bytes(jwk.qi),
}
const key: RsaKey = numbers

const sumOf = (data: Uint8Array) => data.reduce((sum, byte) => sum + byte, 0) & 0xffff

function encrypted(cipher: number, data: Uint8Array, sum = sumOf(data)): Uint8Array {
  const payload = Buffer.concat([Uint8Array.of(cipher), data, Uint8Array.of(sum >> 8, sum & 0xff)])
  return publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, payload)
}

describe('a session key encrypted to an RSA key', () => {
  it.each([
    [7, 16],
    [8, 24],
    [9, 32],
  ])('of the cipher %i, %i bytes, opens', (cipher, length) => {
    for (let round = 0; round < 20; round += 1) {
      const data = randomBytes(length)
      expect(rsaSessionKey(encrypted(cipher, data), key)).toEqual({ cipher, data: new Uint8Array(data) })
    }
  })

  it('opens without the zeros that its number begins with', () => {
    const data = randomBytes(32)
    let sent = encrypted(9, data)
    while (sent[0] !== 0) sent = encrypted(9, data)
    expect(rsaSessionKey(sent.subarray(1), key)).toEqual({ cipher: 9, data: new Uint8Array(data) })
  })

  it('that is odd in any way is left to openpgp.js', () => {
    const data = randomBytes(32)
    const sent = encrypted(9, data)
    expect(rsaSessionKey(encrypted(9, data, sumOf(data) ^ 1), key)).toBeUndefined()
    expect(rsaSessionKey(encrypted(9, data.subarray(1)), key)).toBeUndefined()
    expect(rsaSessionKey(encrypted(2, data.subarray(8)), key)).toBeUndefined()
    expect(rsaSessionKey(Buffer.concat([sent, sent]), key)).toBeUndefined()
    expect(rsaSessionKey(randomBytes(256), key)).toBeUndefined()
    expect(rsaSessionKey(Buffer.alloc(0), key)).toBeUndefined()
  })

  it('of a message that GnuPG wrote is opened here', async () => {
    const gpg = gnupg()
    const made = makeKey(gpg, {
      parameters: 'Key-Type: RSA\nKey-Length: 3072\nExpire-Date: 0\nName-Real: Rsa',
      password: '',
    })
    const content = randomBytes(3000)
    const sent = gpg.run(['--encrypt', '-r', made.fingerprint], { input: content })
    gpg.close()
    const library = vi.spyOn(openpgp.PublicKeyEncryptedSessionKeyPacket.prototype as unknown as Deciding, 'decrypt')
    expect(await read(decrypt({ privateKeys: [made.privateKey], password: '' })(bytesOf(sent)))).toEqual(content)
    expect(library).not.toHaveBeenCalled()
  })
})

interface Deciding {
  decrypt(): unknown
}

// Which key opens a message, and what a message or a key file may ask of this computer.
import * as openpgp from 'openpgp'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { decrypt } from '../../core/archive/openpgp.ts'
import { checkKeyPassword } from '../../core/archive/openpgp-key.ts'
import { type Bytes, bytesOf } from '../../core/lib/bytes.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { inChunks, noise, read } from '../suites/fixtures/streams.ts'
import { type Gnupg, type GnupgKey, gnupg, makeKey } from './fixtures/gnupg.ts'

const data = noise(20_000)

let gpg: Gnupg
let site: GnupgKey
/** Without a password, so that it opens at once. */
let bare: GnupgKey
let fast: { privateKeys: string[]; password: string }

beforeAll(() => {
  gpg = gnupg()
  const parameters = 'Key-Type: RSA\nKey-Length: 2048\nExpire-Date: 0'
  site = makeKey(gpg, { parameters: `${parameters}\nName-Real: Site`, password: 'site password' })
  bare = makeKey(gpg, { parameters: `${parameters}\nName-Real: Bare`, password: '' })
  fast = { privateKeys: [bare.privateKey], password: '' }
})
afterAll(() => gpg.close())

/** A message as gpg makes it. */
function messageFor(key: GnupgKey, content: Uint8Array): Buffer {
  return gpg.run(['--encrypt', '-r', key.fingerprint], { input: content })
}

describe('work that a message or a key beside it asks for', () => {
  test('256 packets come before the data, no more', async () => {
    const sent = messageFor(bare, data)
    const marker = Buffer.from([0xca, 3, 0x50, 0x47, 0x50])
    const behind = (count: number) => Buffer.concat([...Array.from({ length: count }, () => marker), sent])
    expect((await read(decrypt(fast)(bytesOf(behind(255))))).equals(data)).toBe(true)
    let pulled = 0
    async function* source(): Bytes {
      for await (const chunk of inChunks(behind(100_000), 1000)) {
        pulled += chunk.length
        yield chunk
      }
    }
    expect(await failureOf(read(decrypt(fast)(source())))).toMatchObject({ code: 'damaged' })
    expect(pulled).toBeLessThan(4000)
  })

  test('a key of ours that opens is the only one that is unlocked', async () => {
    const sent = gpg.run(['--encrypt', '-R', bare.fingerprint], { input: data })
    const unlocked = vi.spyOn(openpgp.SecretKeyPacket.prototype as unknown as { decrypt(): unknown }, 'decrypt')
    const keys = [bare.privateKey, site.privateKey]
    expect((await read(decrypt({ privateKeys: keys, password: '' })(bytesOf(sent)))).equals(data)).toBe(true)
    expect(unlocked).not.toHaveBeenCalled()
    await failureOf(read(decrypt({ privateKeys: keys.slice(1), password: '' })(bytesOf(sent))))
    expect(unlocked).toHaveBeenCalled()
    unlocked.mockRestore()
  })

  test.each([
    { passes: 200, exponent: 18 },
    { passes: 1, exponent: 21 },
    { passes: 255, exponent: 31 },
  ])('a key that asks for $passes × 2^$exponent KiB is refused, and others are tried', async (asked) => {
    const costly = await costlyKey(asked)
    await expect(checkKeyPassword(costly, 'any')).rejects.toMatchObject({
      code: 'bad-key-file',
      details: { reason: `Argon2: ${asked.passes} × 2^${asked.exponent} KiB` },
    })
    const sent = gpg.run(['--encrypt', '-R', bare.fingerprint], { input: data })
    const keys = [costly, bare.privateKey]
    expect((await read(decrypt({ privateKeys: keys, password: '' })(bytesOf(sent)))).equals(data)).toBe(true)
  })

  test('a key with Argon2 of the usual size opens', async () => {
    const pair = await argonPair('argon two')
    await expect(checkKeyPassword(pair.privateKey.armor(), 'argon two')).resolves.toBeUndefined()
  })
})

/** As openpgp.js makes it for a small machine: RFC 9580, 3.7.1.4. */
async function argonPair(passphrase: string) {
  return openpgp.generateKey({
    type: 'ecc',
    userIDs: [{ name: 'Argon' }],
    passphrase,
    format: 'object',
    config: {
      s2kType: openpgp.enums.s2k.argon2,
      aeadProtect: true,
      s2kArgon2Params: { passes: 1, parallelism: 1, memoryExponent: 10 },
    },
  })
}

/** A key that asks for more work than anybody has; nobody knows its password. */
async function costlyKey({ passes, exponent }: { passes: number; exponent: number }): Promise<string> {
  const { privateKey } = await argonPair('unknown')
  for (const { keyPacket } of privateKey.getKeys())
    Object.assign((keyPacket as unknown as { s2k: object }).s2k, { t: passes, encodedM: exponent })
  return privateKey.armor()
}

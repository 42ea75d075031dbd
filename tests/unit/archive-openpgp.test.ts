// OpenPGP messages, both ways, against GnuPG 2.2; damage is always seen, and no more is read than is asked for.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keyIdsOf } from '../../core/archive/archive.ts'
import { decrypt, encrypt } from '../../core/archive/openpgp.ts'
import { type Bytes, bytesOf } from '../../core/lib/bytes.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { inChunks, noise, randomNumbers, read } from '../suites/fixtures/streams.ts'
import { type Gnupg, type GnupgKey, gnupg, makeKey } from './fixtures/gnupg.ts'

const password = 'пароль é 日本 with  spaces '
const data = noise(200_000)

let gpg: Gnupg
let site: GnupgKey
let escrow: GnupgKey
/** Without a password, so that it opens at once: for what is done hundreds of times. */
let bare: GnupgKey
/** Likewise, and it takes AES-256 only. */
let plain: GnupgKey
let unlock: { privateKeys: string[]; password: string }
let fast: { privateKeys: string[]; password: string }

beforeAll(() => {
  gpg = gnupg()
  site = makeKey(gpg, {
    parameters: 'Key-Type: RSA\nKey-Length: 2048\nName-Real: LabBook Backup Key\nExpire-Date: 0',
    password,
  })
  escrow = makeKey(gpg, { parameters: curve25519, password })
  bare = makeKey(gpg, { parameters: 'Key-Type: RSA\nKey-Length: 2048\nName-Real: Bare\nExpire-Date: 0', password: '' })
  plain = makeKey(gpg, {
    parameters: 'Key-Type: RSA\nKey-Length: 2048\nName-Real: Plain\nPreferences: AES256\nExpire-Date: 0',
    password: '',
  })
  unlock = { privateKeys: [site.privateKey], password }
  fast = { privateKeys: [bare.privateKey], password: '' }
})
afterAll(() => gpg.close())

const curve25519 = 'Key-Type: eddsa\nKey-Curve: ed25519\nSubkey-Type: ecdh\nSubkey-Curve: cv25519\nName-Real: Escrow'

/** A message as gpg makes it. */
function messageFor(key: GnupgKey, content: Uint8Array, ...options: string[]): Buffer {
  return gpg.run(['--encrypt', '-r', key.fingerprint, ...options], { input: content })
}

const message = (content: Uint8Array, ...options: string[]) => messageFor(site, content, ...options)

/** Counts what is pulled, and that it is closed. */
function counted(input: Uint8Array, size: number) {
  const seen = { pulled: 0, closed: 0 }
  async function* source(): Bytes {
    try {
      for await (const chunk of inChunks(input, size)) {
        seen.pulled += chunk.length
        yield chunk
      }
    } finally {
      seen.closed += 1
    }
  }
  return { seen, source }
}

describe('what is written', () => {
  test.each([1, 1000, 70_000, 200_000])('gpg opens, for each recipient, from chunks of %d', async (size) => {
    const content = size === 1 ? data.subarray(0, 5000) : data
    const sent = await read(encrypt([site.publicKey, escrow.publicKey])(inChunks(content, size)))
    const done = gpg.try(['--decrypt'], { input: sent, password })
    expect(done.status).toBe(0)
    expect(done.stdout.equals(content)).toBe(true)
    for (const { privateKey } of [site, escrow]) {
      const back = await read(decrypt({ privateKeys: [privateKey], password })(inChunks(sent, size)))
      expect(back.equals(content)).toBe(true)
    }
    expect(await keyIdsOf(bytesOf(sent))).toHaveLength(2)
  })

  test('is AES-256 with integrity code, uncompressed, whatever the recipient prefers', async () => {
    const prefers = makeKey(gpg, {
      parameters: 'Key-Type: RSA\nKey-Length: 2048\nName-Real: Old\nPreferences: 3DES ZLIB SHA1\nExpire-Date: 0',
      password,
    })
    const sent = await read(encrypt([prefers.publicKey])(bytesOf('a'.repeat(10_000))))
    const packets = gpg.run(['--list-packets'], { input: sent, password }).toString()
    expect(packets).toMatch(/:encrypted data packet:\n.*\n\s+mdc_method: 2/)
    expect(packets).toMatch(/:literal data packet:\n\s+mode b/)
    expect(packets).not.toContain('compressed packet')
    expect(packets).not.toContain('aead')
    expect(gpg.try(['--decrypt', '--show-session-key'], { input: sent, password }).stderr).toMatch(/session key: '9:/)
  })

  test('an empty input is a message too', async () => {
    const sent = await read(encrypt([site.publicKey])(inChunks(Buffer.alloc(0), 1)))
    expect(gpg.run(['--decrypt'], { input: sent, password })).toHaveLength(0)
    expect(await read(decrypt(unlock)(bytesOf(sent)))).toHaveLength(0)
  })

  test('recipients that cannot be used fail before the input is pulled', async () => {
    const old = ['--faked-system-time', '20200101T000000']
    const said = gpg.try([...old, '--status-fd', '1', '--full-gen-key'], {
      input: 'Key-Type: RSA\nKey-Length: 2048\nName-Real: Expired\nExpire-Date: 1y\n%no-protection\n%commit\n',
    })
    const fingerprint = /KEY_CREATED . ([0-9A-F]{40})/.exec(said.stdout.toString())?.[1] ?? ''
    const expired = gpg.run(['--armor', '--export', fingerprint]).toString()
    const signOnly = makeKey(gpg, {
      parameters: 'Key-Type: eddsa\nKey-Curve: ed25519\nName-Real: Signs\nExpire-Date: 0',
      password,
    })
    const { seen, source } = counted(data, 1000)
    const codes: [string[], string][] = [
      [[site.publicKey, expired], 'key-expired'],
      [[site.publicKey, signOnly.publicKey], 'key-unusable'],
      [['no key at all'], 'bad-key-file'],
      [[], 'no-key'],
    ]
    for (const [keys, code] of codes) expect((await failureOf(read(encrypt(keys)(source())))).code).toBe(code)
    expect(seen.pulled).toBe(0)
    const failure = await failureOf(read(encrypt([expired])(source())))
    expect(failure.details).toMatchObject({ fingerprint, expiredAt: expect.stringMatching(/^202[01]-/) })
  })

  test('what the input throws is thrown unchanged', async () => {
    async function* failing(): Bytes {
      yield data
      throw new RangeError('of the input')
    }
    await expect(read(encrypt([site.publicKey])(failing()))).rejects.toThrow(RangeError)
  })
})

describe('what gpg writes', () => {
  test.each(['none', 'zip', 'zlib', 'bzip2'])('opens with compression %s', async (algorithm) => {
    const content = Buffer.concat([Buffer.from('text that repeats '.repeat(20_000)), data])
    const sent = message(content, '--compress-algo', algorithm)
    expect((await read(decrypt(unlock)(inChunks(sent, 5000)))).equals(content)).toBe(true)
  })

  test.each(['AES256', 'AES192', 'AES', '3DES', 'CAST5', 'TWOFISH', 'BLOWFISH'])(
    'opens with cipher %s, also where the key would rather have another',
    async (cipher) => {
      const sent = messageFor(plain, data.subarray(0, 20_000), '--cipher-algo', cipher)
      const opened = decrypt({ privateKeys: [plain.privateKey], password: '' })(bytesOf(sent))
      expect((await read(opened)).equals(data.subarray(0, 20_000))).toBe(true)
    },
  )

  test.each([
    ['IDEA', 'IDEA'],
    ['CAMELLIA256', 'Camellia'],
  ])('calls the cipher %s by its name, because it is not read', async (cipher, reason) => {
    const failure = await failureOf(read(decrypt(fast)(bytesOf(messageFor(bare, data, '--cipher-algo', cipher)))))
    expect(failure).toMatchObject({ code: 'unsupported-format', details: { reason: `OpenPGP: ${reason}` } })
  })

  test.each([
    ['Curve25519', curve25519],
    ['NIST P-256', 'Key-Type: ecdsa\nKey-Curve: nistp256\nSubkey-Type: ecdh\nSubkey-Curve: nistp256'],
    ['DSA and ElGamal', 'Key-Type: DSA\nKey-Length: 1024\nSubkey-Type: ELG\nSubkey-Length: 1024'],
    ['RSA with a subkey', 'Key-Type: RSA\nKey-Length: 2048\nKey-Usage: sign\nSubkey-Type: RSA\nSubkey-Length: 2048'],
    ['RSA-1024', 'Key-Type: RSA\nKey-Length: 1024'],
  ])('opens with a key of kind %s, among others', async (_, parameters) => {
    const key = makeKey(gpg, {
      parameters: `${parameters}\nName-Comment: other\nName-Email: other@example.org`,
      password,
    })
    const sent = gpg.run(['--encrypt', '-r', key.fingerprint], { input: data })
    const keys = [site.privateKey, 'damaged', key.privateKey]
    expect((await read(decrypt({ privateKeys: keys, password })(bytesOf(sent)))).equals(data)).toBe(true)
  })

  test('opens with a key that has no password', async () => {
    const key = makeKey(gpg, { parameters: 'Key-Type: RSA\nKey-Length: 2048\nName-Real: Bare', password: '' })
    const sent = gpg.run(['--encrypt', '-r', key.fingerprint], { input: data })
    expect((await read(decrypt({ privateKeys: [key.privateKey], password: '' })(bytesOf(sent)))).equals(data)).toBe(
      true,
    )
  })

  test('opens when the recipient is hidden, by trying each key', async () => {
    const sent = gpg.run(['--encrypt', '-R', site.fingerprint, '-R', escrow.fingerprint], { input: data })
    expect(await keyIdsOf(bytesOf(sent))).toEqual([])
    for (const keys of [[site.privateKey], [escrow.privateKey], [escrow.privateKey, site.privateKey]]) {
      expect((await read(decrypt({ privateKeys: keys, password })(bytesOf(sent)))).equals(data)).toBe(true)
    }
    const other = makeKey(gpg, { parameters: 'Key-Type: RSA\nKey-Length: 2048\nName-Real: Stranger', password })
    const failure = await failureOf(read(decrypt({ privateKeys: [other.privateKey], password })(bytesOf(sent))))
    expect(failure.code).toBe('wrong-key')
  })

  test('a signed message opens; what is not encrypted for a key, or not safe, is refused', async () => {
    const signed = gpg.run(['--sign', '--encrypt', '-u', site.fingerprint, '-r', site.fingerprint], {
      input: data,
      password,
    })
    expect((await read(decrypt(unlock)(bytesOf(signed)))).equals(data)).toBe(true)
    const cases: [string, string[]][] = [
      ['unsupported-format', ['--symmetric']],
      ['unsupported-format', ['--encrypt', '-r', site.fingerprint, '--rfc2440', '--disable-mdc']],
      ['damaged', ['--sign', '-u', site.fingerprint]],
      ['damaged', ['--encrypt', '--armor', '-r', site.fingerprint]],
    ]
    for (const [code, args] of cases) {
      const made = gpg.run(args, { input: data, password })
      expect([args, (await failureOf(read(decrypt(unlock)(bytesOf(made))))).code]).toEqual([args, code])
    }
  })
})

describe('refusals', () => {
  test('a wrong password and a wrong key are told after the first packets', async () => {
    const sent = message(data)
    const other = makeKey(gpg, { parameters: 'Key-Type: RSA\nKey-Length: 2048\nName-Real: Stranger', password })
    const cases: [string, { privateKeys: string[]; password: string }][] = [
      ['wrong-password', { ...unlock, password: `${password} ` }],
      ['wrong-password', { ...unlock, password: '' }],
      ['wrong-key', { privateKeys: [other.privateKey], password }],
      ['wrong-key', { privateKeys: [], password }],
      ['bad-key-file', { privateKeys: ['nothing'], password }],
      ['bad-key-file', { privateKeys: [site.publicKey], password }],
    ]
    for (const [code, given] of cases) {
      const { seen, source } = counted(sent, 100)
      expect((await failureOf(read(decrypt(given)(source())))).code).toBe(code)
      expect(seen).toEqual({ pulled: expect.any(Number), closed: 1 })
      expect(seen.pulled).toBeLessThanOrEqual(500)
    }
    const failure = await failureOf(read(decrypt({ privateKeys: [other.privateKey], password })(bytesOf(sent))))
    expect(failure.details).toEqual({ keyIds: [site.fingerprint.slice(24)] })
  })

  test('the same letters in another Unicode form open too', async () => {
    const key = makeKey(gpg, {
      parameters: 'Key-Type: RSA\nKey-Length: 2048\nName-Real: NFC',
      password: 'clé'.normalize('NFC'),
    })
    const sent = gpg.run(['--encrypt', '-r', key.fingerprint], { input: data })
    const given = { privateKeys: [key.privateKey], password: 'clé'.normalize('NFD') }
    expect((await read(decrypt(given)(bytesOf(sent)))).equals(data)).toBe(true)
  })
})

describe('damage', () => {
  const small = noise(3000)

  test.each(['ours', 'gpg', 'gpg, compressed'])('an early end is seen wherever it is (%s)', async (made) => {
    const options = ['--compress-algo', made === 'gpg' ? 'none' : 'zlib']
    const sent =
      made === 'ours'
        ? await read(encrypt([bare.publicKey])(inChunks(small, 100)))
        : messageFor(bare, small, ...options)
    const cuts = Array.from({ length: 150 }, (_, index) => Math.floor((index * sent.length) / 150))
    for (const cut of [...cuts, ...borders(sent), sent.length - 1]) {
      const failure = await failureOf(read(decrypt(fast)(inChunks(sent.subarray(0, cut), 1000))))
      expect([cut, failure.code]).toEqual([cut, 'truncated'])
    }
  })

  test.each(['ours', 'gpg, compressed'])('every flipped bit is seen (%s)', async (made) => {
    const sent =
      made === 'ours'
        ? await read(encrypt([bare.publicKey])(bytesOf(small)))
        : messageFor(bare, small, '--compress-algo', 'zip')
    const next = randomNumbers(23)
    for (let round = 0; round < 120; round += 1) {
      const copy = Buffer.from(sent)
      const at = round < 40 ? round : next() % copy.length
      copy[at] = (copy[at] as number) ^ (1 << (next() % 8))
      const result = await read(decrypt(fast)(inChunks(copy, 700))).then(
        (back) => (back.equals(small) ? 'intact' : 'WRONG DATA'),
        (error) => error.code,
      )
      const harmless = isHarmless(at)
      expect([at, result]).toEqual([at, harmless ? expect.anything() : expect.stringMatching(failures)])
      expect(result).not.toBe('WRONG DATA')
    }
  })

  test('bytes after the message are damage', async () => {
    const sent = messageFor(bare, small)
    for (const rest of [Buffer.from('x'), Buffer.alloc(10), sent]) {
      const failure = await failureOf(read(decrypt(fast)(bytesOf(Buffer.concat([sent, rest])))))
      expect(failure.code).toBe('damaged')
    }
  })

  test('what the input throws is thrown unchanged', async () => {
    const sent = messageFor(bare, data)
    for (const cut of [0, 100, 600, 100_000, sent.length]) {
      async function* failing(): Bytes {
        yield sent.subarray(0, cut)
        throw new RangeError('of the input')
      }
      await expect(read(decrypt(fast)(failing()))).rejects.toThrow(RangeError)
    }
  })
})

const failures = /^(?:damaged|truncated|wrong-key|unsupported-format)$/

/** The byte that names the algorithm of the session key: 1, 2 and 3 all mean RSA. */
function isHarmless(at: number): boolean {
  return at === 12
}

/** Where packets and their parts begin. */
function borders(sent: Buffer): number[] {
  const found: number[] = []
  const first = sent.readUInt8(0)
  let at = first & 0x40 ? newLength(sent, 1).next : 3 + sent.readUInt16BE(1)
  if (first & 0x40) at += newLength(sent, 1).length
  found.push(at, at + 1)
  at += 1
  for (let partial = true; partial; ) {
    const length = newLength(sent, at)
    at = length.next + length.length
    partial = length.partial
    if (at < sent.length) found.push(length.next, at, at + 1)
  }
  return found.filter((border) => border < sent.length)
}

function newLength(data: Buffer, at: number): { length: number; next: number; partial: boolean } {
  const first = data.readUInt8(at)
  if (first < 192) return { length: first, next: at + 1, partial: false }
  if (first < 224) return { length: ((first - 192) << 8) + data.readUInt8(at + 1) + 192, next: at + 2, partial: false }
  if (first < 255) return { length: 2 ** (first & 31), next: at + 1, partial: true }
  return { length: data.readUInt32BE(at + 1), next: at + 5, partial: false }
}

describe('flow', () => {
  /** `megabytes` of the same noise, in chunks of 256 KiB. */
  function large(megabytes: number) {
    const seen = { pulled: 0, closed: 0 }
    const chunk = noise(256 * 1024)
    async function* source(): Bytes {
      try {
        for (let left = megabytes * 4; left > 0; left -= 1) {
          seen.pulled += chunk.length
          yield chunk
        }
      } finally {
        seen.closed += 1
      }
    }
    return { seen, source }
  }

  test('a slow reader holds the source back, through both stages', async () => {
    const { seen, source } = large(20)
    const output = decrypt(fast)(encrypt([bare.publicKey])(source()))[Symbol.asyncIterator]()
    let taken = 0
    let most = 0
    for (let next = await output.next(); !next.done; next = await output.next()) {
      taken += next.value.length
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
      most = Math.max(most, seen.pulled - taken)
    }
    expect(taken).toBe(20 * 2 ** 20)
    expect(most).toBeLessThan(6 * 2 ** 20)
    expect(seen.closed).toBe(1)
  })

  test('leaving early closes the source, through both stages', async () => {
    for (const stop of [1, 3_000_000]) {
      const { seen, source } = large(100)
      let taken = 0
      for await (const chunk of decrypt(fast)(encrypt([bare.publicKey])(source()))) {
        taken += chunk.length
        if (taken >= stop) break
      }
      expect(seen.closed).toBe(1)
      expect(seen.pulled - taken).toBeLessThan(6 * 2 ** 20)
    }
  })

  test('memory does not grow with the data', async () => {
    const { source } = large(300)
    let taken = 0
    let early = 0
    let late = 0
    for await (const chunk of decrypt(fast)(encrypt([bare.publicKey])(source()))) {
      taken += chunk.length
      const { rss } = process.memoryUsage()
      if (taken < 60 * 2 ** 20) early = Math.max(early, rss)
      else late = Math.max(late, rss)
    }
    expect(taken).toBe(300 * 2 ** 20)
    expect(late - early).toBeLessThan(100 * 2 ** 20)
  }, 60_000)
})

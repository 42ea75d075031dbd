// The whole archive: what Arche writes opens with `gpg -d | tar xz`, and what `tar cz | gpg -e` writes opens here. Nothing that is not
// whole ends well.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Entry, type Head, openArchive, writeArchive } from '../../core/archive/archive.ts'
import { encrypt } from '../../core/archive/openpgp.ts'
import { packTar } from '../../core/archive/tar.ts'
import { type Bytes, bytesOf } from '../../core/lib/bytes.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { inChunks, noise, randomNumbers, read } from '../suites/fixtures/streams.ts'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'
import { type Gnupg, type GnupgKey, gnupg, makeKey } from './fixtures/gnupg.ts'
import { describeEntries, describeTree, entriesOf, makeTree } from './fixtures/trees.ts'

const head: Head = { arche: 1, plan: 'p', host: 'h', createdAt: '2026-03-02T12:00:00Z', roots: [], files: 1, bytes: 2 }

let gpg: Gnupg
let key: GnupgKey
let unlock: { privateKeys: string[]; password: string }
beforeAll(() => {
  gpg = gnupg()
  key = makeKey(gpg, { parameters: 'Key-Type: RSA\nKey-Length: 2048\nName-Real: Bare', password: '' })
  unlock = { privateKeys: [key.privateKey], password: '' }
})
afterAll(() => gpg.close())

async function* listOf(...entries: Entry[]): AsyncGenerator<Entry> {
  yield* entries
}

function file(path: string, content: Uint8Array): Entry {
  return { path, type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, size: content.length, body: bytesOf(content) }
}

const made = () =>
  read(writeArchive(head, listOf(file('a', noise(20_000)), file('b', Buffer.from('end'))), [key.publicKey]))

async function contents(input: Bytes): Promise<string[]> {
  return describeEntries((await openArchive(input, unlock)).entries)
}

describe('an archive', () => {
  test('of Arche opens with gpg -d | tar xz, exactly', async () => {
    const folder = temporaryFolder()
    const [source, target] = [join(folder, 'in'), join(folder, 'out')]
    for (const path of [source, target]) mkdirSync(path)
    makeTree(source)
    const archive = await read(writeArchive(head, entriesOf(source), [key.publicKey]))
    const command = 'gpg --batch --no-tty -q -d | tar xzpf - --warning=no-timestamp -C "$0"'
    const done = spawnSync('bash', ['-o', 'pipefail', '-c', command, target], { input: archive, env: gpg.env })
    expect([done.status, done.stderr.toString()]).toEqual([0, ''])
    expect(describeTree(target)).toEqual(describeTree(source))
    expect(await contents(inChunks(archive, 1000))).toEqual(describeTree(source))
  })

  test('of tar cz | gpg -e opens here, exactly', async () => {
    const folder = temporaryFolder()
    makeTree(folder)
    const command = `tar --format=pax --sort=name -C "$0" -cz . | gpg --batch --trust-model always -e -r ${key.fingerprint}`
    const options = {
      env: { ...gpg.env, LC_ALL: 'C.UTF-8' },
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'ignore'] as const,
    }
    const archive = execFileSync('bash', ['-o', 'pipefail', '-c', command, folder], {
      ...options,
      stdio: [...options.stdio],
    })
    const { head: none, entries } = await openArchive(inChunks(archive, 4096), unlock)
    expect(none).toBeUndefined()
    const found = (await describeEntries(entries)).filter(
      (line) => !line.startsWith('[".",') && !line.startsWith('["",'),
    )
    expect(found).toEqual(describeTree(folder))
  })

  test('tells its head before anything else, and can be closed then', async () => {
    const archive = await made()
    let closed = 0
    async function* source(): Bytes {
      try {
        yield* inChunks(archive, 100)
      } finally {
        closed += 1
      }
    }
    const opened = await openArchive(source(), unlock)
    expect(opened.head).toEqual(head)
    await opened.close()
    expect(closed).toBe(1)
    await failureOf(openArchive(source(), { ...unlock, privateKeys: [] }))
    expect(closed).toBe(2)
  })

  test('comes back byte by byte', async () => {
    const archive = await made()
    expect(await contents(inChunks(archive, 1))).toEqual(await contents(bytesOf(archive)))
  })
})

describe('damage', () => {
  test('cut anywhere, it never ends well', async () => {
    const archive = await made()
    const next = randomNumbers(31)
    for (let round = 0; round < 60; round += 1) {
      const cut = round < 20 ? archive.length - 1 - round : next() % archive.length
      const failure = await failureOf(contents(inChunks(archive.subarray(0, cut), 5000)))
      expect([cut, failure.code]).toEqual([cut, 'truncated'])
    }
  })

  test('with any bit flipped, it never ends well', async () => {
    const archive = await made()
    const next = randomNumbers(37)
    for (let round = 0; round < 60; round += 1) {
      const copy = Buffer.from(archive)
      // The first bytes say whom it is for; some bits of them mean nothing.
      const at = 300 + (next() % (copy.length - 300))
      copy[at] = (copy[at] as number) ^ (1 << (next() % 8))
      const failure = await failureOf(contents(inChunks(copy, 5000)))
      expect([at, failure.code]).toEqual([at, expect.stringMatching(/^(?:damaged|truncated|unsupported-format)$/)])
    }
  })

  test('what is well encrypted but not whole inside is seen too', async () => {
    const tar = await read(packTar(head, listOf(file('a', noise(5000)))))
    const packed = gzipSync(tar)
    const inside: [string, Uint8Array, string][] = [
      ['no end of archive', gzipSync(tar.subarray(0, 512 * 13)), 'truncated'],
      ['a body cut', gzipSync(tar.subarray(0, 3000)), 'truncated'],
      ['a gzip cut in its check', packed.subarray(0, -3), 'truncated'],
      ['a gzip cut in the padding', packed.subarray(0, -12), 'truncated'],
      ['a wrong gzip check', Buffer.concat([packed.subarray(0, -8), Buffer.alloc(4), packed.subarray(-4)]), 'damaged'],
      ['no archive', noise(5000), 'damaged'],
      ['nothing', new Uint8Array(0), 'truncated'],
    ]
    for (const [what, data, code] of inside) {
      const sent = await read(encrypt([key.publicKey])(bytesOf(data)))
      expect([what, (await failureOf(contents(bytesOf(sent)))).code]).toEqual([what, code])
    }
  })
})

// Zstandard, both ways, beside the `zstd` program; frames that would take memory or are not whole are refused; and what a plan may choose.
import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseArtifactName } from '../../core/api/backup-name.ts'
import { Compression, PackFormat } from '../../core/api/plan.ts'
import { type Entry, openArchive, writeArchive } from '../../core/archive/archive.ts'
import { unzstd } from '../../core/archive/zstd.ts'
import { type Bytes, bytesOf } from '../../core/lib/bytes.ts'
import { artifactName } from '../../core/targets/names.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { inChunks, noise, randomNumbers, read } from '../suites/fixtures/streams.ts'
import { zstd } from '../support/compressing.ts'
import { type Gnupg, type GnupgKey, gnupg, makeKey } from './fixtures/gnupg.ts'

const MiB = 1024 * 1024

/** Words by chance, some of them often: the longer is searched, the smaller it gets. */
function prose(length: number): Buffer {
  const next = randomNumbers(3)
  const word = () => ((next() % 60) * (next() % 60)).toString(33).repeat(1 + (next() % 2))
  return Buffer.from(Array.from({ length: length / 2 + 1 }, word).join(' ')).subarray(0, length)
}

function program(args: readonly string[], input: Uint8Array): Buffer {
  const { status, stdout, stderr } = spawnSync('zstd', args, { input, maxBuffer: 64 * MiB })
  expect([status, stderr.toString()]).toEqual([0, ''])
  return stdout
}

describe('zstd', () => {
  test.each(Compression.options)('the program opens what is written with %s', async (level) => {
    for (const length of [0, 1, 300_000, MiB, 3 * MiB + 17]) {
      for (const data of [prose(length), noise(length + 4).subarray(0, length)]) {
        const packed = await read(zstd(level)(inChunks(data, 70_000)))
        expect(program(['-dcq'], packed).equals(data)).toBe(true)
        expect((await read(unzstd()(inChunks(packed, 9000)))).equals(data)).toBe(true)
      }
    }
  })

  test('frames of the program are read, with and without what they may tell', async () => {
    const data = prose(200_000)
    for (const args of [['-cq'], ['-cq', '--no-check'], ['-cq', '-19'], ['-cq', '--no-content-size']]) {
      for (const size of [13, 100_000]) {
        expect((await read(unzstd()(inChunks(program(args, data), size)))).equals(data)).toBe(true)
      }
    }
  })

  test('an early end is seen wherever it is, and what is no frame is damage', async () => {
    const packed = await read(zstd()(bytesOf(prose(5000))))
    for (let cut = 0; cut < packed.length; cut += 7) {
      const failure = await failureOf(read(unzstd()(inChunks(packed.subarray(0, cut), 100))))
      expect([cut, failure.code]).toEqual([cut, 'truncated'])
    }
    const broken = Buffer.from(packed)
    // The kind of the first block: one that does not exist.
    broken[6] = (broken[6] as number) | 6
    const cases: Uint8Array[] = [broken, Buffer.concat([packed, Buffer.from('else')]), prose(100)]
    for (const file of cases) expect((await failureOf(read(unzstd()(bytesOf(file))))).code).toBe('damaged')
  })

  test('a frame that would fill the memory is refused before it is decoded', async () => {
    const repeated = Buffer.alloc(4)
    repeated.writeUIntLE((128 * 1024 * 8) | 2, 0, 3)
    const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 11 << 3])
    const bomb = Buffer.concat([head, ...Array.from({ length: 10_000 }, () => repeated)])
    expect((await failureOf(read(unzstd()(bytesOf(bomb))))).code).toBe('unsupported-format')
    const single = program(['-cq'], noise(6 * MiB))
    expect((await failureOf(read(unzstd()(bytesOf(single))))).code).toBe('unsupported-format')
  })
})

describe('a plan chooses', () => {
  let gpg: Gnupg
  let key: GnupgKey
  beforeAll(() => {
    gpg = gnupg()
    key = makeKey(gpg, { parameters: 'Key-Type: RSA\nKey-Length: 2048\nName-Real: Bare', password: '' })
  })
  afterAll(() => gpg.close())

  const data = prose(3 * MiB)
  async function* entries(): AsyncGenerator<Entry> {
    const body = inChunks(data, 200_000)
    yield { path: 'a', type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, size: data.length, body }
  }

  test.each(PackFormat.options)('%s: tar opens it, and we do, at each compression', async (format) => {
    const sizes: number[] = []
    for (const compression of Compression.options) {
      const archive = await read(writeArchive(undefined, entries(), [key.publicKey], { format, compression }))
      sizes.push(archive.length)
      const option = format === 'tar.zst.gpg' ? '--zstd' : '-z'
      const command = `gpg --batch --no-tty -q -d | tar ${option} -xO a`
      const done = spawnSync('bash', ['-o', 'pipefail', '-c', command], {
        input: archive,
        env: gpg.env,
        maxBuffer: 64 * MiB,
      })
      expect([done.status, done.stdout.equals(data)]).toEqual([0, true])
      const opened = await openArchive(inChunks(archive, 50_000), { privateKeys: [key.privateKey], password: '' })
      for await (const { path, body } of opened.entries)
        expect([path, (await read(body as Bytes)).equals(data)]).toEqual(['a', true])
    }
    const [none = 0, fast = 0, balanced = 0, small = 0] = sizes
    expect(none).toBeGreaterThan(data.length)
    expect([fast < none, balanced < fast, small < balanced]).toEqual([true, true, true])
  })

  test('the name says which one', () => {
    const when = new Date(2026, 2, 2, 12, 0, 5)
    const name = artifactName('Documents', when, 'tar.zst.gpg')
    expect(name).toBe('backup_v30_Documents_2026-03-02_12h00m05s.tar.zst.gpg')
    expect(parseArtifactName(name)).toMatchObject({ format: '3.0', name: 'Documents', time: when })
    expect(parseArtifactName(name.replace('zst', 'xz'))).toBeUndefined()
  })
})

// Zstandard, both ways, beside the `zstd` program; frames that would take memory or are not whole are refused. What a plan may choose: suites/recipe.test.ts.
import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { Compression } from '../../core/api/plan.ts'
import { packed } from '../../core/archive/packing.ts'
import { inlinePools } from '../../core/archive/pools.ts'
import { unzstd } from '../../core/archive/zstd.ts'
import { bytesOf } from '../../core/lib/bytes.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { inChunks, noise, randomNumbers, read } from '../suites/fixtures/streams.ts'
import { zstd } from '../support/compressing.ts'

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

test('a checksum is that of libzstd, for content of every length', async () => {
  for (const level of Compression.options) {
    for (const length of [0, 1, 3, 4, 7, 8, 31, 32, 33, 63, 64, 100, 1000, 65_537, MiB]) {
      const data = noise(length + 8, length).subarray(3, 3 + length)
      const frame = await read(packed(pieces(data), { format: 'tar.zst', compression: level }, inlinePools().pack))
      expect((frame[4] as number) & 4).toBe(4)
      expect(program(['-dcq'], frame).equals(data)).toBe(true)
      const sum = frame.length - 1
      frame[sum] = (frame[sum] as number) ^ 1
      expect((await failureOf(read(unzstd()(bytesOf(frame))))).code).toBe('damaged')
      expect(spawnSync('zstd', ['-tq'], { input: frame }).status).toBe(1)
    }
  }
})

async function* pieces(data: Uint8Array): AsyncGenerator<Uint8Array> {
  yield data
}

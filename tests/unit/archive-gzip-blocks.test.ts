// Compression in blocks: what leaves it is an ordinary gzip file, small where that is possible and no larger than its input where it is not.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { gunzip } from '../../core/archive/gzip.ts'
import { type Bytes, collect, pipe } from '../../core/lib/bytes.ts'
import { gzip } from '../support/compressing.ts'

const MiB = 1024 * 1024

async function* pieces(data: Uint8Array, size: number): Bytes {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size)
}

/** Bytes that cannot be compressed, the same each time. */
function noise(length: number): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < length; at += 64) parts.push(createHash('sha512').update(`${at}`).digest())
  return Buffer.concat(parts).subarray(0, length)
}

function prose(length: number): Buffer {
  const words = ['patient', 'sample', 'result', 'haemoglobin', 'glucose', 'reference', 'laboratory', 'normal']
  let text = ''
  for (let at = 0; text.length < length; at += 1) text += `${words[(at * 7919) % 8]} ${(at * 104729) % 9973}\n`
  return Buffer.from(text).subarray(0, length)
}

function native(file: Uint8Array): Buffer {
  const { status, stdout, stderr } = spawnSync('gzip', ['-dc'], { input: file, maxBuffer: 64 * MiB })
  expect([status, stderr.toString()]).toEqual([0, ''])
  return stdout
}

describe('gzip in blocks', () => {
  it.each([0, 1, MiB - 1, MiB, MiB + 1, 3 * MiB, 5 * MiB + 17])(
    'gzip opens %i bytes of either kind',
    async (length) => {
      for (const data of [prose(length), noise(length)]) {
        const file = await collect(pipe(pieces(data, 70_000), gzip()))
        expect(native(file).equals(data)).toBe(true)
        const back = await collect(pipe(pieces(file, 1000), gunzip()))
        expect(Buffer.from(back).equals(data)).toBe(true)
      }
    },
  )

  it('is within three hundredths of the size of gzip -6', async () => {
    const data = prose(8 * MiB)
    const ours = await collect(pipe(pieces(data, 100_000), gzip()))
    expect(ours.length / gzipSync(data, { level: 6 }).length).toBeLessThan(1.03)
  })

  it('keeps what does not compress as it is, a few bytes a block more', async () => {
    const data = noise(4 * MiB)
    const file = await collect(pipe(pieces(data, 100_000), gzip()))
    expect(file.length - data.length).toBeLessThan(4 * 400)
    // Stored blocks hold the input verbatim.
    expect(Buffer.from(file).includes(data.subarray(100_000, 110_000))).toBe(true)
  })

  it('still compresses a block whose samples look random but for one', async () => {
    const data = Buffer.concat([noise(600_000), Buffer.alloc(MiB - 600_000)])
    const file = await collect(pipe(pieces(data, MiB), gzip()))
    expect(file.length).toBeLessThan(620_000)
  })

  it('reads on in one stream where a member does not tell its size, and allows for padding', async () => {
    const ours = await collect(pipe(pieces(prose(3 * MiB), MiB), gzip()))
    const theirs = gzipSync(prose(100_000))
    const files: [string, Uint8Array[], number][] = [
      ['ours, theirs', [ours, theirs], 3 * MiB + 100_000],
      ['theirs, ours', [theirs, ours], 3 * MiB + 100_000],
      ['ours, theirs, ours', [ours, theirs, ours], 6 * MiB + 100_000],
      ['ours, padding', [ours, new Uint8Array(3000)], 3 * MiB],
      ['ours, one zero', [ours, new Uint8Array(1)], 3 * MiB],
    ]
    for (const [what, parts, length] of files) {
      for (const size of [1001, 10 * MiB]) {
        const back = await collect(pipe(pieces(Buffer.concat(parts), size), gunzip()), 10 * MiB)
        expect([what, back.length]).toEqual([what, length])
      }
    }
  })

  it('sees damage and early ends in members that tell their size', async () => {
    const whole = Buffer.from(await collect(pipe(pieces(prose(MiB + 5000), MiB), gzip())))
    const second = whole.readUInt32LE(16)
    const changed = (at: number, value: number) => {
      const copy = Buffer.from(whole)
      copy.writeUInt32LE(value, at)
      return copy
    }
    const cases: [string, Uint8Array, string][] = [
      ['cut in a header', whole.subarray(0, second + 15), 'truncated'],
      ['cut in a body', whole.subarray(0, second + 100), 'truncated'],
      ['cut in a check', whole.subarray(0, second - 2), 'truncated'],
      ['a size that is too small', changed(16, second - 10), 'damaged'],
      ['a size that takes the next member in', changed(16, whole.length), 'damaged'],
      ['a size that is larger than the file', changed(16, whole.length + 1), 'truncated'],
      ['a size beyond all bounds', changed(16, 0xffffffff), 'intact'],
      ['a length that is too small', changed(second - 4, MiB - 1), 'damaged'],
      ['a length beyond all bounds', changed(second - 4, 0xffffffff), 'damaged'],
      ['another check', changed(second - 8, 1), 'damaged'],
      ['something after it', Buffer.concat([whole, Buffer.from('\0x')]), 'damaged'],
      ['something like a member after it', Buffer.concat([whole, whole.subarray(0, 20)]), 'truncated'],
    ]
    for (const [what, file, code] of cases) {
      for (const size of [1, 10 * MiB].slice(what.includes('body') ? 1 : 0)) {
        const result = await collect(pipe(pieces(file, size), gunzip())).then(
          () => 'intact',
          (error) => error.code,
        )
        expect([what, result]).toEqual([what, code])
      }
    }
  })

  it('ends the work under way when the reader leaves', async () => {
    let closed = false
    async function* endless(): Bytes {
      try {
        for (;;) yield prose(200_000)
      } finally {
        closed = true
      }
    }
    for await (const chunk of gzip()(endless())) if (chunk.length > 0) break
    expect(closed).toBe(true)
  })
})

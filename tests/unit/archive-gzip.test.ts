// Gzip, both ways, against gzip itself; damage is always seen, wherever the chunks end.
import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { gunzip } from '../../core/archive/gzip.ts'
import type { Bytes } from '../../core/lib/bytes.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { inChunks, noise, randomNumbers, read } from '../suites/fixtures/streams.ts'
import { gzip } from '../support/compressing.ts'

const text = Buffer.from('some text that repeats, some text that repeats. '.repeat(2000))
const members = Buffer.concat([gzipSync('one '), gzipSync(''), gzipSync('two '), gzipSync(text)])
const joined = `one two ${text}`

describe('gzip', () => {
  test.each([1, 7, 100_000])('gzip opens what came in chunks of %d', async (size) => {
    const data = size === 1 ? text.subarray(0, 5000) : Buffer.concat([text, noise(300_000)])
    const packed = await read(gzip()(inChunks(data, size)))
    const done = spawnSync('gzip', ['-dc'], { input: packed, maxBuffer: 1 << 26 })
    expect([done.status, done.stderr.toString()]).toEqual([0, ''])
    expect(done.stdout.equals(data)).toBe(true)
    expect((await read(gunzip()(inChunks(packed, size)))).equals(data)).toBe(true)
  })

  test('an empty input is an empty member', async () => {
    const packed = await read(gzip()(inChunks(Buffer.alloc(0), 1)))
    expect(execFileSync('gzip', ['-dc'], { input: packed })).toHaveLength(0)
  })
})

describe('gunzip', () => {
  test.each([1, 2, 17, 5000])('members one after the other, in chunks of %d', async (size) => {
    expect((await read(gunzip()(inChunks(members, size)))).toString()).toBe(joined)
  })

  test.each([1, 20, 100_000])('zeros after the last member are padding, in chunks of %d', async (size) => {
    const padded = Buffer.concat([members, Buffer.alloc(50_000)])
    expect((await read(gunzip()(inChunks(padded, size)))).toString()).toBe(joined)
  })

  test.each([1, 20, 100_000])('anything else after it is damage, in chunks of %d', async (size) => {
    for (const rest of [
      Buffer.from('garbage'),
      Buffer.concat([Buffer.alloc(3000), Buffer.from('x')]),
      Buffer.from('\0x'),
    ]) {
      const failure = await failureOf(read(gunzip()(inChunks(Buffer.concat([members, rest]), size))))
      expect(failure.code).toBe('damaged')
    }
  })

  test('an early end is seen wherever it is', async () => {
    const packed = gzipSync(text.subarray(0, 3000))
    for (const size of [1, 1000]) {
      for (let cut = 0; cut < packed.length; cut += 1) {
        const failure = await failureOf(read(gunzip()(inChunks(packed.subarray(0, cut), size))))
        expect([cut, failure.code]).toEqual([cut, 'truncated'])
      }
    }
  })

  test('every flipped bit is seen, but for those of the header that mean nothing', async () => {
    const data = randomBytes(3000)
    const packed = gzipSync(data)
    const next = randomNumbers(11)
    for (let round = 0; round < 400; round += 1) {
      const copy = Buffer.from(packed)
      const at = 10 + (next() % (packed.length - 10))
      copy[at] = (copy[at] as number) ^ (1 << (next() % 8))
      const failure = await failureOf(read(gunzip()(inChunks(copy, 512))))
      expect([at, failure.code]).toEqual([at, expect.stringMatching(/^(?:damaged|truncated)$/)])
    }
  })

  test('what the input throws after the last member is thrown', async () => {
    for (const padding of [0, 1]) {
      async function* failing(): Bytes {
        yield Buffer.concat([members, Buffer.alloc(padding)])
        throw new RangeError('of the input')
      }
      await expect(read(gunzip()(failing()))).rejects.toThrow(RangeError)
    }
  })

  test('what the input throws in a member is thrown, not "truncated"', async () => {
    async function* failing(): Bytes {
      yield members.subarray(0, 90)
      throw new RangeError('of the input')
    }
    await expect(read(gunzip()(failing()))).rejects.toThrow(RangeError)
  })

  test('leaving early closes the input, and little of it was pulled', async () => {
    let pulled = 0
    let closed = 0
    const packed = gzipSync(noise(4_000_000))
    async function* source(): Bytes {
      try {
        for await (const chunk of inChunks(packed, 1000)) {
          pulled += 1
          yield chunk
        }
      } finally {
        closed += 1
      }
    }
    for await (const chunk of gunzip()(source())) if (chunk.length > 0) break
    expect(closed).toBe(1)
    expect(pulled).toBeLessThan(400)
  })

  test('a slow reader holds the input back', async () => {
    let pulled = 0
    const packed = gzipSync(noise(8_000_000))
    async function* source(): Bytes {
      for await (const chunk of inChunks(packed, 10_000)) {
        pulled += 1
        yield chunk
      }
    }
    const output = gunzip()(source())[Symbol.asyncIterator]()
    let taken = 0
    let most = 0
    for (let next = await output.next(); !next.done; next = await output.next()) {
      taken += next.value.length
      await new Promise((resolve) => setImmediate(resolve))
      most = Math.max(most, pulled * 10_000 - taken)
    }
    expect(taken).toBe(8_000_000)
    expect(most).toBeLessThan(600_000)
  })
})

// Streams of bytes: order, ownership of chunks, failures and leaving early.
import { createHash } from 'node:crypto'
import { PassThrough, Transform } from 'node:stream'
import { createGzip, gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import {
  Block,
  type Bytes,
  bytesOf,
  cancellable,
  collect,
  gathered,
  hashing,
  pipe,
  tap,
  through,
} from '../../core/lib/bytes.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { all, inChunks, noise, randomNumbers, read, sha256 } from '../suites/fixtures/streams.ts'

const data = noise(200_000)

function watched(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) {
  const seen = { pulled: 0, closed: 0 }
  async function* source(): Bytes {
    try {
      for await (const chunk of chunks) {
        seen.pulled += 1
        yield chunk
      }
    } finally {
      seen.closed += 1
    }
  }
  return { seen, source }
}

describe('through', () => {
  test.each([1, 100, 16_384, 200_000])('keeps every byte of a source that reuses its chunks (%d)', async (size) => {
    const part = size === 1 ? data.subarray(0, 20_000) : data
    const packed = await read(through(() => createGzip())(inChunks(part, size)))
    expect(sha256(gunzipSync(packed))).toBe(sha256(part))
  })

  test('gives back what the input throws', async () => {
    async function* failing(): Bytes {
      yield data
      throw new RangeError('of the input')
    }
    await expect(read(through(() => new PassThrough())(failing()))).rejects.toThrow(RangeError)
  })

  test('gives what the transform throws, and closes the input', async () => {
    const { seen, source } = watched([data, data, data])
    const broken = () =>
      new Transform({ transform: (_chunk, _encoding, done) => done(new RangeError('of the transform')) })
    await expect(read(through(broken)(source()))).rejects.toThrow('of the transform')
    expect(seen.closed).toBe(1)
  })

  test('leaving early closes the input', async () => {
    const { seen, source } = watched(inChunks(noise(4_000_000), 10_000))
    for await (const chunk of through(() => new PassThrough())(source())) if (chunk.length > 0) break
    expect(seen.closed).toBe(1)
    expect(seen.pulled).toBeLessThan(40)
  })

  test('a transform that stops before its input does is a failure', async () => {
    const lazy = () =>
      new Transform({
        transform(chunk, _encoding, done) {
          this.push(chunk)
          this.push(null)
          done()
        },
      })
    const failure = await failureOf(read(through(lazy)(inChunks(data, 50_000))))
    expect(failure.code).toBe('damaged')
  })

  test('a slow reader holds the input back', async () => {
    const { seen, source } = watched(inChunks(noise(4_000_000), 10_000))
    const output = through(() => new PassThrough())(source())[Symbol.asyncIterator]()
    await output.next()
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    expect(seen.pulled).toBeLessThan(20)
    await output.return?.()
    expect(seen.closed).toBe(1)
  })
})

describe('gathered', () => {
  test('keeps the bytes and their order, whatever the chunks are', async () => {
    const next = randomNumbers(3)
    async function* uneven(): Bytes {
      for (let at = 0; at < data.length; ) {
        const size = next() % (next() % 3 === 0 ? 90_000 : 500)
        const chunk = Uint8Array.from(data.subarray(at, at + size))
        at += size
        yield chunk
        chunk.fill(0xee)
      }
    }
    expect(sha256(await read(gathered(10_000)(uneven())))).toBe(sha256(data))
  })

  test('joins single bytes', async () => {
    const sizes = await all(gathered(1000)(inChunks(data.subarray(0, 4500), 1)))
    expect(sizes.map((chunk) => chunk.length)).toEqual([999, 999, 999, 999, 504])
  })

  test('lets large chunks pass as they are and drops empty ones', async () => {
    async function* source(): Bytes {
      yield new Uint8Array(0)
      yield data
      yield new Uint8Array(0)
    }
    const chunks = await all(gathered(1000)(source()))
    expect(chunks).toHaveLength(1)
    expect(chunks[0]).toBe(data)
  })
})

describe('small stages', () => {
  test('hash and count what passes', async () => {
    const hash = createHash('sha256')
    let count = 0
    const out = await read(
      pipe(
        inChunks(data, 777),
        hashing(hash),
        tap((chunk) => {
          count += chunk.length
        }),
      ),
    )
    expect([hash.digest('hex'), count, sha256(out)]).toEqual([sha256(data), data.length, sha256(data)])
  })

  test('collect takes copies and has a limit', async () => {
    expect(sha256(await collect(inChunks(data, 1000)))).toBe(sha256(data))
    expect((await failureOf(collect(inChunks(data, 1000), data.length - 1))).code).toBe('damaged')
    expect(await collect(bytesOf('é'))).toEqual(Buffer.from('é'))
  })

  test('cancellable stops, also when the signal comes with the last chunk', async () => {
    const control = new AbortController()
    const { seen, source } = watched([data, data])
    const output = cancellable(control.signal)(source())[Symbol.asyncIterator]()
    await output.next()
    control.abort()
    expect((await failureOf(output.next())).code).toBe('cancelled')
    expect(seen.closed).toBe(1)
    const late = new AbortController()
    const last = cancellable(late.signal)(bytesOf(data))[Symbol.asyncIterator]()
    await last.next()
    late.abort()
    expect((await failureOf(last.next())).code).toBe('cancelled')
  })
})

test('a block takes what fits and gives the rest, whatever the chunks are', () => {
  const block = new Block(1000)
  const made: Buffer[] = []
  const next = randomNumbers(7)
  for (let at = 0; at < data.length; ) {
    const chunk = data.subarray(at, at + (next() % 2500))
    at += chunk.length
    for (let rest: Uint8Array = chunk; rest.length > 0; ) {
      rest = block.take(rest)
      expect(rest.length === 0 || block.full).toBe(true)
      if (!block.full) continue
      made.push(Buffer.from(block.bytes))
      block.clear()
    }
  }
  made.push(Buffer.from(block.bytes))
  expect(made.slice(0, -1).every(({ length }) => length === 1000)).toBe(true)
  expect(Buffer.compare(Buffer.concat(made), data)).toBe(0)
})

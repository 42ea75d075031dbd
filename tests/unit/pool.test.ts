// Pools of real threads: answers and failures come back to whoever asked, memory goes along, a thread that dies takes only its own jobs with it;
// and stages that work in one.
import { pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { bytesOf } from '../../core/lib/bytes.ts'
import { ThreadPool } from '../../core/lib/pool.ts'
import { type Staged, staged } from '../../core/lib/staged.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { inChunks, noise, read } from '../suites/fixtures/streams.ts'
import { compile } from '../support/compile.ts'
import type { PoolJob, StageName } from '../support/programs/pool-jobs.ts'

const MiB = 1024 * 1024

let script: URL
beforeAll(async () => {
  script = pathToFileURL(await compile('pool-jobs'))
})

/** Each job gets the answer of its kind. */
const threads = (width: number) => new ThreadPool<PoolJob, never>(script, width)

describe('a pool', () => {
  test('answers every job, on as many threads as it has', async () => {
    const pool = threads(2)
    const texts = Array.from({ length: 40 }, (_, index) => `job ${index}`)
    const answers = await Promise.all(texts.map((text) => pool.run({ do: 'shout', text })))
    expect(answers).toEqual(texts.map((text) => text.toUpperCase()))
    const ids = await Promise.all(texts.map(() => pool.run({ do: 'thread' })))
    expect(new Set(ids).size).toBe(2)
  })

  test('started before, one thread waits, and full width comes with the work', async () => {
    const pool = threads(3)
    pool.start()
    pool.start()
    const first = await pool.run({ do: 'thread' })
    expect(await pool.run({ do: 'thread' })).toBe(first)
    const ids = await Promise.all([1, 2, 3, 4, 5, 6].map(() => pool.run({ do: 'thread' })))
    expect(new Set(ids).size).toBe(3)
  })

  test('memory goes there and comes back', async () => {
    const bytes = new Uint8Array(noise(100_000))
    const copy = Buffer.from(bytes)
    const back: Uint8Array = await threads(1).run({ do: 'return', bytes }, [bytes.buffer])
    expect(bytes.length).toBe(0)
    expect(copy.equals(back)).toBe(true)
  })

  test('a failure keeps its code, its details and whether it may pass; a bug is an error', async () => {
    const pool = threads(1)
    const refused = await failureOf(pool.run({ do: 'refuse', path: '/x' }))
    expect([refused.code, refused.details, refused.retryable]).toEqual(['denied', { path: '/x' }, true])
    await expect(pool.run({ do: 'bug' })).rejects.toThrow('a bug')
    expect(await pool.run({ do: 'shout', text: 'on' })).toBe('ON')
  })

  test('a thread that dies rejects its own jobs, and another takes its place', async () => {
    const pool = threads(1)
    const before = pool.run({ do: 'shout', text: 'before' })
    const jobs = await Promise.allSettled([before, pool.run({ do: 'die' }), pool.run({ do: 'shout', text: 'after' })])
    expect(jobs.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect(await pool.run({ do: 'shout', text: 'again' })).toBe('AGAIN')
    await expect(pool.run({ do: 'die' })).rejects.toThrow('3')
    expect(await pool.run({ do: 'shout', text: 'and again' })).toBe('AND AGAIN')
  })
})

describe('a stage in a thread', () => {
  const through = (name: StageName, pool = threads(1)) => staged<StageName>(name, pool as ThreadPool<PoolJob, never>)

  test.each([0, 1, 1000, MiB - 1, MiB, MiB + 1, 5 * MiB + 123])('gives the same for %d bytes', async (length) => {
    const data = noise(length + 4).subarray(0, length)
    expect((await read(through('keeps')(inChunks(data, 300_000)))).equals(data)).toBe(true)
    expect((await read(through('twice')(inChunks(data, 70_000)))).length).toBe(2 * length)
  })

  test('two at once do not get mixed up', async () => {
    const pool = threads(1)
    const data = [noise(3 * MiB, 1), noise(3 * MiB, 2)]
    const results = await Promise.all(data.map((one) => read(through('keeps', pool)(inChunks(one, 100_000)))))
    expect(results.map((result, index) => result.equals(data[index] as Buffer))).toEqual([true, true])
  })

  test('what it throws is thrown, after what it gave', async () => {
    const got: number[] = []
    const all = async () => {
      for await (const chunk of through('fails')(inChunks(noise(8 * MiB), 200_000))) got.push(chunk.length)
    }
    expect((await failureOf(all())).code).toBe('damaged')
  })

  test('what its input throws is thrown, and it ends', async () => {
    const pool = threads(1)
    async function* broken() {
      yield* inChunks(noise(4 * MiB), 100_000)
      throw new Error('the medium is gone')
    }
    await expect(read(through('twice', pool)(broken()))).rejects.toThrow('the medium is gone')
    expect(await pool.run({ do: 'left' })).toBe(1)
  })

  test('leaving early ends it, and closes the input', async () => {
    const pool = threads(1)
    let closed = false
    async function* endless() {
      try {
        for (;;) yield noise(500_000)
      } finally {
        closed = true
      }
    }
    for await (const chunk of through('twice', pool)(endless())) if (chunk.length > 0) break
    expect(closed).toBe(true)
    expect(await pool.run({ do: 'left' })).toBe(1)
  })

  test('an answer for a stage that is not open is nothing', async () => {
    const answer: Staged = await threads(1).run({ do: 'stage', id: 'unknown', end: true })
    expect(answer.out).toEqual([])
    expect(await read(through('keeps')(bytesOf('')))).toHaveLength(0)
  })
})

// The fault suite on the stores of this machine, and the wrappers that make faults bearable: trying again, and a limit for the line.
import { expect, test } from 'vitest'
import { Failure } from '../../core/api/failure.ts'
import { bytesOf } from '../../core/lib/bytes.ts'
import { limited, rate } from '../../core/stores/limit.ts'
import { retried, retrying } from '../../core/stores/retry.ts'
import { failureOf } from './fixtures/failure-of.ts'
import { broken, faulty, type StoreFault } from './fixtures/faulty.ts'
import { localStore, mediumStore, memoryStore } from './fixtures/local-stores.ts'
import { all, inChunks, noise, read } from './fixtures/streams.ts'
import { faultSuite } from './store-fault-suite.ts'

faultSuite('local', () => localStore())
faultSuite('medium', mediumStore)
faultSuite('memory', memoryStore)

const mebi = 1024 * 1024

/** Waits that take no time and are written down. */
function waits() {
  const taken: number[] = []
  return { taken, wait: async (milliseconds: number) => void taken.push(milliseconds), random: () => 0.999 }
}

test('tries again what fails in passing, with growing pauses, and no more often than told', async () => {
  const { taken, ...options } = waits()
  expect(await retried(async (attempt) => (attempt < 4 ? Promise.reject(broken()) : attempt), options)).toBe(4)
  expect(taken).toEqual([999, 1998, 3996])
  taken.length = 0
  let made = 0
  const failure = await failureOf(
    retried(
      async () => {
        made += 1
        throw broken()
      },
      { ...options, tries: 9, longest: 5000 },
    ),
  )
  expect(failure.code).toBe('place-unreachable')
  expect(made).toBe(9)
  expect(taken).toEqual([999, 1998, 3996, 4995, 4995, 4995, 4995, 4995])
})

test('pauses differ by chance, and are told', async () => {
  const told: number[] = []
  const chances = [0, 0.25, 0.5]
  const random = () => chances.shift() ?? 0
  const onPause = (_failure: Failure, milliseconds: number) => told.push(milliseconds)
  await failureOf(retried(() => Promise.reject(broken()), { ...waits(), random, onPause, tries: 4 }))
  expect(told).toEqual([0, 500, 2000])
})

test('what will not pass is not tried again: a refusal, a cancel, a bug', async () => {
  for (const error of [new Failure('denied'), new Failure('cancelled'), new RangeError('bug')]) {
    let made = 0
    const deed = async () => {
      made += 1
      throw error
    }
    await expect(retried(deed, waits())).rejects.toBe(error)
    expect(made).toBe(1)
  }
})

test('a pause ends when it is cancelled', async () => {
  const stop = new AbortController()
  const onPause = () => stop.abort()
  const trying = retried(() => Promise.reject(broken()), {
    signal: stop.signal,
    onPause,
    first: 1e9,
    longest: 1e9,
    random: () => 1,
  })
  expect((await failureOf(trying)).code).toBe('cancelled')
})

test('every call but put goes on after a broken line', async () => {
  const inner = await memoryStore()
  const names = ['a', 'b', 'c', 'd']
  for (const name of names) await inner.put(name, bytesOf(name))
  const calls = ['stat', 'blocked', 'free', 'remove', 'list'] as const
  const script = calls.flatMap((call): StoreFault[] => [
    { call, nth: 1, how: 'fail' },
    { call, nth: 2, how: 'lost', after: 2 },
  ])
  const store = retrying(faulty(inner, [...script, { call: 'put', nth: 1, how: 'fail' }]), waits())
  expect(await store.stat('a')).toMatchObject({ size: 1 })
  expect(await store.blocked('a')).toBe(false)
  expect(await store.free()).toBeUndefined()
  expect((await all(store.list())).map(({ name }) => name)).toEqual(names)
  await store.remove('a')
  expect(await inner.stat('a')).toBeUndefined()
  expect((await failureOf(store.put('e', bytesOf('e')))).code).toBe('place-unreachable')
})

test('a reader goes on where it was, however often the line breaks', async () => {
  const inner = await memoryStore()
  const data = noise(9 * mebi + 7)
  await inner.put('n', bytesOf(data))
  const script = Array.from({ length: 8 }, (_, n): StoreFault => ({ call: 'get', nth: n + 1, how: 'cut', after: mebi }))
  const store = retrying(faulty(inner, script), { ...waits(), tries: 2 })
  expect(Buffer.compare(await read(store.get('n', { range: { start: 3 } })), data.subarray(3))).toBe(0)
})

test('a reader does not go on in another object', async () => {
  const inner = await memoryStore()
  await inner.put('n', bytesOf(noise(2 * mebi)))
  const replacing = {
    ...waits(),
    wait: async () => void (await inner.put('n', bytesOf(noise(3 * mebi)), { replace: true })),
  }
  const store = retrying(faulty(inner, [{ call: 'get', nth: 1, how: 'cut', after: mebi }]), replacing)
  expect((await failureOf(read(store.get('n')))).code).toBe('changed')
})

test('a limit holds for all calls together, both ways, and lets every byte through', async () => {
  let now = 0
  const wait = async (milliseconds: number) => {
    now += milliseconds
  }
  const clock = { now: () => now, wait }
  const data = noise(100_000)
  const line = rate(10_000, clock)
  const store = limited(await memoryStore(), { up: line, down: line })
  await store.put('a', inChunks(data, 30_000))
  expect(now).toBeCloseTo(10_000 - 125, 0)
  expect(Buffer.compare(await read(store.get('a')), data)).toBe(0)
  expect(now).toBeCloseTo(20_000 - 125, 0)
  await Promise.all([read(store.get('a')), read(store.get('a'))])
  expect(now).toBeGreaterThan(39_000)
})

test('a limit that is waited for can be cancelled', async () => {
  const store = limited(await memoryStore(), { up: rate(1) })
  const stop = new AbortController()
  const body = (async function* () {
    yield new Uint8Array(1)
    queueMicrotask(() => stop.abort())
    yield new Uint8Array(1_000_000)
  })()
  expect((await failureOf(store.put('n', body, { signal: stop.signal }))).code).toBe('cancelled')
  expect(await all(store.list())).toEqual([])
})

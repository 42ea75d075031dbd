// What every store promises when something goes wrong on the way: nothing half under its final name, and the next call works.
import { describe, expect, test } from 'vitest'
import { bytesOf } from '../../core/lib/bytes.ts'
import { failureOf } from './fixtures/failure-of.ts'
import { faulty } from './fixtures/faulty.ts'
import { all, inChunks, noise, read } from './fixtures/streams.ts'
import type { MakeStore } from './store-suite-whole.ts'

const size = 2 * 1024 * 1024 + 5
const data = noise(size)

export function faultSuite(kind: string, make: MakeStore): void {
  describe(`store with faults: ${kind}`, () => {
    test.each([0, 1, 1024 * 1024, size - 1, size])(
      'a body that breaks off after %i bytes leaves nothing',
      async (after) => {
        const store = await make()
        const shaky = faulty(store, [{ call: 'put', nth: 1, how: 'cut', after }])
        expect((await failureOf(shaky.put('n', inChunks(data, 65_536)))).code).toBe('place-unreachable')
        expect(await store.stat('n')).toBeUndefined()
        expect(await all(store.list())).toEqual([])
        await shaky.put('n', inChunks(data, 65_536))
        expect(Buffer.compare(await read(shaky.get('n')), data)).toBe(0)
      },
    )

    test('a body that breaks off while replacing leaves the old object', async () => {
      const store = await make()
      await store.put('n', bytesOf('old'))
      const shaky = faulty(store, [{ call: 'put', nth: 1, how: 'cut', after: 1024 * 1024 }])
      await failureOf(shaky.put('n', inChunks(data, 65_536), { replace: true }))
      expect(String(await read(store.get('n')))).toBe('old')
      expect(await all(store.list())).toHaveLength(1)
    })

    test('a put whose answer got lost is whole, and is not overwritten by the next try', async () => {
      const store = await make()
      const shaky = faulty(store, [{ call: 'put', nth: 1, how: 'lost' }])
      await failureOf(shaky.put('n', bytesOf(data)))
      expect((await failureOf(shaky.put('n', bytesOf('again')))).code).toBe('exists')
      expect(Buffer.compare(await read(store.get('n')), data)).toBe(0)
    })

    test('a body that stalls is cancelled, and one that is only late is whole', async () => {
      const store = await make()
      const shaky = faulty(store, [
        { call: 'put', nth: 1, how: 'stall', after: 1024 * 1024 },
        { call: 'put', nth: 2, how: 'stall', after: 1024 * 1024 },
      ])
      const stop = new AbortController()
      const putting = failureOf(shaky.put('n', inChunks(data, 65_536), { signal: stop.signal }))
      await shaky.stalled
      stop.abort()
      expect((await putting).code).toBe('cancelled')
      expect(await all(store.list())).toEqual([])
      const late = shaky.put('n', inChunks(data, 65_536))
      shaky.release()
      expect(await late).toMatchObject({ size })
      expect(Buffer.compare(await read(store.get('n')), data)).toBe(0)
    })

    test('a reader whose bytes break off, stall or are wrong does no harm to the object', async () => {
      const store = await make()
      await store.put('n', bytesOf(data))
      const shaky = faulty(store, [
        { call: 'get', nth: 1, how: 'cut', after: 1024 * 1024 },
        { call: 'get', nth: 2, how: 'stall', after: 5 },
        { call: 'get', nth: 3, how: 'corrupt', after: size - 1 },
      ])
      expect((await failureOf(read(shaky.get('n')))).code).toBe('place-unreachable')
      const stop = new AbortController()
      const reading = failureOf(read(shaky.get('n', { signal: stop.signal })))
      await shaky.stalled
      stop.abort()
      expect((await reading).code).toBe('cancelled')
      expect(Buffer.compare(await read(shaky.get('n')), data)).not.toBe(0)
      expect(Buffer.compare(await read(shaky.get('n')), data)).toBe(0)
    })

    test('two writers of one name, one of which breaks off: the other one is whole', async () => {
      const store = await make()
      const shaky = faulty(store, [{ call: 'put', nth: 2, how: 'cut', after: 1024 * 1024 }])
      const [first, second] = await Promise.allSettled([
        shaky.put('n', inChunks(data, 65_536)),
        shaky.put('n', inChunks(noise(size, 2), 65_536)),
      ])
      expect([first?.status, second?.status]).toEqual(['fulfilled', 'rejected'])
      expect(Buffer.compare(await read(store.get('n')), data)).toBe(0)
      expect(await all(store.list())).toHaveLength(1)
    })
  })
}

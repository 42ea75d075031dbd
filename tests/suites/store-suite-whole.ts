// The part of the store suite about appearing: whole or absent, listed or not.
import { expect, test } from 'vitest'
import { bytesOf } from '../../core/lib/bytes.ts'
import type { Store } from '../../core/stores/store.ts'
import { failureOf } from './fixtures/failure-of.ts'
import { all, inChunks, noise, read } from './fixtures/streams.ts'

/** A new, empty store; it is closed at the end of the test by whoever makes it. */
export type MakeStore = () => Promise<Store>

const mebi = 1024 * 1024

export function wholeOrAbsent(make: MakeStore): void {
  test('does not overwrite unless told to', async () => {
    const store = await make()
    await store.put('n', bytesOf('old'))
    let pulled = false
    const body = (async function* () {
      pulled = true
      yield Buffer.from('new')
    })()
    expect((await failureOf(store.put('n', body))).code).toBe('exists')
    expect(pulled).toBe(false)
    expect(String(await read(store.get('n')))).toBe('old')
    await store.put('n', bytesOf('newer'), { replace: true })
    expect(String(await read(store.get('n')))).toBe('newer')
    expect(await all(store.list())).toHaveLength(1)
  })

  test('an object that appears while the body is read is not overwritten', async () => {
    const store = await make()
    const body = (async function* () {
      yield Buffer.from('late')
      await store.put('n', bytesOf('early'))
    })()
    expect((await failureOf(store.put('n', body))).code).toBe('exists')
    expect(String(await read(store.get('n')))).toBe('early')
    expect(await all(store.list())).toHaveLength(1)
  })

  test('until it is complete an object cannot be seen', async () => {
    const store = await make()
    const seen: unknown[] = []
    const body = (async function* () {
      yield noise(2 * mebi)
      seen.push(await store.stat('n'), await all(store.list()))
      yield noise(10)
    })()
    await store.put('n', body)
    expect(seen).toEqual([undefined, []])
  })

  test('while it is replaced the old object can be read in full', async () => {
    const store = await make()
    const old = noise(2 * mebi, 5)
    await store.put('n', bytesOf(old))
    const body = (async function* () {
      yield noise(mebi)
      expect(Buffer.compare(await read(store.get('n')), old)).toBe(0)
    })()
    await store.put('n', body, { replace: true })
    expect((await store.stat('n'))?.size).toBe(mebi)
  })

  test.each([0, 1, 3])(
    'a body that fails after %i chunks leaves nothing, and its own failure arrives unchanged',
    async (chunks) => {
      const store = await make()
      const trouble = Object.assign(new Error('source broke'), { code: 'EIO' })
      let closed = 0
      const body = (async function* () {
        try {
          for (let n = 0; n < chunks; n += 1) yield noise(mebi)
          throw trouble
        } finally {
          closed += 1
        }
      })()
      await expect(store.put('n', body)).rejects.toBe(trouble)
      expect(closed).toBe(1)
      expect(await store.stat('n')).toBeUndefined()
      expect(await all(store.list())).toEqual([])
      await store.put('n', bytesOf('fine'))
      expect(String(await read(store.get('n')))).toBe('fine')
    },
  )

  test('a body that fails while replacing leaves the old object', async () => {
    const store = await make()
    await store.put('n', bytesOf('old'))
    const body = (async function* () {
      yield noise(2 * mebi)
      throw new RangeError('broken')
    })()
    await expect(store.put('n', body, { replace: true })).rejects.toThrow(RangeError)
    expect(String(await read(store.get('n')))).toBe('old')
  })

  test.each(['before', 'in the middle', 'after the last byte'])(
    'cancelled %s, nothing is left and the source is closed',
    async (when) => {
      const store = await make()
      const stop = new AbortController()
      let closed = when === 'before'
      const body = (async function* () {
        try {
          yield noise(mebi)
          if (when === 'in the middle') stop.abort()
          yield noise(3 * mebi)
          stop.abort()
        } finally {
          closed = true
        }
      })()
      if (when === 'before') stop.abort()
      expect((await failureOf(store.put('n', body, { signal: stop.signal }))).code).toBe('cancelled')
      expect(closed).toBe(true)
      expect(await store.stat('n')).toBeUndefined()
      expect(await all(store.list())).toEqual([])
    },
  )

  test('many at once: every object is whole, of one name exactly one is kept', async () => {
    const store = await make()
    const different = Array.from({ length: 12 }, (_, n) => store.put(`d/${n}`, inChunks(noise(300_000 + n, n), 9999)))
    const same = Array.from({ length: 8 }, (_, n) =>
      store.put('same', inChunks(noise(100_000, 100 + n), 777)).then(
        () => n,
        (error: unknown) => error,
      ),
    )
    await Promise.all(different)
    const winners = (await Promise.all(same)).filter((outcome) => typeof outcome === 'number')
    expect(winners).toHaveLength(1)
    expect(Buffer.compare(await read(store.get('same')), noise(100_000, 100 + Number(winners[0])))).toBe(0)
    for (let n = 0; n < 12; n += 1)
      expect(Buffer.compare(await read(store.get(`d/${n}`)), noise(300_000 + n, n))).toBe(0)
    expect(await all(store.list())).toHaveLength(13)
  })

  test('replacing at once: one of the contents, whole', async () => {
    const store = await make()
    await Promise.all(
      Array.from({ length: 8 }, (_, n) => store.put('same', inChunks(noise(200_000, n), 7777), { replace: true })),
    )
    const kept = await read(store.get('same'))
    expect(Array.from({ length: 8 }, (_, n) => Buffer.compare(kept, noise(200_000, n)))).toContain(0)
  })
}

export function listing(make: MakeStore): void {
  test('lists by prefix, each object once', async () => {
    const store = await make()
    const names = ['a', 'ab', 'b', 'dir/a', 'dir/ab', 'dir/sub/x', 'directory', 'kpri.1', 'kpub.1']
    for (const name of names) await store.put(name, bytesOf(name))
    const listed = async (prefix?: string) => (await all(store.list(prefix))).map((stat) => stat.name).sort()
    expect(await listed()).toEqual(names)
    expect(await listed('')).toEqual(names)
    expect(await listed('a')).toEqual(['a', 'ab'])
    expect(await listed('dir')).toEqual(['dir/a', 'dir/ab', 'dir/sub/x', 'directory'])
    expect(await listed('dir/')).toEqual(['dir/a', 'dir/ab', 'dir/sub/x'])
    expect(await listed('dir/sub/x')).toEqual(['dir/sub/x'])
    expect(await listed('dir/sub/x/')).toEqual([])
    expect(await listed('kp')).toEqual(['kpri.1', 'kpub.1'])
    expect(await listed('../')).toEqual([])
    expect(await listed('/')).toEqual([])
    expect((await all(store.list('dir/a')))[0]).toMatchObject({ name: 'dir/a', size: 5 })
  })

  test('looks only at names that are wanted, and enters only folders that are', async () => {
    const store = await make()
    for (const name of ['a', 'b', 'dir/a', 'other/a', 'dir/sub/a']) await store.put(name, bytesOf(name))
    const asked: string[] = []
    const fits = (name: string) => {
      asked.push(name)
      return ['a', 'dir/', 'dir/a'].includes(name)
    }
    expect((await all(store.list('', fits))).map(({ name }) => name).sort()).toEqual(['a', 'dir/a'])
    expect(asked).not.toContain('other/a')
    expect(asked).not.toContain('dir/sub/a')
    expect(await store.blocked('a')).toBe(false)
    expect(await store.blocked('never/was')).toBe(false)
  })

  test('removing is final, and removing nothing is fine', async () => {
    const store = await make()
    await store.put('x/y', bytesOf('1'))
    await store.remove('x/y')
    await store.remove('x/y')
    await store.remove('never/was')
    expect(await all(store.list())).toEqual([])
    await store.put('x/y', bytesOf('2'))
    expect(String(await read(store.get('x/y')))).toBe('2')
  })

  test('tells free space where it can, and may be closed twice', async () => {
    const store = await make()
    const free = await store.free()
    if (free !== undefined) expect(free).toBeGreaterThan(0)
    expect(store.traits.parallel).toBeGreaterThan(0)
    expect(store.traits.label).not.toBe('')
    await store.close()
    await store.close()
  })
}

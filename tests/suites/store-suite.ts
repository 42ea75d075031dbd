// What every store promises (core/stores/store.ts), as one suite that runs on each kind.
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type Bytes, bytesOf } from '../../core/lib/bytes.ts'
import { failureOf } from './fixtures/failure-of.ts'
import { all, inChunks, noise, read } from './fixtures/streams.ts'
import { listing, type MakeStore, wholeOrAbsent } from './store-suite-whole.ts'

const mebi = 1024 * 1024

export function storeSuite(kind: string, make: MakeStore): void {
  describe(`store: ${kind}`, () => {
    names(make)
    bodies(make)
    ranges(make)
    wholeOrAbsent(make)
    listing(make)
  })
}

const good = [
  'a',
  'backup_v30_SIGL_2026-03-02_12h00m00s.tar.gz.gpg',
  'with space',
  ' leading and trailing ',
  'é è ü ß',
  'e\u0301 decomposed',
  '日本語',
  '👩‍🔬 lab',
  'new\nline',
  'quote"\'`$(reboot);&|<>*?[]{}!#~%',
  '-rf',
  '--',
  '...',
  '.hidden',
  'tab\tand\u0007bell',
  'rtl\u202Eexe.txt',
  'a/b/c/d.bin',
  'x'.repeat(255),
  'é'.repeat(127),
  'odd\udce9byte',
]

const bad = [
  '',
  '/',
  '/absolute',
  'trailing/',
  'a//b',
  '.',
  '..',
  './a',
  'a/./b',
  'a/../b',
  '../a',
  'a/..',
  'back\\slash',
  '..\\a',
  'nul\0byte',
  'x'.repeat(256),
  'é'.repeat(128),
  'lone\ud800surrogate',
  '.arche-part-1',
  '.arche-medium.json',
  'a/.arche-x/b',
]

function names(make: MakeStore): void {
  test.each(good)('keeps an object under %j', async (name) => {
    const store = await make()
    await store.put(name, bytesOf(name))
    expect(await store.stat(name)).toMatchObject({ name, size: Buffer.byteLength(new TextEncoder().encode(name)) })
    expect((await all(store.list())).map((stat) => stat.name)).toEqual([name])
    expect(await read(store.get(name))).toEqual(Buffer.from(new TextEncoder().encode(name)))
    await store.remove(name)
    expect(await store.stat(name)).toBeUndefined()
  })

  test.each(bad)('refuses %j in every call, without pulling the body', async (name) => {
    const store = await make()
    let pulled = false
    const body = (async function* () {
      pulled = true
      yield new Uint8Array(1)
    })()
    expect((await failureOf(store.put(name, body))).code).toBe('bad-input')
    expect((await failureOf(read(store.get(name)))).code).toBe('bad-input')
    expect((await failureOf(store.stat(name))).code).toBe('bad-input')
    expect((await failureOf(store.remove(name))).code).toBe('bad-input')
    expect(pulled).toBe(false)
    expect(await all(store.list())).toEqual([])
  })

  test('names that differ only in case or Unicode form do not mix silently', async () => {
    const store = await make()
    await store.put('é', bytesOf('one'))
    const twin = await store.stat('e\u0301')
    // A file system that takes both for one must say so; one that does not must keep both.
    if (twin) expect((await failureOf(store.put('e\u0301', bytesOf('two')))).code).toBe('exists')
    else await store.put('e\u0301', bytesOf('two'))
    expect(String(await read(store.get('é')))).toBe('one')
  })
}

function bodies(make: MakeStore): void {
  test('keeps an empty object', async () => {
    const store = await make()
    expect((await store.put('empty', inChunks(new Uint8Array(0), 1))).size).toBe(0)
    await store.put('no bytes', inChunks(new Uint8Array(0), 1))
    expect(await read(store.get('empty'))).toEqual(Buffer.alloc(0))
    expect(await store.stat('empty')).toMatchObject({ size: 0 })
  })

  test('takes a body one byte at a time, with empty chunks in between', async () => {
    const store = await make()
    const data = noise(70_000)
    const body = (async function* (): Bytes {
      for await (const chunk of inChunks(data, 1)) {
        yield new Uint8Array(0)
        yield chunk
      }
    })()
    expect((await store.put('bytes', body)).size).toBe(data.length)
    expect(await read(store.get('bytes'))).toEqual(data)
  })

  test.each([1, 7, 4096, mebi - 1, mebi, mebi + 1, 5 * mebi])('takes chunks of %i bytes', async (size) => {
    const store = await make()
    const data = noise(Math.min(size * 3 + 5, 12 * mebi), size)
    await store.put('chunks', inChunks(data, size))
    expect(Buffer.compare(await read(store.get('chunks')), data)).toBe(0)
  })

  test('keeps 40 MB and gives them back, also past the memory of the system', async () => {
    const store = await make()
    const data = noise(40 * mebi + 13)
    const stat = await store.put('large', inChunks(data, 300_001))
    expect(stat).toMatchObject({ name: 'large', size: data.length })
    for (const uncached of [false, true]) {
      const hash = createHash('sha256')
      for await (const chunk of store.get('large', { uncached })) hash.update(chunk)
      expect(hash.digest('hex')).toBe(createHash('sha256').update(data).digest('hex'))
    }
  })

  test('says when it was written', async () => {
    const store = await make()
    const { mtime } = await store.put('now', bytesOf('x'))
    // A day of tolerance: file systems round, and FAT keeps local time.
    expect(Math.abs(mtime - Date.now())).toBeLessThan(86_400_000)
    expect(await store.stat('now')).toMatchObject({ name: 'now', size: 1, mtime })
  })
}

function ranges(make: MakeStore): void {
  const size = 3 * mebi + 77
  const data = noise(size)
  const inside: [number, number | undefined][] = [
    [0, 0],
    [0, 1],
    [0, undefined],
    [1, 2],
    [511, 513],
    [4095, 4097],
    [4096, 8192],
    [mebi - 1, mebi + 1],
    [mebi, 2 * mebi],
    [2 * mebi + 5, 2 * mebi + 5],
    [size - 1, size],
    [size - 1, undefined],
    [size, size],
    [size, undefined],
    [0, size],
  ] // prettier-ignore

  test.each([false, true])('gives exactly the range asked for (uncached: %s)', async (uncached) => {
    const store = await make()
    await store.put('r', inChunks(data, mebi))
    for (const [start, end] of inside) {
      const range = end === undefined ? { start } : { start, end }
      const got = await read(store.get('r', { range, uncached }))
      expect(Buffer.compare(got, data.subarray(start, end)), `${start}-${end}`).toBe(0)
    }
  })

  test.each([
    [-1, 1],
    [0, size + 1],
    [size + 1, undefined],
    [5, 4],
    [0.5, 1],
    [0, Number.NaN],
    [Number.POSITIVE_INFINITY, undefined],
  ])('refuses the range %s-%s', async (start, end) => {
    const store = await make()
    await store.put('r', bytesOf(data))
    const range = end === undefined ? { start } : { start, end }
    expect((await failureOf(read(store.get('r', { range })))).code).toBe('bad-range')
  })

  test('a reader that stops early leaves nothing behind', async () => {
    const store = await make()
    await store.put('r', bytesOf(data))
    for await (const chunk of store.get('r')) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }
    await store.remove('r')
    expect(await all(store.list())).toEqual([])
  })

  test('reading stops when it is cancelled', async () => {
    const store = await make()
    await store.put('r', bytesOf(data))
    const stop = new AbortController()
    const reading = (async () => {
      for await (const chunk of store.get('r', { signal: stop.signal })) if (chunk.length > 0) stop.abort()
    })()
    expect((await failureOf(reading)).code).toBe('cancelled')
  })

  test('a missing object is not found', async () => {
    const store = await make()
    expect((await failureOf(read(store.get('none')))).code).toBe('not-found')
    expect((await failureOf(read(store.get('no/such/folder')))).code).toBe('not-found')
    expect(await store.stat('no/such/folder')).toBeUndefined()
  })
}

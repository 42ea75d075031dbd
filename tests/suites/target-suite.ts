// What every target promises (core/targets/target.ts), as one suite that runs on each kind, and on each store below it.
import { createHash } from 'node:crypto'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bytesOf } from '../../core/lib/bytes.ts'
import { saveAll } from '../../core/runs/save.ts'
import type { Item } from '../../core/sources/source.ts'
import type { Store } from '../../core/stores/store.ts'
import type { Target } from '../../core/targets/target.ts'
import { folder, stream } from '../support/entries.ts'
import { failureOf } from './fixtures/failure-of.ts'
import { all, read } from './fixtures/streams.ts'
import {
  about,
  contents,
  context,
  item,
  type MakeTarget,
  type Scene,
  saved,
  sourceOf,
  spied,
  unlock,
} from './fixtures/target-scene.ts'
import { indexing } from './target-suite-contents.ts'

export function targetSuite(kind: string, make: MakeTarget, makeStore: () => Promise<Store>): void {
  const scene = async (spoil: (store: Store) => Partial<Store> = () => ({})) => {
    const store = await makeStore()
    return { store, target: make(spied(store, spoil(store))) }
  }
  describe(`target: ${kind}`, () => {
    saving(scene)
    reading(scene)
    removing(scene)
    pinning(scene)
    receiving(scene)
    indexing(scene)
  })
}

function saving(scene: Scene): void {
  test('what is saved is there, counted, noted, and has the keys beside it', async () => {
    const { store, target } = await scene()
    const done = await saved(target)
    expect(done).toMatchObject({ files: 2, bytes: 100_000 })
    const [found, ...others] = await target.artifacts()
    expect(others).toEqual([])
    expect(found).toMatchObject({ name: done.artifact, subject: 'Photos', size: done.stored, sha256: done.sha256 })
    const bytes = await read(store.get(done.artifact))
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(done.sha256)
    expect((await target.keys(() => undefined)).map(({ name }) => name)).toEqual(['kpri.X.asc'])
    expect([...(await target.checksums(() => undefined))]).toEqual([[done.artifact, done.sha256]])
  })

  test('two in the same second lose nothing', async () => {
    const { target } = await scene()
    const now = Date.now()
    const ctx = { ...context(), now: () => now }
    for (let count = 0; count < 3; count += 1) await target.save(item(), await about(), ctx)
    expect(new Set((await target.artifacts()).map(({ name }) => name)).size).toBe(3)
  })

  test('every item is saved before the next is begun; none is a failure', async () => {
    const { target } = await scene()
    const ctx = context()
    const target3 = { source: sourceOf(item(), item(), item()), target, about: await about() }
    const list = await saveAll(target3, ctx)
    expect(new Set(list.map(({ artifact }) => artifact)).size).toBe(3)
    expect(ctx.operations).toEqual(Array(3).fill(['archive', 'copy-keys', 'verify']).flat())
    const none = saveAll({ source: sourceOf(), target, about: await about() }, ctx)
    expect((await failureOf(none)).code).toBe('nothing-selected')
  })

  test('a failure of the source leaves nothing behind', async () => {
    const { store, target } = await scene()
    const broken: Item = {
      ...item(),
      entries: (async function* () {
        yield folder('Photos')
        throw new Error('the source broke')
      })(),
    }
    await expect(target.save(broken, await about(), context())).rejects.toThrow('the source broke')
    expect(await all(store.list())).toEqual([])
  })

  test('what reads back differently is removed, and never noted', async () => {
    const flipped = (store: Store): Partial<Store> => ({
      async *get(name, options) {
        let first = true
        for await (const chunk of store.get(name, options)) {
          const copy = Buffer.from(chunk)
          if (first && options?.uncached) copy[0] = (copy[0] ?? 0) ^ 1
          first = false
          yield copy
        }
      },
    })
    const { store, target } = await scene(flipped)
    expect((await failureOf(saved(target))).code).toBe('damaged')
    expect((await all(store.list())).map(({ name }) => name).filter((name) => name.startsWith('backup_'))).toEqual([])
    expect((await target.checksums(() => undefined)).size).toBe(0)
  })

  test('cancelled while it is written: nothing under its name', async () => {
    const { store, target } = await scene()
    const stop = new AbortController()
    const cut: Item = {
      ...item(),
      entries: (async function* () {
        yield* stream(contents.slice(0, 1))
        stop.abort()
        yield* stream(contents.slice(1))
      })(),
    }
    expect((await failureOf(target.save(cut, await about(), context(stop.signal)))).code).toBe('cancelled')
    expect((await all(store.list())).filter(({ name }) => name.startsWith('backup_'))).toEqual([])
  })
}

function reading(scene: Scene): void {
  test('what was saved is read again, byte by byte', async () => {
    const { target } = await scene()
    const { artifact } = await saved(target)
    const opened = await target.open(artifact, await unlock(), context())
    onTestFinished(() => opened.close())
    expect(opened).toMatchObject({ format: '3.0', head: { plan: 'Photos', host: 'here' } })
    const found: unknown[] = []
    for await (const entry of opened.entries)
      found.push([entry.path, entry.body ? String(await read(entry.body)) : undefined])
    expect(found).toEqual([
      ['Photos', undefined],
      ['Photos/été.jpg', 'x'.repeat(100_000)],
      ['Photos/empty', expect.toSatisfy((text) => text === undefined || text === '')],
    ])
  })

  test('without what unlocks it, and what is not there', async () => {
    const { target } = await scene()
    const { artifact } = await saved(target)
    expect((await failureOf(target.open(artifact, {}, context()))).code).toBe('secret-missing')
    const other = artifact.replace('Photos', 'Others')
    const absent = async () => {
      const opened = await target.open(other, await unlock(), context())
      for await (const _ of opened.entries);
    }
    expect((await failureOf(absent())).code).toBe('not-found')
    expect(await target.stat(other)).toBeUndefined()
  })

  test('the stored bytes are compared with a checksum, and can be copied as they are', async () => {
    const { target } = await scene()
    const { artifact, sha256, stored } = await saved(target)
    await target.compare(artifact, sha256, context())
    expect((await failureOf(target.compare(artifact, '0'.repeat(64), context()))).code).toBe('damaged')
    const bytes = await read(target.read(artifact, context()))
    expect(bytes.length).toBe(stored)
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256)
  })
}

function removing(scene: Scene): void {
  const three = async (target: Target) => {
    for (let count = 0; count < 3; count += 1) await saved(target)
    return (await target.artifacts()).map(({ name, size }) => ({ name, size }))
  }
  const told = () => {
    const lines: string[] = []
    const report = {
      gone: ({ name }: { name: string }) => void lines.push(`gone ${name}`),
      stays: ({ name }: { name: string }) => void lines.push(`stays ${name}`),
    }
    return { lines, report }
  }

  test('the last named goes first, and the list of checksums speaks of what is there', async () => {
    const { target } = await scene()
    const [first, second, third] = await three(target)
    const { lines, report } = told()
    if (!first || !second || !third) throw new Error('three backups')
    await target.remove([second, third], context(), report)
    expect(lines).toEqual([`gone ${third.name}`, `gone ${second.name}`])
    expect((await target.artifacts()).map(({ name }) => name)).toEqual([first.name])
    expect([...(await target.checksums(() => undefined)).keys()]).toEqual([first.name])
  })

  test('pinned or changed since it was decided, it stays', async () => {
    const { target } = await scene()
    const [first, second, third] = await three(target)
    if (!first || !second || !third) throw new Error('three backups')
    await target.pin(third.name, true)
    const { lines, report } = told()
    await target.remove([{ ...second, size: second.size + 1 }, third], context(), report)
    expect(lines).toEqual([`stays ${third.name}`, `stays ${second.name}`])
    expect(await target.artifacts()).toHaveLength(3)
  })

  test('a note is seen by everyone who looks, until it is taken away or its backup goes', async () => {
    const { target } = await scene()
    const [first, second, third] = await three(target)
    if (!first || !second || !third) throw new Error('three backups')
    const notes = async () => (await target.artifacts()).map(({ note }) => note)
    for (const [backup, note] of [
      [first, 'before the move'],
      [second, 'after it'],
      [third, 'gone soon'],
    ] as const)
      await target.note(backup.name, note)
    expect(await notes()).toEqual(['before the move', 'after it', 'gone soon'])
    await target.remove([third], context(), told().report)
    await target.note(second.name, null)
    expect(await notes()).toEqual(['before the move', undefined])
    expect((await failureOf(target.note(third.name, 'again'))).code).toBe('not-found')
    await target.note(first.name, null)
    expect(await notes()).toEqual([undefined, undefined])
  })

  test('cancelled between two: what was told is gone, the rest stays and is in order', async () => {
    const { target } = await scene()
    const going = await three(target)
    const stop = new AbortController()
    const { lines, report } = told()
    const once = {
      ...report,
      gone(one: { name: string }) {
        report.gone(one)
        stop.abort()
      },
    }
    expect((await failureOf(target.remove(going.slice(1), context(stop.signal), once))).code).toBe('cancelled')
    expect(lines).toEqual([`gone ${going[2]?.name}`])
    const rest = going.slice(0, 2).map(({ name }) => name)
    expect((await target.artifacts()).map(({ name }) => name)).toEqual(rest)
    expect([...(await target.checksums(() => undefined)).keys()].sort()).toEqual(rest.toSorted())
  })
}

function pinning(scene: Scene): void {
  test('a pin is seen by everyone who looks, until it is taken away', async () => {
    const { target } = await scene()
    const { artifact } = await saved(target)
    await target.pin(artifact, true)
    expect(await target.pins()).toEqual(new Set([artifact]))
    expect((await target.artifacts())[0]).toMatchObject({ pinned: true })
    await target.pin(artifact, false)
    expect(await target.pins()).toEqual(new Set())
    expect((await failureOf(target.pin(`${artifact}x`, true))).code).toBe('not-found')
  })
}

function receiving(scene: Scene): void {
  const both = async (spoil?: (store: Store) => Partial<Store>) => {
    const { target: from } = await scene()
    const { target, store } = await scene(spoil)
    const done = await saved(from)
    const { artifact: name, sha256, stored: size, madeAt } = done
    const keyFiles = await from.keys(() => undefined)
    const incoming = () => ({
      name,
      sha256,
      size,
      made: Date.parse(madeAt),
      bytes: from.read(name, context()),
      keyFiles,
    })
    return { from, target, store, done, incoming }
  }

  test('a backup of another target arrives as it is, is noted as of then, and has its keys', async () => {
    const { target, done, incoming, from } = await both()
    expect(await target.receive(incoming(), context())).toEqual({ sha256: done.sha256, stored: done.stored })
    expect((await target.artifacts())[0]).toMatchObject({
      name: done.artifact,
      sha256: done.sha256,
      time: (await from.artifacts())[0]?.time,
    })
    expect(await target.keys(() => undefined)).toEqual(await from.keys(() => undefined))
    const opened = await target.open(done.artifact, await unlock(), context())
    for await (const { body } of opened.entries) if (body) await read(body)
  })

  test('without a noted checksum it is compared with what was sent', async () => {
    const { target, done, incoming } = await both()
    expect(await target.receive({ ...incoming(), sha256: undefined }, context())).toMatchObject({ sha256: done.sha256 })
    expect([...(await target.checksums(() => undefined))]).toEqual([[done.artifact, done.sha256]])
  })

  test('twice is once; other bytes under its name are left as they are', async () => {
    let reads = 0
    const seen = (store: Store): Partial<Store> => ({
      get(name, options) {
        if (name.startsWith('backup_')) reads += 1
        return store.get(name, options)
      },
    })
    const { target, store, done, incoming } = await both(seen)
    await target.receive(incoming(), context())
    reads = 0
    let written = 0
    const counted = { ...incoming(), bytes: counting(() => (written += 1)) }
    await target.receive(counted, context())
    expect(written).toBe(0)
    // Once: what a second reading says may not cost a backup that this one did not put there.
    expect(reads).toBe(1)
    const other = 'x'.repeat(done.stored)
    await store.put(done.artifact, bytesOf(other), { replace: true })
    for (const sha256 of [done.sha256, undefined])
      expect((await failureOf(target.receive({ ...incoming(), sha256 }, context()))).code).toBe('exists')
    expect(String(await read(store.get(done.artifact)))).toBe(other)
  })

  test.each(['flipped', 'short', 'long'])('bytes that are %s are refused, and nothing of them stays', async (how) => {
    const { target, store, incoming } = await both()
    const whole = incoming()
    const bytes = (async function* () {
      const all = Buffer.from(await read(whole.bytes))
      if (how === 'flipped') all[100] = (all[100] ?? 0) ^ 1
      yield how === 'short' ? all.subarray(0, -1) : all
      if (how === 'long') yield Buffer.from('x')
    })()
    expect((await failureOf(target.receive({ ...whole, bytes }, context()))).code).toBe('damaged')
    expect((await all(store.list())).filter(({ name }) => name.startsWith('backup_'))).toEqual([])
    // What was broken off before is no obstacle to the right bytes.
    await target.receive(incoming(), context())
    expect(await target.artifacts()).toHaveLength(1)
  })
}

/** No bytes at all; says so when somebody asks for them. */
async function* counting(asked: () => void): AsyncGenerator<Uint8Array> {
  asked()
  yield* []
}

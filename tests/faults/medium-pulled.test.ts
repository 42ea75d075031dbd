// A medium that is pulled, swapped or changed while work goes on: nothing is ever written to what is not the medium, and what was on it stays whole.
import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { writeMarker } from '../../core/drives/marker.ts'
import { type Bytes, bytesOf } from '../../core/lib/bytes.ts'
import { openStore, type StoreRef } from '../../core/stores/open.ts'
import type { Store } from '../../core/stores/store.ts'
import { pluggedDisk } from '../suites/fixtures/disks.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { all, noise, read } from '../suites/fixtures/streams.ts'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'

const mebi = 1024 * 1024
const earlier = noise(mebi, 3)

async function initialised(path: string): Promise<string> {
  const marker = { arche: 1, id: randomUUID(), name: 'STICK', createdAt: new Date().toISOString() } as const
  return (await writeMarker(path, marker)).id
}

async function opened(ref: StoreRef, how?: { readOnly: boolean }): Promise<Store> {
  const store = await openStore(ref, how)
  onTestFinished(() => store.close())
  return store
}

/** A plugged and initialised disk with one backup on it, opened. */
async function medium() {
  const disk = pluggedDisk()
  const id = await initialised(disk.path)
  const store = await opened({ kind: 'medium', path: disk.path, id })
  await store.put('earlier', bytesOf(earlier))
  return { disk, id, store, marker: join(disk.path, 'SIGL_sauvegardes', '.arche-medium.json') }
}

/** A body in the middle of which something happens. */
async function* around(event: () => unknown): Bytes {
  yield noise(3 * mebi)
  await event()
  yield noise(3 * mebi)
}

/** Every file under a folder, to see that nothing was written there. */
function everything(path: string): string[] {
  return readdirSync(path, { recursive: true }).map(String).sort()
}

test.each([false, true])(
  'pulled while an object is written (replacing: %s): it fails, and nothing but the earlier ones remains',
  async (replace) => {
    const { disk, id, store } = await medium()
    const name = replace ? 'earlier' : 'n'
    const failure = await failureOf(store.put(name, around(disk.pull), { replace }))
    expect(failure.code).toBe('medium-gone')
    expect(failure.details).toMatchObject({ name: expect.stringContaining('STICK'), path: disk.path })
    expect(everything(disk.path)).toEqual([])
    await store.close()
    disk.plugIn()
    expect(everything(join(disk.path, 'SIGL_sauvegardes'))).toEqual(['.arche-medium.json', 'earlier'])
    const again = await opened({ kind: 'medium', path: disk.path, id })
    expect((await read(again.get('earlier'))).equals(earlier)).toBe(true)
  },
)

test('pulled before a call: every call says so, nothing is written below', async () => {
  const { disk, store } = await medium()
  disk.pull()
  let pulled = false
  const body = (async function* () {
    pulled = true
    yield new Uint8Array(1)
  })()
  const calls: Record<string, () => Promise<unknown>> = {
    put: () => store.put('n', body),
    replace: () => store.put('n', body, { replace: true }),
    get: () => read(store.get('earlier')),
    stat: () => store.stat('earlier'),
    list: () => all(store.list()),
    remove: () => store.remove('earlier'),
    free: () => store.free(),
  }
  for (const [name, call] of Object.entries(calls)) expect((await failureOf(call())).code, name).toBe('medium-gone')
  expect(pulled).toBe(false)
  expect(everything(disk.path)).toEqual([])
})

test('pulled while an object is read: the reader is told', async () => {
  const { disk, store } = await medium()
  await store.put('large', bytesOf(noise(8 * mebi)))
  const reading = async () => {
    let seen = 0
    for await (const chunk of store.get('large')) {
      if (seen === 0) disk.pull()
      seen += chunk.length
    }
  }
  expect((await failureOf(reading())).code).toBe('medium-gone')
})

test('another medium in its place, between two calls and in the middle of one: it is not written to', async () => {
  const { disk, store } = await medium()
  let before: string[] = []
  const swap = async () => {
    disk.pull()
    await initialised(pluggedDisk(disk.path).path)
    before = everything(disk.path)
  }
  expect((await failureOf(store.put('n', around(swap)))).code).toBe('medium-changed')
  expect((await failureOf(store.put('n', bytesOf('x')))).code).toBe('medium-changed')
  expect((await failureOf(store.stat('earlier'))).code).toBe('medium-changed')
  expect(everything(disk.path)).toEqual(before)
})

test('an uninitialised stick in its place counts as gone, and is not written to', async () => {
  const { disk, store } = await medium()
  disk.pull()
  pluggedDisk(disk.path)
  const before = everything(disk.path)
  expect((await failureOf(store.put('n', bytesOf('x')))).code).toBe('medium-gone')
  expect(everything(disk.path)).toEqual(before)
})

test('a folder of the same name below the mount point is not the medium', async () => {
  const { disk, id, store } = await medium()
  disk.pull()
  const below = join(disk.path, 'SIGL_sauvegardes')
  mkdirSync(below)
  expect((await failureOf(store.put('n', bytesOf('x')))).code).toMatch(/^medium-(gone|changed)$/)
  expect((await failureOf(openStore({ kind: 'medium', path: disk.path, id }))).code).toBe('medium-changed')
  expect(everything(below)).toEqual([])
})

test.each([
  ['gone', (path: string) => rmSync(path), 'medium-changed'],
  [
    'of another id',
    (path: string) =>
      writeFileSync(
        path,
        readFileSync(path, 'utf8').replace(/"id": "./, (id) => (id.endsWith('0') ? '"id": "1' : '"id": "0')),
      ),
    'medium-changed',
  ],
  ['damaged', (path: string) => writeFileSync(path, '{'), 'damaged'],
  ['empty', (path: string) => writeFileSync(path, ''), 'damaged'],
  ['of a newer Arche', (path: string) => writeFileSync(path, '{"arche":2}'), 'unsupported-format'],
  [
    'a link',
    (path: string) => {
      renameSync(path, `${path}.real`)
      symlinkSync(`${path}.real`, path)
    },
    'damaged',
  ],
])('a marker that is %s while an object is written: it fails', async (_how, change, code) => {
  const { store, marker } = await medium()
  expect(
    (
      await failureOf(
        store.put(
          'n',
          around(() => change(marker)),
        ),
      )
    ).code,
  ).toBe(code)
  expect(readdirSync(join(marker, '..')).filter((name) => !name.startsWith('.arche-medium'))).toEqual(['earlier'])
})

test('its folder renamed while an object is written: it fails, unless the old name still leads to it', async () => {
  for (const link of [false, true]) {
    const { disk, store } = await medium()
    const folder = join(disk.path, 'SIGL_sauvegardes')
    const change = () => {
      renameSync(folder, `${folder}2`)
      if (link) symlinkSync(`${folder}2`, folder)
    }
    if (link) {
      // The same folder by another way: still the medium.
      await store.put('n', around(change))
      expect((await store.stat('n'))?.size).toBe(6 * mebi)
    } else {
      expect((await failureOf(store.put('n', around(change)))).code).toBe('medium-gone')
      expect(readdirSync(`${folder}2`).sort()).toEqual(['.arche-medium.json', 'earlier'])
    }
    await store.close()
  }
})

test('opening says what is wrong', async () => {
  const path = temporaryFolder()
  const id = randomUUID()
  const opening = async (ref: Partial<StoreRef> = {}) =>
    (await failureOf(openStore({ kind: 'medium', path, id, ...ref } as StoreRef))).code
  expect(await opening({ path: join(path, 'nothing') })).toBe('medium-gone')
  expect(await opening()).toBe('not-initialised')
  symlinkSync('/tmp', join(path, 'SIGL_sauvegardes'))
  expect(await opening()).toBe('not-initialised')
  rmSync(join(path, 'SIGL_sauvegardes'))
  mkdirSync(join(path, 'SIGL_sauvegardes'))
  expect(await opening()).toBe('medium-changed')
  await initialised(path)
  expect(await opening()).toBe('medium-changed')
})

test('with a damaged marker nothing is written, but everything can still be read', async () => {
  const { disk, store, marker } = await medium()
  await store.close()
  writeFileSync(marker, 'not a marker')
  expect((await failureOf(openStore({ kind: 'medium', path: disk.path }))).code).toBe('damaged')
  const reader = await opened({ kind: 'medium', path: disk.path }, { readOnly: true })
  expect((await read(reader.get('earlier'))).equals(earlier)).toBe(true)
  expect((await failureOf(reader.put('n', bytesOf('x')))).code).toBe('medium-read-only')
  expect((await failureOf(reader.remove('earlier'))).code).toBe('medium-read-only')
  expect(readFileSync(marker, 'utf8')).toBe('not a marker')
})

test('a failure of the source stays that of the source, even when the medium is pulled as well', async () => {
  const { disk, store } = await medium()
  const trouble = new Error('source broke')
  const body = around(() => {
    disk.pull()
    throw trouble
  })
  await expect(store.put('n', body)).rejects.toBe(trouble)
  expect(everything(disk.path)).toEqual([])
})

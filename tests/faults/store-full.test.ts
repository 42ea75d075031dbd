// A store on real file systems that are full, read-only, immutable, limited or failing: as root on ext4 and tmpfs made for the test. Without root the
// same errors of the system are given to the store one by one in store-kill.test.ts.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { bytesOf } from '../../core/lib/bytes.ts'
import { openStore } from '../../core/stores/open.ts'
import type { Store } from '../../core/stores/store.ts'
import { bundle } from '../suites/fixtures/bundle.ts'
import { ext4Disk, tmpfsFolder, tool } from '../suites/fixtures/disks.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import type { Order } from '../suites/fixtures/put-program.ts'
import { all, inChunks, noise, read } from '../suites/fixtures/streams.ts'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'
import { requireRoot } from '../support/root.ts'

const mebi = 1024 * 1024
const earlier = noise(mebi, 3)

async function local(folder: string): Promise<Store> {
  const store = await openStore({ kind: 'local', folder })
  onTestFinished(() => store.close())
  return store
}

async function disk(): Promise<{ path: string; store: Store }> {
  const ext4 = ext4Disk(32)
  ext4.plugIn()
  const store = await local(ext4.path)
  await store.put('earlier', bytesOf(earlier))
  return { path: ext4.path, store }
}

function expectOnlyEarlier(path: string): void {
  expect(readdirSync(path).filter((name) => name !== 'lost+found')).toEqual(['earlier'])
  expect(readFileSync(join(path, 'earlier')).equals(earlier)).toBe(true)
}

test('a limit of the process on the size of files: the put fails as too large and leaves nothing', async () => {
  const folder = temporaryFolder()
  const program = await bundle('put-program', temporaryFolder())
  const order: Order = {
    ref: { kind: 'local', folder },
    name: 'n',
    size: 6 * mebi,
    replace: false,
    fault: { at: 0, how: 'before', errno: '' },
  }
  const { stdout, stderr, error } = spawnSync(
    'prlimit',
    [`--fsize=${4 * mebi}`, process.execPath, program, JSON.stringify(order)],
    { encoding: 'utf8' },
  )
  expect(error, stderr).toBeUndefined()
  expect(JSON.parse(stdout)).toMatchObject({ code: 'file-too-large', details: { name: folder } })
  expect(readdirSync(folder)).toEqual([])
})

describe('as root', () => {
  beforeAll(requireRoot)
  test.each(['ext4', 'tmpfs'])('a full %s: no-space, the room is given back, what was there stays', async (kind) => {
    const place = kind === 'ext4' ? await disk() : { path: tmpfsFolder(32), store: undefined }
    const store = place.store ?? (await local(place.path))
    if (!place.store) await store.put('earlier', bytesOf(earlier))
    const free = (await store.free()) ?? 0
    const failure = await failureOf(store.put('n', inChunks(noise(40 * mebi), 100_000)))
    expect(failure.code).toBe('no-space')
    expect(failure.details.name).toBe(place.path)
    expectOnlyEarlier(place.path)
    expect(await store.free()).toBeGreaterThan(free - mebi)
    const old = await failureOf(store.put('earlier', inChunks(noise(40 * mebi), 100_000), { replace: true }))
    expect(old.code).toBe('no-space')
    expectOnlyEarlier(place.path)
    await store.put('small', bytesOf('fits'))
    expect(String(await read(store.get('small')))).toBe('fits')
  })

  test('set read-only: nothing can be put, removed or cleaned, all can be read', async () => {
    const { path, store } = await disk()
    tool('mount', '-o', 'remount,ro', path)
    const failure = await failureOf(store.put('n', bytesOf('x')))
    expect(failure.code).toBe('medium-read-only')
    expect(failure.details.name).toBe(path)
    expect((await failureOf(store.put('earlier', bytesOf('x'), { replace: true }))).code).toBe('medium-read-only')
    expect((await failureOf(store.put('a/b', bytesOf('x')))).code).toBe('medium-read-only')
    expect((await failureOf(store.remove('earlier'))).code).toBe('medium-read-only')
    const again = await local(path)
    expect((await read(again.get('earlier'))).equals(earlier)).toBe(true)
    expectOnlyEarlier(path)
  })

  test('a folder that takes no new names: denied, and the object that is there stays', async () => {
    const { path, store } = await disk()
    const folder = join(path, 'fixed')
    mkdirSync(folder)
    tool('chattr', '+i', folder)
    onTestFinished(() => void tool('chattr', '-i', folder))
    expect((await failureOf(store.put('fixed/n', bytesOf('x')))).code).toBe('denied')
    expect(readdirSync(folder)).toEqual([])
  })

  test('an object that may not be replaced or removed: denied, no temporary file stays', async () => {
    const { path, store } = await disk()
    tool('chattr', '+i', join(path, 'earlier'))
    onTestFinished(() => void tool('chattr', '-i', join(path, 'earlier')))
    expect((await failureOf(store.put('earlier', bytesOf('x'), { replace: true }))).code).toBe('denied')
    expect((await failureOf(store.remove('earlier'))).code).toBe('denied')
    expectOnlyEarlier(path)
  })

  test('a disk that takes the bytes and fails to keep them: the put fails', async () => {
    // The image promises 64 MB in a memory of 24: writes are taken, and fail when they are flushed.
    const ext4 = ext4Disk(64, undefined, tmpfsFolder(24))
    ext4.plugIn()
    const store = await local(ext4.path)
    await store.put('earlier', bytesOf(earlier))
    const failure = await failureOf(store.put('n', inChunks(noise(40 * mebi), mebi)))
    expect(['io', 'medium-read-only', 'no-space', 'medium-gone']).toContain(failure.code)
    expect((await all(store.list())).map(({ name }) => name)).toEqual(['earlier'])
  })

  test('reading past the memory of the system comes from the disk', async () => {
    const { store } = await disk()
    await store.put('n', bytesOf(noise(8 * mebi)))
    const fromDisk = async (uncached: boolean) => {
      const before = diskReads()
      expect((await read(store.get('n', { uncached }))).equals(noise(8 * mebi))).toBe(true)
      return diskReads() - before
    }
    expect(await fromDisk(false)).toBeLessThan(mebi)
    expect(await fromDisk(true)).toBeGreaterThanOrEqual(8 * mebi)
  })
})

/** Bytes that this process has had read from block devices (proc(5), /proc/<pid>/io). */
function diskReads(): number {
  return Number(/^read_bytes: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1])
}

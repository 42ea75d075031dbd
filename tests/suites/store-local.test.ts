// What a store in a folder promises beyond the suite: links are not followed, the folder is other people's too, and a body waits for the disk.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Bytes, bytesOf } from '../../core/lib/bytes.ts'
import { openStore } from '../../core/stores/open.ts'
import type { Store } from '../../core/stores/store.ts'
import { writeBody } from '../../core/stores/writer.ts'
import { failureOf } from './fixtures/failure-of.ts'
import { all, inChunks, noise, read } from './fixtures/streams.ts'
import { temporaryFolder } from './fixtures/temp-folder.ts'

const mebi = 1024 * 1024

async function local(folder: string): Promise<Store> {
  const store = await openStore({ kind: 'local', folder })
  onTestFinished(() => store.close())
  return store
}

const listed = async (store: Store) => (await all(store.list())).map(({ name }) => name).sort()

test('links, pipes and folders under the name of an object are no objects', async () => {
  const [folder, outside] = [temporaryFolder(), temporaryFolder()]
  writeFileSync(join(outside, 'secret'), 'secret')
  symlinkSync(join(outside, 'secret'), join(folder, 'link'))
  symlinkSync('/dev/zero', join(folder, 'zero'))
  symlinkSync(outside, join(folder, 'sub'))
  mkdirSync(join(folder, 'folder'))
  execFileSync('mkfifo', [join(folder, 'pipe')])
  const store = await local(folder)
  expect(await listed(store)).toEqual([])
  for (const name of ['link', 'zero', 'sub/secret', 'folder', 'pipe']) {
    expect(await store.stat(name), name).toBeUndefined()
    expect((await failureOf(read(store.get(name)))).code, name).toBe('not-found')
    await store.remove(name)
  }
  expect((await failureOf(store.put('sub/new', bytesOf('x')))).code).toBe('bad-input')
  for (const name of ['link', 'zero', 'folder', 'pipe'])
    expect((await failureOf(store.put(name, bytesOf('x')))).code, name).toBe('exists')
  await store.put('link', bytesOf('mine'), { replace: true })
  expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret')
  expect(readdirSync(outside)).toEqual(['secret'])
  expect(readdirSync(folder).sort()).toEqual(['folder', 'link', 'pipe', 'sub', 'zero'])
})

test('what others put there is listed, our own files are not', async () => {
  const folder = temporaryFolder()
  for (const name of ['theirs', '.hidden', '.arche-medium.json', '.arche-part-other-0-1-0', '.arche-future'])
    writeFileSync(join(folder, name), name)
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.from([0xe9])]), 'latin1')
  const store = await local(folder)
  expect(await listed(store)).toEqual(['.hidden', 'caf\udce9', 'theirs'])
  expect(String(await read(store.get('caf\udce9')))).toBe('latin1')
})

test('the finished file can be read by others as the umask says', async () => {
  const folder = temporaryFolder()
  await (await local(folder)).put('n', bytesOf('x'))
  expect(statSync(join(folder, 'n')).mode & 0o777).toBe(0o666 & ~process.umask())
})

test('a folder that is none', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'file'), '')
  const opening = async (path: string) => (await failureOf(openStore({ kind: 'local', folder: path }))).code
  expect(await opening(join(folder, 'none'))).toBe('not-found')
  expect(await opening(join(folder, 'file'))).toBe('bad-input')
  expect(await opening(join(folder, 'file', 'below'))).toBe('not-found')
})

test('a folder that vanishes while it is open: failures, no folder is made anew', async () => {
  const folder = join(temporaryFolder(), 'gone')
  mkdirSync(folder)
  const store = await local(folder)
  execFileSync('rmdir', [folder])
  expect((await failureOf(store.put('n', bytesOf('x')))).code).toBe('not-found')
  expect((await failureOf(all(store.list()))).code).toBe('not-found')
  expect((await failureOf(store.free())).code).toBe('not-found')
  expect(() => statSync(folder)).toThrow()
})

test('the body waits for the disk: never more than three blocks ahead of it', async () => {
  const folder = temporaryFolder()
  const store = await local(folder)
  let [pulled, ahead] = [0, 0]
  const body = (async function* (): Bytes {
    for (let n = 0; n < 400; n += 1) {
      const [part] = readdirSync(folder)
      ahead = Math.max(ahead, pulled - (part === undefined ? 0 : statSync(join(folder, part)).size))
      yield noise(100_000, n)
      pulled += 100_000
    }
  })()
  await store.put('n', body)
  expect(pulled).toBe(40_000_000)
  expect(ahead).toBeLessThanOrEqual(3 * mebi)
})

test('a body that has become too large for the file system is stopped as soon as that is known', async () => {
  const path = join(temporaryFolder(), 'n')
  const handle = await open(path, 'w')
  onTestFinished(() => handle.close())
  let pulled = 0
  const body = (async function* () {
    for (; ; pulled += 1) yield new Uint8Array(mebi)
  })()
  const subject = { name: 'n', label: 'FAT STICK', path }
  const failure = await failureOf(writeBody(handle, body, { subject, maxSize: 5 * mebi + 1 }))
  expect(failure).toMatchObject({ code: 'file-too-large', details: { name: 'FAT STICK' } })
  expect(pulled).toBe(5)
  await handle.truncate(0)
  expect(await writeBody(handle, inChunks(noise(5 * mebi + 1), mebi), { subject, maxSize: 5 * mebi + 1 })).toBe(
    5 * mebi + 1,
  )
})

test('an object that shrinks while it is read is truncated, not merely shorter', async () => {
  const folder = temporaryFolder()
  const store = await local(folder)
  await store.put('n', bytesOf(noise(6 * mebi)))
  for (const uncached of [false, true]) {
    const reading = async () => {
      for await (const chunk of store.get('n', { uncached }))
        if (chunk.length > 0) execFileSync('truncate', ['--size', '1', join(folder, 'n')])
    }
    expect((await failureOf(reading())).code).toBe('truncated')
    await store.put('n', bytesOf(noise(6 * mebi)), { replace: true })
  }
})

test('failures name the store when it is the store that fails, else the object', async () => {
  const folder = temporaryFolder()
  const store = await local(folder)
  await store.put('n', bytesOf('x'))
  expect((await failureOf(store.put('n', bytesOf('x')))).details).toMatchObject({ name: 'n' })
  expect((await failureOf(read(store.get('m')))).details).toMatchObject({ name: 'm' })
  if (process.getuid?.() !== 0) chmodSync(folder, 0o555)
  const closed = await openStore({ kind: 'local', folder: process.getuid?.() === 0 ? '/proc' : folder })
  const failure = await failureOf(closed.put('x', bytesOf('x')))
  expect(failure.code).toMatch(/^(denied|not-found)$/)
  chmodSync(folder, 0o755)
})

test('what is no file blocks its name', async () => {
  const folder = temporaryFolder()
  const store = await local(folder)
  mkdirSync(join(folder, 'folder'))
  symlinkSync('/dev/zero', join(folder, 'link'))
  execFileSync('mkfifo', [join(folder, 'pipe')])
  for (const name of ['folder', 'link', 'pipe']) {
    expect(await store.blocked(name)).toBe(true)
    expect(await store.stat(name)).toBeUndefined()
  }
})

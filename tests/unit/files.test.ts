// Durable small writes, free space, and errors of the system as Failures.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statfsSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Failure } from '../../core/api/failure.ts'
import {
  errnoOf,
  freeBytes,
  fromErrno,
  isAbandoned,
  isTemporary,
  readSmall,
  syncFolder,
  temporaryName,
  writeDurably,
} from '../../core/lib/files.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'

test('writes and replaces as a whole, with the mode asked for, and leaves nothing else', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'settings.json')
  await writeDurably(path, 'one', { mode: 0o600 })
  expect(statSync(path).mode & 0o777).toBe(0o600)
  await writeDurably(path, Buffer.from('twö'))
  expect(readFileSync(path, 'utf8')).toBe('twö')
  expect(readdirSync(folder)).toEqual(['settings.json'])
})

test('the mode does not depend on the umask', async () => {
  const path = join(temporaryFolder(), 'f')
  await writeDurably(path, '', { mode: 0o666 })
  expect(statSync(path).mode & 0o777).toBe(0o666)
})

test('a write that fails leaves the old content and no temporary file', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'f')
  mkdirSync(path)
  writeFileSync(join(path, 'inside'), '')
  expect((await failureOf(writeDurably(path, 'x'))).code).toMatch(/^(bad-input|exists)$/)
  expect(readdirSync(folder)).toEqual(['f'])
  expect(await failureOf(writeDurably(join(folder, 'no', 'f'), 'x'))).toMatchObject({
    code: 'not-found',
    details: { path: join(folder, 'no', 'f') },
  })
})

test('many writers of one file: one of the contents', async () => {
  const folder = temporaryFolder()
  const texts = Array.from({ length: 20 }, (_, n) => String(n).repeat(10_000))
  await Promise.all(texts.map((text) => writeDurably(join(folder, 'f'), text)))
  expect(texts).toContain(readFileSync(join(folder, 'f'), 'utf8'))
  expect(readdirSync(folder)).toEqual(['f'])
})

test('free space is that of this user', async () => {
  const folder = temporaryFolder()
  const { bsize, blocks } = statfsSync(folder)
  const free = await freeBytes(folder)
  expect(free).toBeGreaterThan(0)
  expect(free).toBeLessThanOrEqual(bsize * blocks)
  expect((await failureOf(freeBytes(join(folder, 'no')))).code).toBe('not-found')
})

test('a folder is flushed; one that is not there is reported, a file system that cannot is not', async () => {
  const folder = temporaryFolder()
  await expect(syncFolder(folder)).resolves.toBeUndefined()
  await expect(syncFolder('/proc')).resolves.toBeUndefined()
  expect((await failureOf(syncFolder(join(folder, 'no')))).code).toBe('not-found')
})

test.each([
  ['ENOSPC', 'no-space'],
  ['EDQUOT', 'no-space'],
  ['EFBIG', 'file-too-large'],
  ['EROFS', 'medium-read-only'],
  ['EACCES', 'denied'],
  ['EPERM', 'denied'],
  ['ENOENT', 'not-found'],
  ['EEXIST', 'exists'],
  ['ENAMETOOLONG', 'bad-input'],
  ['EIO', 'io'],
  ['ENXIO', 'medium-gone'],
  ['ENODEV', 'medium-gone'],
  ['EBADMSG', 'io'],
  ['ESTALE', 'unreachable'],
])('%s is %s', (errno, code) => {
  const error = Object.assign(new Error('x'), { code: errno, path: '/from/node' })
  const failure = fromErrno(error)
  expect(failure).toBeInstanceOf(Failure)
  expect(failure).toMatchObject({ code, details: { path: '/from/node', name: '/from/node' }, cause: error })
  expect(fromErrno(error, { path: '/p', name: 'n' })).toMatchObject({ code, details: { path: '/p', name: 'n' } })
}) // prettier-ignore

test('passing troubles may be tried again, others not', () => {
  const failure = (errno: string) => fromErrno(Object.assign(new Error('x'), { code: errno })) as Failure
  expect([failure('EMFILE').retryable, failure('EBUSY').retryable, failure('ETIMEDOUT').retryable]).toEqual([
    true,
    true,
    true,
  ])
  expect([failure('EIO').retryable, failure('ENOSPC').retryable]).toEqual([false, false])
})

test('what is no error of the system stays what it is', async () => {
  const failure = new Failure('busy')
  for (const other of [
    failure,
    new TypeError('bug'),
    'text',
    undefined,
    Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' }),
  ]) {
    expect(fromErrno(other)).toBe(other)
  }
  expect(errnoOf(new Error('x'))).toBeUndefined()
  const real = await open('/no/such/file').catch((error: unknown) => error)
  expect(errnoOf(real)).toBe('ENOENT')
})

test('temporary names are ours, differ, and are not abandoned while we live', () => {
  const [a, b] = [temporaryName(), temporaryName()]
  expect(a).not.toBe(b)
  expect(isTemporary(a)).toBe(true)
  expect(isTemporary('.arche-medium.json')).toBe(false)
  expect(isAbandoned(a, 0, Date.now())).toBe(false)
  expect(isAbandoned(a.replace(/-\d+-/, '-4194999-'), Date.now(), Date.now())).toBe(true)
})

test('the mode of a file in a folder that others may not enter is still exact', async () => {
  const folder = temporaryFolder()
  chmodSync(folder, 0o700)
  await writeDurably(join(folder, 'secret'), 'x', { mode: 0o400 })
  expect(statSync(join(folder, 'secret')).mode & 0o777).toBe(0o400)
})

test('a small file is read whatever its size is said to be; anything else in its place is told and waited for by nobody', async () => {
  const folder = temporaryFolder()
  const at = (name: string) => join(folder, name)
  writeFileSync(at('plain'), 'é'.repeat(50))
  expect(await readSmall(at('plain'), { limit: 100 })).toBe('é'.repeat(50))
  expect(await readSmall('/proc/self/stat', { limit: 5000 })).toContain(String(process.pid))
  expect(await readSmall(at('none'), { limit: 100 })).toBeUndefined()
  execFileSync('mkfifo', [at('pipe')])
  symlinkSync('/dev/zero', at('endless'))
  symlinkSync(at('plain'), at('link'))
  mkdirSync(at('folder'))
  for (const name of ['pipe', 'endless', 'link', 'folder'])
    expect(await failureOf(readSmall(at(name), { limit: 100 })), name).toMatchObject({
      code: 'damaged',
      details: { name: at(name), reason: 'kind' },
    })
  expect(await readSmall(at('link'), { limit: 100, follow: true })).toHaveLength(50)
  expect(await failureOf(readSmall(at('endless'), { limit: 100, follow: true }))).toMatchObject({ code: 'damaged' })
  for (const path of [at('plain'), '/proc/self/maps'])
    expect(await failureOf(readSmall(path, { limit: 99 }))).toMatchObject({ details: { reason: 'size' } })
})

// Making a drive ready: what is made, what is kept, and when it is refused.
import { randomUUID } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Medium } from '../../core/api/model.ts'
import { initialise, listMedia } from '../../core/drives/drives.ts'
import { readMarker, writeMarker } from '../../core/drives/marker.ts'
import { isRoot } from '../suites/fixtures/disks.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { scriptedLsblk } from '../suites/fixtures/scripted-lsblk.ts'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'

async function listed(path: string): Promise<Medium> {
  scriptedLsblk().plug({ path, label: 'USB' })
  const [medium] = await listMedia()
  if (!medium) throw new Error('not listed')
  return medium
}

const folderOf = (path: string) => join(path, 'SIGL_sauvegardes')

test('a fresh stick gets the folder and a marker; listed again it is the same medium', async () => {
  const path = temporaryFolder()
  writeFileSync(join(path, 'holiday.jpg'), 'kept')
  const medium = await listed(path)
  const ready = await initialise(medium, { name: '  Lundi 🔑 ', now: 0 })
  expect(ready).toEqual({ ...medium, name: 'Lundi 🔑', initialised: true, id: expect.any(String) })
  expect(readdirSync(path).sort()).toEqual(['SIGL_sauvegardes', 'holiday.jpg'])
  expect(readdirSync(folderOf(path))).toEqual(['.arche-medium.json'])
  expect(await readMarker(folderOf(path))).toEqual({
    arche: 1,
    id: ready.id,
    name: 'Lundi 🔑',
    createdAt: '1970-01-01T00:00:00.000Z',
  })
  expect((await listMedia())[0]).toMatchObject({ id: ready.id, name: 'Lundi 🔑', initialised: true })
})

test('two sticks get two ids', async () => {
  const [a, b] = [await listed(temporaryFolder()), await listed(temporaryFolder())]
  expect((await initialise(a, { name: 'x' })).id).not.toBe((await initialise(b, { name: 'x' })).id)
})

test('a folder that LabBook made is adopted with all that is in it', async () => {
  const path = temporaryFolder()
  mkdirSync(folderOf(path))
  writeFileSync(join(folderOf(path), 'backup_SIGL_2018-04-13_15h58m51s.tar.gz'), 'old')
  const ready = await initialise(await listed(path), { name: 'Labo' })
  expect(ready.id).toBeDefined()
  expect(readdirSync(folderOf(path)).sort()).toEqual(['.arche-medium.json', 'backup_SIGL_2018-04-13_15h58m51s.tar.gz'])
  expect(readFileSync(join(folderOf(path), 'backup_SIGL_2018-04-13_15h58m51s.tar.gz'), 'utf8')).toBe('old')
})

test('twice: already initialised, the first marker stays', async () => {
  const path = temporaryFolder()
  const medium = await listed(path)
  const ready = await initialise(medium, { name: 'one' })
  expect(await failureOf(initialise(ready, { name: 'two' }))).toMatchObject({ code: 'already-initialised' })
  expect((await readMarker(folderOf(path)))?.name).toBe('one')
})

test('not as it was shown: changed, and nothing is done', async () => {
  const path = temporaryFolder()
  const medium = await listed(path)
  expect((await failureOf(initialise({ ...medium, size: (medium.size ?? 0) + 512 }, { name: 'x' }))).code).toBe(
    'changed',
  )
  expect((await failureOf(initialise({ ...medium, initialised: true }, { name: 'x' }))).code).toBe('changed')
  expect(readdirSync(path)).toEqual([])
  mkdirSync(folderOf(path))
  expect((await failureOf(initialise(medium, { name: 'x' }))).code).toBe('changed')
  expect(readdirSync(folderOf(path))).toEqual([])
})

test('a damaged marker is never replaced', async () => {
  const path = temporaryFolder()
  mkdirSync(folderOf(path))
  const marker = join(folderOf(path), '.arche-medium.json')
  writeFileSync(marker, '{"arche":1,"id":"')
  const failure = await failureOf(initialise(await listed(path), { name: 'x' }))
  expect(failure).toMatchObject({ code: 'damaged', details: { name: marker, reason: 'JSON' } })
  expect(readFileSync(marker, 'utf8')).toBe('{"arche":1,"id":"')
})

test.each([
  [{ system: true }, 'system-disk'],
  [{ readOnly: true }, 'medium-read-only'],
  [{ free: 10 }, 'no-space'],
] as const)('%j: refused', async (facts, code) => {
  const path = temporaryFolder()
  expect((await failureOf(initialise({ ...(await listed(path)), ...facts }, { name: 'x' }))).code).toBe(code)
  expect(readdirSync(path)).toEqual([])
})

test.each(['', '   ', 'two\nlines', 'bell\u0007', 'x'.repeat(201)])('the name %j is refused', async (name) => {
  const path = temporaryFolder()
  expect((await failureOf(initialise(await listed(path), { name }))).code).toBe('bad-input')
  expect(readdirSync(path)).toEqual([])
})

test('a file or a link in the place of the folder is left alone', async () => {
  const [file, link, elsewhere] = [temporaryFolder(), temporaryFolder(), temporaryFolder()]
  writeFileSync(folderOf(file), 'x')
  symlinkSync(elsewhere, folderOf(link))
  expect((await failureOf(initialise(await listed(file), { name: 'x' }))).code).toBe('exists')
  expect((await failureOf(initialise(await listed(link), { name: 'x' }))).code).toBe('exists')
  expect(readFileSync(folderOf(file), 'utf8')).toBe('x')
  expect(readdirSync(elsewhere)).toEqual([])
})

test('a drive that has gone, or where this user may not write', async () => {
  const path = temporaryFolder()
  const medium = await listed(path)
  expect((await failureOf(initialise({ ...medium, path: join(path, 'gone') }, { name: 'x' }))).code).toBe('not-found')
  // Root may write everywhere; a device folder takes nothing from anybody.
  const closed = isRoot ? '/proc' : path
  if (!isRoot) chmodSync(path, 0o555)
  const { size: _unknown, free: _too, ...facts } = medium
  expect((await failureOf(initialise({ ...facts, path: closed }, { name: 'x' }))).code).toMatch(/^(denied|not-found)$/)
})

test('a marker is written only where there is none', async () => {
  const path = temporaryFolder()
  const marker = { arche: 1, id: randomUUID(), name: 'x', createdAt: new Date().toISOString() } as const
  await writeMarker(path, marker)
  expect((await failureOf(writeMarker(path, { ...marker, id: randomUUID() }))).code).toBe('already-initialised')
  expect((await readMarker(folderOf(path)))?.id).toBe(marker.id)
})

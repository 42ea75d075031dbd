// The store of a place in an account of a server, against real OpenSSH: the suites of stores, of faults and of targets on it, and its marker, which decides
// whether anything is touched at all.
import { randomUUID } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Marker } from '../../core/drives/marker.ts'
import { readMarker } from '../../core/drives/marker.ts'
import { bytesOf } from '../../core/lib/bytes.ts'
import { claimSftpMedium, openSftpMedium, type SftpMedium } from '../../core/stores/medium-sftp.ts'
import { openStore } from '../../core/stores/open.ts'
import type { Store } from '../../core/stores/store.ts'
import { Shelf } from '../../core/targets/shelf.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'
import { failureOf } from './fixtures/failure-of.ts'
import { type ShakyLine, shakyLine } from './fixtures/shaky-line.ts'
import { all, read } from './fixtures/streams.ts'
import { faultSuite } from './store-fault-suite.ts'
import { storeSuite } from './store-suite.ts'
import { targetSuite } from './target-suite.ts'

let sshd: Sshd
let line: ShakyLine

beforeAll(async () => {
  sshd = await startSshd()
  line = await shakyLine(sshd.port)
})
afterAll(async () => {
  await line.close()
  await sshd.stop()
})

const markerNamed = (name: string): Marker => ({
  arche: 1,
  id: randomUUID(),
  name,
  createdAt: '2026-11-29T12:00:00.000Z',
})

function place(path = mkdtempSync(join(sshd.folder, 'place-')), port = sshd.port): SftpMedium & { folder: string } {
  const spec = { host: '127.0.0.1', port, user: sshd.user, path, hostKey: sshd.fingerprint() }
  return { spec, secrets: { key: sshd.key }, folder: join(path, 'SIGL_sauvegardes') }
}

async function laid(at = place()): Promise<ReturnType<typeof place> & { id: string }> {
  const { marker } = await claimSftpMedium(at, () => markerNamed('NAS'))
  return { ...at, id: marker.id }
}

async function opened(): Promise<Store> {
  const { spec, secrets, id } = await laid()
  const store = await openStore({ kind: 'sftp', spec, secrets, id })
  onTestFinished(() => store.close())
  return store
}

storeSuite('place by SFTP', opened)
faultSuite('place by SFTP', opened)
targetSuite('shelf on a place by SFTP', (store) => new Shelf(store), opened)

const opening = (at: SftpMedium, how = {}) => failureOf(openStore({ kind: 'sftp', ...at }, how))

describe('marker of a place', () => {
  test('is laid as that of a medium is, and taken over by whoever comes next', async () => {
    const at = place()
    const first = await claimSftpMedium(at, () => markerNamed('NAS'))
    expect(first).toMatchObject({ adopted: false, marker: { name: 'NAS' } })
    expect(await readMarker(at.folder)).toEqual(first.marker)
    expect(readdirSync(at.folder)).toEqual(['.arche-medium.json'])
    expect(await claimSftpMedium(at, () => markerNamed('Other'))).toEqual({ adopted: true, marker: first.marker })
    expect(await claimSftpMedium(at, undefined)).toEqual({ adopted: true, marker: first.marker })
  })

  test('is the same for all who lay it at once', async () => {
    const at = place()
    const all = await Promise.all(['A', 'B', 'C'].map((name) => claimSftpMedium(at, () => markerNamed(name))))
    expect(new Set(all.map(({ marker }) => marker.id)).size).toBe(1)
    expect(all.filter(({ adopted }) => !adopted)).toHaveLength(1)
    expect(readdirSync(at.folder)).toEqual(['.arche-medium.json'])
  })

  test('is laid beside what LabBook has left there', async () => {
    const at = place()
    mkdirSync(at.folder)
    writeFileSync(join(at.folder, 'backup_SIGL.tar.gz.gpg'), 'x')
    expect(await claimSftpMedium(at, () => markerNamed('NAS'))).toMatchObject({ adopted: false })
    expect(readdirSync(at.folder).sort()).toEqual(['.arche-medium.json', 'backup_SIGL.tar.gz.gpg'])
  })

  test('another one than expected: nothing is opened, written or removed', async () => {
    const at = await laid()
    const other = randomUUID()
    expect((await opening({ ...at, id: other })).code).toBe('medium-changed')
    expect((await opening({ ...at, id: other }, { readOnly: true })).code).toBe('medium-changed')
    expect(readdirSync(at.folder)).toEqual(['.arche-medium.json'])
  })

  test('none: not initialised; no folder at all: told as such', async () => {
    const bare = place()
    expect((await opening(bare)).code).toBe('not-initialised')
    expect((await failureOf(claimSftpMedium(bare, undefined))).code).toBe('not-initialised')
    mkdirSync(bare.folder)
    expect((await opening(bare, { readOnly: true })).code).toBe('not-initialised')
    const missing = place(join(sshd.folder, 'none'))
    expect((await opening(missing)).code).toBe('place-folder-missing')
    expect((await failureOf(claimSftpMedium(missing, () => markerNamed('x')))).code).toBe('place-folder-missing')
    expect(existsSync(join(sshd.folder, 'none'))).toBe(false)
  })

  test.each([
    ['no JSON', '{', 'damaged'],
    ['not ours', '{}', 'damaged'],
    ['of a newer kind', '{"arche":2}', 'unsupported-format'],
    ['far too long', ' '.repeat(70_000), 'damaged'],
  ])(
    'one that does not read well (%s) is never replaced, and what lies there can still be read',
    async (_, text, code) => {
      const at = await laid()
      const store = await openStore({ kind: 'sftp', ...at })
      await store.put('n', bytesOf('x'))
      await store.close()
      writeFileSync(join(at.folder, '.arche-medium.json'), text)
      expect((await opening(at)).code).toBe(code)
      expect((await failureOf(claimSftpMedium(at, () => markerNamed('x')))).code).toBe(code)
      expect(readFileSync(join(at.folder, '.arche-medium.json'), 'utf8')).toBe(text)
      const reading = await openStore({ kind: 'sftp', ...at }, { readOnly: true })
      onTestFinished(() => reading.close())
      expect(String(await read(reading.get('n')))).toBe('x')
    },
  )

  test('a folder that is a link elsewhere is not followed', async () => {
    const [at, other] = [place(), await laid()]
    symlinkSync(other.folder, at.folder)
    expect((await opening(at)).code).toBe('not-initialised')
    expect((await failureOf(claimSftpMedium(at, () => markerNamed('x')))).code).toBe('bad-input')
  })

  test('what lies there becomes another place while it is open: nothing is put there or removed', async () => {
    const [at, other] = [await laid(), await laid()]
    const store = await openStore({ kind: 'sftp', ...at })
    onTestFinished(() => store.close())
    await store.put('n', bytesOf('mine'))
    renameSync(at.folder, `${at.folder}-away`)
    renameSync(other.folder, at.folder)
    writeFileSync(join(at.folder, 'n'), 'theirs')
    expect((await failureOf(store.put('m', bytesOf('x')))).code).toBe('medium-changed')
    expect((await failureOf(store.remove('n'))).code).toBe('medium-changed')
    expect(readdirSync(at.folder).sort()).toEqual(['.arche-medium.json', 'n'])
  })

  test('and a server that comes back with another disk is not read on as if it were the same', async () => {
    const at = await laid(place(undefined, line.port))
    const store = await openSftpMedium(at)
    onTestFinished(() => store.close())
    await store.put('n', bytesOf('mine'))
    const hit = line.set({ way: 'up', at: 0, how: 'cut' })
    expect((await failureOf(store.stat('n'))).code).toBe('place-unreachable')
    await hit
    renameSync(at.folder, `${at.folder}-away`)
    expect((await failureOf(store.stat('n'))).code).toBe('not-initialised')
    expect((await failureOf(all(store.list()))).code).toBe('not-initialised')
  })

  test('a line that breaks for a moment is no failure, but for a put', async () => {
    const at = await laid(place(undefined, line.port))
    const store = await openStore({ kind: 'sftp', ...at })
    onTestFinished(() => store.close())
    await store.put('n', bytesOf('mine'))
    for (const call of [
      () => store.stat('n'),
      () => all(store.list()),
      () => read(store.get('n')),
      () => store.free(),
      () => store.remove('absent'),
    ]) {
      const hit = line.set({ way: 'up', at: 0, how: 'cut' })
      await call()
      await hit
    }
    const hit = line.set({ way: 'up', at: 0, how: 'cut' })
    expect((await failureOf(store.put('m', bytesOf('x')))).code).toBe('place-unreachable')
    await hit
    await store.put('m', bytesOf('x'))
  })
})

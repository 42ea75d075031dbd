// Ejecting: real ext4 as root; and a scripted udisksctl, because this machine may have no desktop.
import { chmodSync, closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Medium } from '../../core/api/model.ts'
import { eject } from '../../core/drives/drives.ts'
import { writeMarker } from '../../core/drives/marker.ts'
import { readMounts } from '../../core/drives/mounts.ts'
import { bytesOf } from '../../core/lib/bytes.ts'
import { openStore } from '../../core/stores/open.ts'
import { ext4Disk } from '../suites/fixtures/disks.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { read } from '../suites/fixtures/streams.ts'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'
import { requireRoot } from '../support/root.ts'

const facts = { name: 'STICK', removable: true, system: false, readOnly: false, initialised: true, fixed: false }
const isMounted = async (path: string) => (await readMounts()).some((mount) => mount.path === path)

/** A udisksctl that notes its arguments and does as told; `umount` really unmounts. */
function scriptedUdisks(script: string): () => string[] {
  const folder = temporaryFolder()
  const log = join(folder, 'log')
  writeFileSync(log, '')
  writeFileSync(join(folder, 'udisksctl'), `#!/bin/sh\necho "$@" >> '${log}'\n${script}\n`)
  chmodSync(join(folder, 'udisksctl'), 0o755)
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`)
  return () => readFileSync(log, 'utf8').trim().split('\n')
}

test.each([
  [{ system: true }, 'system-disk'],
  [{ fixed: true }, 'fixed-disk'],
])('%j is never ejected', async (more, code) => {
  const calls = scriptedUdisks('exit 0')
  expect((await failureOf(eject({ ...facts, path: '/', ...more }))).code).toBe(code)
  expect(calls()).toEqual([''])
})

test('what is not mounted any more is done already', async () => {
  await expect(eject({ ...facts, path: join(temporaryFolder(), 'gone') })).resolves.toBeUndefined()
})

describe('as root', () => {
  beforeAll(requireRoot)
  function mounted(): { medium: Medium; plugIn: () => void } {
    const disk = ext4Disk(16)
    disk.plugIn()
    return { medium: { ...facts, path: disk.path, device: '/dev/arche-test-none' }, plugIn: disk.plugIn }
  }

  test('without udisks: unmounted, what was written is on the disk', async () => {
    scriptedUdisks('echo "Error connecting to the udisks daemon" >&2; exit 1')
    const { medium, plugIn } = mounted()
    writeFileSync(join(medium.path, 'file'), 'written')
    await eject(medium)
    expect(await isMounted(medium.path)).toBe(false)
    plugIn()
    expect(readFileSync(join(medium.path, 'file'), 'utf8')).toBe('written')
  })

  test('in use: busy, still mounted; then not', async () => {
    scriptedUdisks('exit 1')
    const { medium } = mounted()
    const file = openSync(join(medium.path, 'file'), 'w')
    onTestFinished(() => closeSync(file))
    expect(await failureOf(eject(medium))).toMatchObject({
      code: 'eject-busy',
      retryable: true,
      details: { name: 'STICK' },
    })
    expect(await isMounted(medium.path)).toBe(true)
  })

  test('a store that is open on it keeps it busy until it is closed', async () => {
    scriptedUdisks('exit 1')
    const { medium } = mounted()
    const marker = {
      arche: 1,
      id: '6b1f3e9e-5f0e-4a42-9a55-5b8c2d5f5a11',
      name: 'STICK',
      createdAt: '2026-01-01T00:00:00.000Z',
    } as const
    await writeMarker(medium.path, marker)
    const store = await openStore({ kind: 'medium', path: medium.path })
    await store.put('n', bytesOf('x'))
    expect(String(await read(store.get('n')))).toBe('x')
    expect((await failureOf(eject(medium))).code).toBe('eject-busy')
    await store.close()
    await eject(medium)
    expect(await isMounted(medium.path)).toBe(false)
  })

  test('with udisks: it unmounts and powers off', async () => {
    const { medium } = mounted()
    const source = (await readMounts()).find(({ path }) => path === medium.path)?.source
    const calls = scriptedUdisks(`[ "$1" = unmount ] && umount '${medium.path}'; exit 0`)
    await eject(medium)
    expect(calls()).toEqual([
      `unmount --block-device ${source} --no-user-interaction`,
      'power-off --block-device /dev/arche-test-none --no-user-interaction',
    ])
  })

  test.each([
    ['says that it is busy', 'echo "Error unmounting /dev/sdb1: target is busy" >&2; exit 1'],
    ['says it is done, and it is not', 'exit 0'],
  ])('udisks %s: busy', async (_what, script) => {
    scriptedUdisks(script)
    const { medium } = mounted()
    expect((await failureOf(eject(medium))).code).toBe('eject-busy')
    expect(await isMounted(medium.path)).toBe(true)
  })
})

// Drives and media as lsblk tells of them, and which one a person means.
import { randomUUID } from 'node:crypto'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import type { Medium } from '../../core/api/model.ts'
import { listMedia, refuseTwins, resolveMedium } from '../../core/drives/drives.ts'
import { listDrives } from '../../core/drives/list.ts'
import { writeMarker } from '../../core/drives/marker.ts'
import { newestIn } from '../../core/drives/media.ts'
import { mountAt, mountOf, parseMountinfo } from '../../core/drives/mounts.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { emptyPath, scriptedLsblk } from '../suites/fixtures/scripted-lsblk.ts'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'

const path = () => temporaryFolder()

async function initialised(name: string, id = randomUUID()) {
  const folder = temporaryFolder()
  await writeMarker(folder, { arche: 1, id, name, createdAt: '2026-03-01T10:00:00.000Z' })
  return { folder, id }
}

function backup(folder: string, ...names: string[]): void {
  mkdirSync(join(folder, 'SIGL_sauvegardes'), { recursive: true })
  for (const name of names) writeFileSync(join(folder, 'SIGL_sauvegardes', name), '')
}

describe('mountinfo', () => {
  const text = [
    '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard',
    '42 27 8:17 / /media/me/USB\\040STICK\\0114\\134 rw,nosuid,nodev shared:5 master:2 - vfat /dev/sdb1 rw,uid=1000',
    '43 27 8:33 / /media/me/caf\xe9 ro,nosuid - exfat /dev/sdc1 rw',
    '44 27 8:49 / /media/me/\xf0\x9f\x94\x91 rw - ext4 /dev/sdd1 ro,errors=remount-ro',
    '45 42 0:50 / /media/me/USB\\040STICK\\0114\\134 rw - tmpfs tmpfs rw',
    'nonsense',
    '',
    '46 27 8:50 / /x',
  ].join('\n')
  const mounts = parseMountinfo(text)

  test('keeps blanks, tabs, backslashes, UTF-8 and odd bytes in names', () => {
    expect(mounts.map((mount) => mount.path)).toEqual([
      '/',
      '/media/me/USB STICK\t4\\',
      '/media/me/caf\udce9',
      '/media/me/🔑',
      '/media/me/USB STICK\t4\\',
    ])
    expect(mounts[1]).toEqual({
      path: '/media/me/USB STICK\t4\\',
      source: '/dev/sdb1',
      fsType: 'vfat',
      readOnly: false,
      device: '8:17',
    })
  })

  test('read-only is seen on the mount and on the file system', () => {
    expect(mounts.map((mount) => mount.readOnly)).toEqual([false, false, true, true, false])
  })

  test('the last mount at a place counts, and a path lies in the deepest one', () => {
    expect(mountAt(mounts, '/media/me/USB STICK\t4\\')?.fsType).toBe('tmpfs')
    expect(mountAt(mounts, '/media/me')).toBeUndefined()
    expect(mountOf(mounts, '/media/me/🔑/a/b')?.source).toBe('/dev/sdd1')
    expect(mountOf(mounts, '/media/me/🔑2')?.path).toBe('/')
    expect(mountOf([], '/a')).toBeUndefined()
  })
})

describe('listing', () => {
  test('a stick: name, label, file system, sizes; the system disk is none', async () => {
    const folder = path()
    scriptedLsblk().plug({ path: folder, label: 'ma clé 🔑', fstype: 'exfat' })
    const media = await listMedia()
    expect(media).toEqual([
      expect.objectContaining({
        path: folder,
        name: 'ma clé 🔑',
        label: 'ma clé 🔑',
        device: '/dev/sdb',
        fsType: 'exfat',
        removable: true,
        system: false,
        readOnly: false,
        initialised: false,
        fixed: false,
        size: expect.any(Number),
        free: expect.any(Number),
      }), // prettier-ignore
    ])
    expect(media[0]).not.toHaveProperty('id')
    expect((await listDrives()).map(({ device, system }) => ({ device, system }))).toEqual([
      { device: '/dev/nvme0n1', system: true },
      { device: '/dev/sdb', system: false },
    ])
  })

  test('a stick without a label is called by its folder, one without a mount is no medium', async () => {
    const folder = path()
    scriptedLsblk().plug({ path: folder }, { label: 'NOT MOUNTED' })
    expect((await listMedia()).map(({ name }) => name)).toEqual([basename(folder)])
  })

  test('read-only, without partitions, encrypted, built in', async () => {
    const [a, b, c, d] = [path(), path(), path(), path()] as const
    scriptedLsblk().plug(
      { path: a, readOnly: true },
      { path: b, bare: true, label: 'BARE' },
      { path: c, encrypted: true, label: 'SECRET' },
      { path: d, fixed: true },
    )
    expect(await listMedia()).toEqual([
      expect.objectContaining({ path: a, readOnly: true, removable: true }),
      expect.objectContaining({ path: b, readOnly: false, label: 'BARE' }),
      expect.objectContaining({ path: c, label: 'SECRET', removable: true }),
      expect.objectContaining({ path: d, removable: false, fixed: true, system: false }),
    ])
  })

  test('a mount point that is not there, or is a file, is listed as not initialised', async () => {
    const file = join(path(), 'file')
    writeFileSync(file, '')
    scriptedLsblk().plug({ path: '/nowhere/at/all' }, { path: file })
    expect(await listMedia()).toEqual([
      expect.objectContaining({ path: '/nowhere/at/all', initialised: false }),
      expect.objectContaining({ path: file, initialised: false }),
    ])
  })

  test('initialised: by Arche with name and id, by LabBook without; the newest backup', async () => {
    const { folder, id } = await initialised('Lundi')
    const labbook = path()
    backup(
      folder,
      'backup_v30_SIGL_2026-03-02_12h00m00s.tar.gz.gpg',
      'backup_v30_a_b_2026-03-02_12h00m01s.tar.gz.gpg',
      'backup_SIGL_2018-04-13_15h58m51s.tar.gz',
    )
    backup(labbook)
    scriptedLsblk().plug({ path: folder, label: 'USB' }, { path: labbook, label: 'LAB' })
    expect(await listMedia()).toEqual([
      expect.objectContaining({
        initialised: true,
        id,
        name: 'Lundi',
        label: 'USB',
        lastBackup: new Date(2026, 2, 2, 12, 0, 1).toISOString(),
      }),
      expect.objectContaining({ initialised: true, name: 'LAB' }),
    ])
    expect((await listMedia())[1]).not.toHaveProperty('id')
  })

  test.each(['{', '{"arche":1}', '{"arche":7,"id":"x"}', `${'x'.repeat(70_000)}`])(
    'a damaged marker (%#) gives no id',
    async (text) => {
      const folder = path()
      backup(folder)
      writeFileSync(join(folder, 'SIGL_sauvegardes', '.arche-medium.json'), text)
      scriptedLsblk().plug({ path: folder })
      const [medium] = await listMedia()
      expect(medium?.initialised).toBe(true)
      expect(medium).not.toHaveProperty('id')
    },
  )

  test('a folder that is a link to elsewhere is not initialised', async () => {
    const folder = path()
    symlinkSync(path(), join(folder, 'SIGL_sauvegardes'))
    scriptedLsblk().plug({ path: folder })
    expect((await listMedia())[0]?.initialised).toBe(false)
  })

  test('a known folder on a fixed disk is listed as long as it is that one', async () => {
    const { folder, id } = await initialised('Disque')
    const known = { id, name: 'Disque', path: folder, seenAt: '2026-01-01T00:00:00.000Z' }
    scriptedLsblk().plug()
    expect(await listMedia([known])).toEqual([expect.objectContaining({ id, path: folder, fixed: true })])
    expect(await listMedia([{ ...known, id: randomUUID() }])).toEqual([])
    expect(await listMedia([{ ...known, path: '/nowhere' }])).toEqual([])
    scriptedLsblk().plug({ path: folder })
    expect(await listMedia([known])).toEqual([expect.objectContaining({ id, path: folder, fixed: false })])
  })
})

describe('lsblk that does not work', () => {
  test('missing: tool-missing with its name', async () => {
    emptyPath()
    const failure = await failureOf(listMedia())
    expect(failure).toMatchObject({ code: 'tool-missing', details: { tool: 'lsblk' } })
  })

  test.each([
    ['nothing', '', 0],
    ['no JSON', 'NAME="sda"', 0],
    ['other JSON', '[]', 0],
    ['a device without a name', '{"blockdevices":[{}]}', 0],
    ['an error', '{"blockdevices":[]}', 32],
  ])('answers %s: tool-failed', async (_what, text, status) => {
    scriptedLsblk().answer(text, status)
    expect(await failureOf(listMedia())).toMatchObject({ code: 'tool-failed', details: { tool: 'lsblk' } })
  })

  test('works again after it failed', async () => {
    const lsblk = scriptedLsblk()
    const folder = path()
    lsblk.answer('broken', 1)
    await failureOf(listMedia())
    lsblk.plug({ path: folder })
    expect(await listMedia()).toHaveLength(1)
  })

  test('old versions write numbers and flags as text', async () => {
    const folder = path()
    const stick = {
      name: '/dev/sdb',
      size: '1000',
      rm: '1',
      ro: '1',
      hotplug: '1',
      tran: 'usb',
      children: [{ name: '/dev/sdb1', label: null, mountpoint: folder }],
    }
    scriptedLsblk().answer(JSON.stringify({ blockdevices: [stick] }))
    expect(await listMedia()).toEqual([expect.objectContaining({ path: folder, removable: true, readOnly: true })])
  })
})

test('the newest backup: of every kind, by its noted time, and what only looks like one does not count', async () => {
  const at = (...names: string[]) => {
    const folder = temporaryFolder()
    for (const name of names) writeFileSync(join(folder, name), '')
    return newestIn(folder)
  }
  expect(await at()).toBeUndefined()
  expect(
    await at(
      'backup_v30_x_2026-13-01_00h00m00s.tar.gz.gpg',
      'backup_v30_x_2026-02-30_00h00m00s.tar.gz.gpg',
      'backup_v30_x_2026-01-01_24h00m00s.tar.gz.gpg',
      'backup_v30_x_2026-01-01_00h60m00s.tar.gz.gpg',
      'x_2026-01-01_00h00m00s.tar.gz',
      'backup_x_2026-01-01_00h00m00s.tar.gz.part',
    ),
  ).toBeUndefined()
  const [gz, zst] = ['backup_v30_x_2026-01-01_00h00m00s.tar.gz.gpg', 'backup_v30_x_2026-01-02_00h00m00s.tar.zst.gpg']
  expect(await at(gz.replace('_x_', '_new\nline_'))).toBe(new Date(2026, 0, 1).toISOString())
  expect(await at(gz, zst)).toBe(new Date(2026, 0, 2).toISOString())

  const folder = temporaryFolder()
  for (const name of [gz, zst]) writeFileSync(join(folder, name), '')
  writeFileSync(join(folder, 'SHA256SUMS.times'), `2026-01-01T13:59:00.000Z  ${zst}\n2030-01-01T00:00:00.000Z  ${gz}\n`)
  // Made where it was the 2nd already; the other note cannot be true.
  expect(await newestIn(folder)).toBe('2026-01-01T13:59:00.000Z')
})

test('one folder by two ways is one medium; a copy of it, also where it was before, is a second one of its id', async () => {
  const { folder, id } = await initialised('A')
  const link = join(temporaryFolder(), 'link')
  symlinkSync(folder, link)
  scriptedLsblk().plug({ path: folder }, { path: link })
  const known = { id, name: 'A', path: folder, seenAt: '2026-03-01T10:00:00.000Z' }
  const media = await listMedia([known])
  expect(media.map(({ path }) => path)).toEqual([folder])
  await refuseTwins({ ...media[0], path: link } as Medium, media)

  const copy = await initialised('A', id)
  const both = await listMedia([{ ...known, path: folder, earlier: [copy.folder] }])
  expect(both.map(({ path }) => path)).toEqual([folder, copy.folder])
  expect(await failureOf(refuseTwins(both[0] as Medium, both))).toMatchObject({ code: 'several-media' })
})

describe('which medium is meant', () => {
  const medium = (name: string, more: Partial<Medium> = {}): Medium => ({
    path: `/media/me/${name}`,
    name,
    removable: true,
    system: false,
    readOnly: false,
    initialised: true,
    fixed: false,
    ...more,
  }) // prettier-ignore
  const a = medium('A', { id: randomUUID(), label: 'STICK' })
  const b = medium('B', { id: randomUUID(), label: 'STICK' })
  const c = medium('C', { initialised: false })

  test.each([
    ['mount point', '/media/me/A'],
    ['mount point with a slash', '/media/me/A/'],
    ['name', 'A'],
    ['id', a.id ?? ''],
  ])('by %s', async (_what, ref) => {
    expect(await resolveMedium(ref, [b, a, c])).toBe(a)
  })

  test('by the name under which it is known', async () => {
    expect(await resolveMedium('Monday', [a, b], [{ id: a.id ?? '', name: 'Monday' }])).toBe(a)
    const failure = await failureOf(resolveMedium('Monday', [b], [{ id: a.id ?? '', name: 'Monday' }]))
    expect(failure).toMatchObject({ code: 'no-medium', details: { found: ['B (/media/me/B)'], wanted: 'Monday' } })
  })

  test('two with one label: both are named', async () => {
    const failure = await failureOf(resolveMedium('STICK', [a, b, c]))
    expect(failure).toMatchObject({ code: 'several-media', details: { found: ['A (/media/me/A)', 'B (/media/me/B)'] } })
  })

  test('a cloned stick: two with one id are named, however one of them is asked for', async () => {
    const clone = { ...b, id: a.id } as Medium
    for (const ref of [a.id ?? '', a.path, clone.path]) {
      const failure = await failureOf(resolveMedium(ref, [a, clone]))
      expect(failure).toMatchObject({
        code: 'several-media',
        details: { found: ['A (/media/me/A)', 'B (/media/me/B)'] },
      })
    }
  })

  test('none named: the only one that is ready', async () => {
    expect(await resolveMedium(undefined, [c, a])).toBe(a)
    expect(await failureOf(resolveMedium(undefined, [a, b]))).toMatchObject({ code: 'several-media' })
    expect(await failureOf(resolveMedium(undefined, [c]))).toMatchObject({
      code: 'no-medium',
      details: { found: ['C (/media/me/C)'] },
    })
  })

  test('nothing fits: what is there is named', async () => {
    expect(await failureOf(resolveMedium('Z', []))).toMatchObject({ code: 'no-medium', details: { found: [] } })
    expect(await failureOf(resolveMedium('/no/such/folder', [a]))).toMatchObject({
      code: 'not-found',
      details: { path: '/no/such/folder' },
    })
  })

  test('any folder, a link to it, its own folder: a medium on a fixed disk', async () => {
    scriptedLsblk()
    const { folder, id } = await initialised('Disque')
    const link = join(path(), 'link')
    symlinkSync(folder, link)
    for (const ref of [folder, link, join(folder, 'SIGL_sauvegardes'), `${folder}/.`]) {
      expect(await resolveMedium(ref, [a]), ref).toMatchObject({
        path: folder,
        id,
        name: 'Disque',
        fixed: true,
        removable: false,
        system: false,
      })
    }
    expect(await resolveMedium('/', [])).toMatchObject({ path: '/', system: true })
  })

  test('the own folder of a mounted stick means the stick', async () => {
    const { folder, id } = await initialised('Lundi')
    scriptedLsblk().plug({ path: folder, label: 'USB' })
    const media = await listMedia()
    expect(await resolveMedium(join(folder, 'SIGL_sauvegardes'), media)).toBe(media[0])
    expect(media[0]?.id).toBe(id)
  })

  test('a folder by path works without lsblk', async () => {
    emptyPath()
    vi.stubEnv('LANG', 'C')
    const folder = path()
    expect(await resolveMedium(folder, [])).toMatchObject({ path: folder, initialised: false, fixed: true })
  })
})

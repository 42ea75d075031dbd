// When a backup was made, by its name and by what is noted: local times of any zone, the repeated hour, notes that cannot be true.
import { expect, test } from 'vitest'
import { fitsName, formatTimes, madeAt, parseArtifactName, parseTimes } from '../../core/api/backup-name.ts'
import { PackFormat } from '../../core/api/plan.ts'

const name = 'backup_v30_P_2026-10-25_01h30m00s.tar.gz.gpg'
const parsed = parseArtifactName(name) as NonNullable<ReturnType<typeof parseArtifactName>>
const wall = Date.UTC(2026, 9, 25, 1, 30)
const hour = 3600_000

test('a name is that of a file: no folder can look like one', () => {
  expect(parseArtifactName('backup_v30_a/b_2026-10-25_01h30m00s.tar.gz.gpg')).toBeUndefined()
  expect(parseArtifactName('backup_v30_a_2026-10-25_01h30m00s.tar.zst.gpg')).toMatchObject({
    name: 'a',
    format: '3.0',
    wall,
  })
})

test('a format of ours is never taken for LabBook 2.x, nor that for ours', () => {
  const at = '2026-10-25_01h30m00s'
  for (const pack of PackFormat.options)
    expect(parseArtifactName(`backup_v30_SIGL_${at}.${pack}`)).toMatchObject({ format: '3.0', pack, name: 'SIGL' })
  expect(parseArtifactName(`backup_SIGL_${at}.tar.gz`)).toEqual({
    format: '2.x',
    name: 'SIGL',
    time: parsed.time,
    wall,
  })
  for (const pack of PackFormat.options.filter((one) => one !== 'tar.gz'))
    expect(parseArtifactName(`backup_SIGL_${at}.${pack}`)).toBeUndefined()
  for (const end of ['gz', 'tar.', 'tar.xz', 'tar.gpg.gz', 'tar.gz.gpg.part', 'tar_gz'])
    expect(parseArtifactName(`backup_v30_SIGL_${at}.${end}`)).toBeUndefined()
})

test('a note is believed in every time zone and nowhere else', () => {
  for (const zone of [14, 9, 0, -7, -12]) expect(madeAt(parsed, wall - zone * hour, undefined)).toBe(wall - zone * hour)
  for (const apart of [-16, 14, 24 * 365]) {
    expect(fitsName(parsed, wall + apart * hour)).toBe(false)
    expect(madeAt(parsed, wall + apart * hour, undefined)).toBe(parsed.time.getTime())
  }
})

test('without a note: the local time, but not after the file was last changed, where that can be', () => {
  const here = parsed.time.getTime()
  expect(madeAt(parsed, undefined, here + 1000 * hour)).toBe(here)
  expect(madeAt(parsed, undefined, here - hour)).toBe(here - hour)
  expect(madeAt(parsed, undefined, 0)).toBe(here)
})

test('notes are lines beside the backups; what is none says nothing', () => {
  const made = Date.parse('2026-10-25T00:30:00.123Z')
  const text = formatTimes(new Map([[name, made]]))
  expect(text).toMatch(new RegExp(`^# .*\n2026-10-25T00:30:00.123Z  ${name}\n$`))
  expect(parseTimes(`${text}yesterday  x\n2026-13-25T00:30:00Z  x\n2026-10-25T00:30:00Z x\r\n\0`)).toEqual(
    new Map([[name, made]]),
  )
  expect(parseTimes(text.replace('.123Z', 'Z').replace('\n', '\r\n'))).toEqual(new Map([[name, made - 123]]))
})

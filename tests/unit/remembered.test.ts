// What history knows of the backups on a medium: "verified" only of the bytes that were read.
import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Checked, Medium, Run } from '../../core/api/model.ts'
import { remembered } from '../../core/services/remembered.ts'
import type { Found } from '../../core/targets/target.ts'

const name = 'backup_v30_P_2026-03-02_12h00m00s.tar.gz.gpg'
const id = randomUUID()
const medium = (more: Partial<Medium> = {}): Medium => ({
  path: '/media/a',
  name: 'A',
  removable: true,
  system: false,
  readOnly: false,
  initialised: true,
  fixed: false,
  ...more,
})
const time = '2026-03-02T12:00:00.000Z'
const day = 24 * 3600_000
const file = (more: Partial<Found> = {}): Found => ({
  name,
  subject: 'P',
  time,
  size: 100,
  format: '3.0',
  mtime: Date.parse(time),
  changed: Date.parse(time),
  ...more,
})

let runs = 0
function run(more: Partial<Run>): Run {
  runs += 1
  const at = new Date(Date.parse(time) + runs * day).toISOString()
  return {
    id: randomUUID(),
    kind: 'verify',
    trigger: 'manual',
    subject: 'P',
    startedAt: at,
    endedAt: at,
    outcome: 'success',
    warnings: 0,
    files: 0,
    bytes: 0,
    stored: 0,
    operations: [],
    medium: { id, name: 'A', path: '/media/a' },
    ...more,
  } // prettier-ignore
}

const checked = (more: Partial<Checked> = {}): Partial<Run> => ({
  checked: [{ name, good: true, size: 100, mtime: Date.parse(time), changed: Date.parse(time), opened: true, ...more }],
})

/** When it is said to have been verified. */
function said(history: Run[], found: Found, on = medium({ id })): string | undefined {
  return remembered(history, on, [found])[0]?.verifiedAt
}

describe('verified', () => {
  test('the newest verification of these bytes decides, also one of a run that failed', () => {
    const good = run(checked())
    expect(said([good], file())).toBe(good.endedAt)
    const bad = run({
      outcome: 'error',
      failure: { code: 'damaged', details: { name: [name] } },
      ...checked({ good: false }),
    })
    expect(said([bad, good], file())).toBeUndefined()
    expect(
      said([run({ outcome: 'error', failure: { code: 'damaged', details: { name } } }), good], file()),
    ).toBeUndefined()
    const again = run(checked())
    expect(said([again, bad, good], file())).toBe(again.endedAt)
    const half = run({ outcome: 'cancelled', ...checked() })
    expect(said([half, bad], file())).toBe(half.endedAt)
  })

  test('not of other bytes under the same name', () => {
    const good = run(checked({ sha256: 'a' }))
    expect(said([good], file({ size: 99 }))).toBeUndefined()
    expect(said([good], file({ sha256: 'b' }))).toBeUndefined()
    expect(said([good], file({ mtime: Date.parse(time) + 60_000 }))).toBeUndefined()
    // FAT, read where clocks stand differently.
    expect(said([good], file({ mtime: Date.parse(time) - 2 * 3600_000 + 1000 }))).toBe(good.endedAt)
    expect(said([good], file(), medium({ id: randomUUID() }))).toBeUndefined()
  })

  test('a medium without a marker is its place, and the file must be untouched', () => {
    const here = { medium: { name: 'A', path: '/media/a' } }
    const good = run({ ...checked(), ...here })
    expect(said([good], file(), medium())).toBe(good.endedAt)
    expect(said([good], file(), medium({ path: '/media/b' }))).toBeUndefined()
    expect(said([good], file({ changed: Date.parse(time) + 60_000 }), medium())).toBeUndefined()
    expect(said([good], file({ size: 10 }), medium())).toBeUndefined()
    expect(said([run({ verified: [name], ...here })], file(), medium())).toBeUndefined()
    // It has got its marker since.
    expect(said([good], file())).toBe(good.endedAt)
  })

  test('a backup was read back when it was made', () => {
    const made = run({ kind: 'backup', artifact: name, sha256: 'a', stored: 100 })
    expect(said([made], file({ sha256: 'a' }))).toBe(made.endedAt)
    expect(said([made], file({ sha256: 'a', size: 99 }))).toBeUndefined()
    expect(said([run({ verified: [name] })], file())).toBeDefined()
  })
})

test('where nothing is noted on the medium, history tells when a backup was made', () => {
  const other = name.replace('12h', '20h')
  const startedAt = '2026-03-02T13:00:00.000Z'
  const made = run({ kind: 'backup', artifact: name, stored: 100, startedAt })
  const found = [file({ name: other, time: '2026-03-02T12:30:00.000Z' }), file()]
  expect(remembered([made], medium({ id }), found).map((one) => [one.name, one.time])).toEqual([
    [name, startedAt],
    [other, '2026-03-02T12:30:00.000Z'],
  ])
  const noted = file({ timeNoted: true })
  expect(remembered([made], medium({ id }), [noted])[0]).toMatchObject({ time })
  expect(remembered([made], medium({ id }), [file({ size: 5 })])[0]).toMatchObject({ time })
})

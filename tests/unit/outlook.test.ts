// When a place will be full: against what really happens in simulated years, with the rules of retention at work; and when nothing is to be said.
import { describe, expect, it } from 'vitest'
import { alarmsOf } from '../../core/api/alarms.ts'
import { type Keep, Plan } from '../../core/api/plan.ts'
import type { SpaceState } from '../../core/api/schedule.ts'
import { planPrune } from '../../core/keep/keep.ts'
import { type Made, outlook, type Prospect } from '../../core/keep/outlook.ts'

const day = 24 * 3600 * 1000
const start = Date.parse('2026-01-01T12:00:00Z')
const zone = 'UTC'
const gb = 1e9

interface Place {
  lying: Made[]
  readonly made: Made[]
  free: number
}

/** Backs up once; false: it did not fit. */
function backUp(place: Place, size: number, time: number, keep?: Keep): boolean {
  if (size > place.free) return false
  const one = { name: `b${time}`, time, size }
  place.made.unshift(one)
  place.lying.push(one)
  place.free -= size
  const sha256 = 'x'
  const artifacts = place.lying.map(({ name, time: at, size: bytes }) => ({
    name,
    subject: '',
    time: new Date(at).toISOString(),
    size: bytes,
    sha256,
    format: '3.0' as const,
  }))
  const facts = { made: place.lying.map((lying) => ({ ...lying, sha256 })), bad: [] }
  const gone = new Set(
    planPrune({ artifacts, keep, pins: new Set(), facts, now: time, zone }).remove.map(({ name }) => name),
  )
  place.free += place.lying.reduce((sum, { name, size: bytes }) => sum + (gone.has(name) ? bytes : 0), 0)
  place.lying = place.lying.filter(({ name }) => !gone.has(name))
  return true
}

const prospectOf = ({ lying, made, free }: Place, now: number, keep?: Keep): Prospect => ({
  lying,
  made,
  free,
  keep,
  now,
  zone,
})

describe('a place without rules', () => {
  it('is foretold to be full on the day on which the backup will not fit, whatever its growth', () => {
    for (const growth of [0, 0.05, 0.2]) {
      const place: Place = { lying: [], made: [], free: 100 * gb }
      const said: { at: number; full: number }[] = []
      let failed: number | undefined
      for (let at = 0; failed === undefined && at < 400; at += 1) {
        const now = start + at * day
        if (!backUp(place, 2 * gb + at * growth * gb, now)) failed = now
        const { full } = outlook(prospectOf(place, now)) ?? {}
        if (full !== undefined && failed === undefined) said.push({ at: now, full })
      }
      expect(failed).toBeDefined()
      const late = said.filter(({ at }) => (failed ?? 0) - at <= 14 * day)
      expect(late.length).toBeGreaterThanOrEqual(12)
      for (const { full } of late) expect(Math.abs(full - (failed ?? 0))).toBeLessThanOrEqual(2 * day)
    }
  })

  it('has room for as many as fit', () => {
    const place: Place = { lying: [], made: [], free: 10 * gb }
    backUp(place, gb, start)
    expect(outlook(prospectOf(place, start))).toEqual({ next: gb, room: 9 })
    expect(outlook({ ...prospectOf(place, start), expected: 4 * gb })).toEqual({ next: 4 * gb, room: 2 })
    expect(outlook({ ...prospectOf(place, start), made: [] })).toBeUndefined()
  })
})

describe('rules that thin out', () => {
  const keep: Keep = { daily: 7, weekly: 4, monthly: 12 }

  it('keep a place that is large enough from ever alarming, over two years', () => {
    const place: Place = { lying: [], made: [], free: 26 * gb }
    for (let at = 0; at < 730; at += 1) {
      const now = start + at * day
      expect(backUp(place, gb, now, keep), `day ${at}`).toBe(true)
      // What is foretold changes slowly once the rules have something to thin out.
      if (at < 60 || at % 5 === 0) expect(outlook(prospectOf(place, now, keep))?.full, `day ${at}`).toBeUndefined()
    }
  })

  it('do not hide that it will be too small: told before it fails', () => {
    const place: Place = { lying: [], made: [], free: 15.5 * gb }
    let first: number | undefined
    let failed: number | undefined
    for (let at = 0; failed === undefined && at < 730; at += 1) {
      const now = start + at * day
      if (!backUp(place, gb, now, keep)) failed = now
      else if (outlook(prospectOf(place, now, keep))?.full !== undefined) first ??= now
    }
    expect(failed).toBeDefined()
    expect((failed ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(13 * day)
  })

  it('until it is full, and the oldest go then: never', () => {
    const place: Place = { lying: [], made: [], free: 10.5 * gb }
    for (let at = 0; at < 10; at += 1) backUp(place, gb, start + at * day)
    expect(outlook(prospectOf(place, start + 9 * day))?.full).toBeDefined()
    expect(outlook(prospectOf(place, start + 9 * day, { untilFull: true }))).toEqual({ next: gb, room: 0 })
  })
})

describe('nothing is foretold', () => {
  it('from a few backups in an hour, or of a plan that has stopped', () => {
    const hasty: Place = { lying: [], made: [], free: 10 * gb }
    for (let at = 0; at < 6; at += 1) backUp(hasty, gb, start + at * 600_000)
    expect(outlook(prospectOf(hasty, start + 3_600_000))).toEqual({ next: gb, room: 4 })
    const daily: Place = { lying: [], made: [], free: 10 * gb }
    for (let at = 0; at < 6; at += 1) backUp(daily, gb, start + at * day)
    expect(outlook(prospectOf(daily, start + 6 * day))?.full).toBeDefined()
    expect(outlook(prospectOf(daily, start + 20 * day))?.full).toBeUndefined()
  })
})

describe('the alarm', () => {
  const id = '00000000-0000-4000-8000-000000000001'
  const plan = Plan.parse({
    id,
    name: 'Docs',
    source: { kind: 'folders', paths: ['/data'] },
    method: { kind: 'archive', format: 'tar.gz.gpg' },
    createdAt: '2026-01-01T00:00:00Z',
    destinations: [{ id, place: { kind: 'medium' }, via: 'run' }],
  })
  const space = (name: string, days: number): SpaceState => ({
    planId: id,
    place: id,
    name,
    next: 1,
    room: 1,
    full: new Date(start + days * day).toISOString(),
    since: '2026-01-01T00:00:00Z',
  })
  const alarms = (...spaces: SpaceState[]) =>
    alarmsOf(plan, { backups: [], lastGood: undefined, state: undefined, space: spaces }, start, zone)

  it('begins two weeks before, and names the place that is full first', () => {
    expect(alarms(space('STICK', 14))).toEqual([])
    expect(alarms(space('STICK', 13.5), space('NAS', 3.2))).toMatchObject([{ kind: 'filling', place: 'NAS', days: 3 }])
    expect(alarms(space('STICK', -1))).toMatchObject([{ kind: 'filling', days: 0 }])
    const { full: _, ...roomy } = space('STICK', 1)
    expect(alarms(roomy)).toEqual([])
  })
})

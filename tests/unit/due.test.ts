// Due times on the wall clocks of zones that change theirs by an hour, by half an hour, at midnight, by a whole day, or never.
import { describe, expect, it } from 'vitest'
import { dayOf, minuteOf, nextDue } from '../../core/api/due.ts'
import type { Schedule } from '../../core/api/schedule.ts'

const hour = 3600_000

/** The due times after `from` and until `to`. */
function dues(when: Schedule, zone: string, from: string, to: string): number[] {
  const found: number[] = []
  for (let due = nextDue(when, Date.parse(from), zone); due !== undefined && due <= Date.parse(to); ) {
    found.push(due)
    due = nextDue(when, due, zone)
  }
  return found
}

/** The same as UTC times to the minute. */
function shown(when: Schedule, zone: string, from: string, to: string): string[] {
  return dues(when, zone, from, to).map((due) => new Date(due).toISOString().replace(/:00\.000Z$/, 'Z'))
}

const daily = (at: string): Schedule => ({ kind: 'daily', at })

describe('a daily due time', () => {
  it('that does not exist is due at the next moment that does', () => {
    // Paris, 29 March 2026: 02:00 → 03:00 at 01:00 UTC.
    expect(shown(daily('02:30'), 'Europe/Paris', '2026-03-28T00:00:00Z', '2026-03-30T12:00:00Z')).toEqual([
      '2026-03-28T01:30Z',
      '2026-03-29T01:00Z',
      '2026-03-30T00:30Z',
    ])
    // Lord Howe Island, 4 October 2026: 02:00 → 02:30 at 15:30 UTC the day before.
    expect(shown(daily('02:10'), 'Australia/Lord_Howe', '2026-10-03T00:00:00Z', '2026-10-04T20:00:00Z')).toEqual([
      '2026-10-03T15:30Z',
      '2026-10-04T15:10Z',
    ])
    // Cairo, 24 April 2026: midnight does not exist.
    expect(shown(daily('00:00'), 'Africa/Cairo', '2026-04-23T00:00:00Z', '2026-04-24T23:00:00Z')).toEqual([
      '2026-04-23T22:00Z',
      '2026-04-24T21:00Z',
    ])
    // Nuuk, 28 March 2026: the last hour of the day does not exist, so the next day begins with it.
    expect(shown(daily('23:30'), 'America/Nuuk', '2026-03-28T02:00:00Z', '2026-03-30T02:00:00Z')).toEqual([
      '2026-03-29T01:00Z',
      '2026-03-30T00:30Z',
    ])
  })

  it('that exists twice is due the first time only', () => {
    // New York, 1 November 2026: 02:00 → 01:00 at 06:00 UTC.
    expect(shown(daily('01:30'), 'America/New_York', '2026-10-31T12:00:00Z', '2026-11-02T12:00:00Z')).toEqual([
      '2026-11-01T05:30Z',
      '2026-11-02T06:30Z',
    ])
    expect(shown(daily('01:45'), 'Australia/Lord_Howe', '2026-04-04T00:00:00Z', '2026-04-05T20:00:00Z')).toEqual([
      '2026-04-04T14:45Z',
      '2026-04-05T15:15Z',
    ])
  })

  it('is not due on a day that a zone left out', () => {
    // Samoa went from 29 to 31 December 2011.
    expect(shown(daily('20:00'), 'Pacific/Apia', '2011-12-29T00:00:00Z', '2012-01-01T12:00:00Z')).toEqual([
      '2011-12-29T06:00Z',
      '2011-12-30T06:00Z',
      '2011-12-31T06:00Z',
      '2012-01-01T06:00Z',
    ])
  })

  const zones = [
    'UTC',
    'Europe/Paris',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kolkata',
    'Africa/Cairo',
    'Africa/Casablanca',
    'America/Nuuk',
    'Pacific/Apia',
    'Asia/Kathmandu',
    'America/St_Johns',
  ]
  it.each(zones)('is due once on every day of three years in %s, at its time', (zone) => {
    for (const at of ['00:00', '00:30', '02:00', '02:30', '03:00', '12:00', '23:30', '23:59']) {
      const [hours = 0, minutes = 0] = at.split(':').map(Number)
      const all = dues(daily(at), zone, '2024-12-31T12:00:00Z', '2027-12-31T12:00:00Z')
      expect(Math.abs(all.length - 1095), `${zone} ${at}`).toBeLessThanOrEqual(1)
      const apart = all.slice(1).map((due, index) => due - (all[index] ?? 0))
      expect(Math.min(...apart), `${zone} ${at}`).toBeGreaterThanOrEqual(23 * hour)
      expect(Math.max(...apart), `${zone} ${at}`).toBeLessThanOrEqual(25 * hour)
      const odd = all.filter((due) => minuteOf(due, zone) !== hours * 60 + minutes).length
      // Only the clock put forward, once a year, may move it.
      expect(odd, `${zone} ${at}`).toBeLessThanOrEqual(3)
      expect(all.length - new Set(all.map((due) => dayOf(due, zone))).size).toBeLessThanOrEqual(odd)
    }
  })
})

describe('other schedules', () => {
  it('are due on chosen weekdays, Monday being 1', () => {
    const when: Schedule = { kind: 'weekly', days: [5, 1], at: '18:00' }
    // 1 June 2026 is a Monday; Kolkata is 5 h 30 min ahead.
    expect(shown(when, 'Asia/Kolkata', '2026-06-01T12:30:00Z', '2026-06-12T20:00:00Z')).toEqual([
      '2026-06-05T12:30Z',
      '2026-06-08T12:30Z',
      '2026-06-12T12:30Z',
    ])
    // The Friday that Samoa left out is made up for at the first moment after it.
    const friday: Schedule = { kind: 'weekly', days: [5], at: '18:00' }
    expect(shown(friday, 'Pacific/Apia', '2011-12-28T00:00:00Z', '2012-01-07T00:00:00Z')).toEqual([
      '2011-12-30T10:00Z',
      '2012-01-06T04:00Z',
    ])
  })

  it('are due on the last day of a shorter month', () => {
    const when: Schedule = { kind: 'monthly', day: 31, at: '06:00' }
    expect(shown(when, 'UTC', '2027-12-31T06:00:00Z', '2028-07-01T00:00:00Z')).toEqual([
      '2028-01-31T06:00Z',
      '2028-02-29T06:00Z',
      '2028-03-31T06:00Z',
      '2028-04-30T06:00Z',
      '2028-05-31T06:00Z',
      '2028-06-30T06:00Z',
    ])
  })

  it('are due every few hours of real time from a time of the day on, also when clocks change', () => {
    const six: Schedule = { kind: 'hours', every: 6, from: '08:00' }
    expect(shown(six, 'UTC', '2026-06-01T00:00:00Z', '2026-06-02T08:00:00Z')).toEqual([
      '2026-06-01T02:00Z',
      '2026-06-01T08:00Z',
      '2026-06-01T14:00Z',
      '2026-06-01T20:00Z',
      '2026-06-02T02:00Z',
      '2026-06-02T08:00Z',
    ])
    const hourly: Schedule = { kind: 'hours', every: 1, from: '00:00' }
    for (const zone of ['Europe/Paris', 'America/New_York', 'Asia/Kolkata', 'Africa/Cairo']) {
      const all = dues(hourly, zone, '2026-03-01T12:00:00Z', '2026-11-30T12:00:00Z')
      expect(all).toHaveLength(274 * 24)
      expect(all.every((due, index) => index === 0 || due - (all[index - 1] ?? 0) === hour)).toBe(true)
    }
    for (const every of [1, 2, 3, 5, 7, 8, 12, 23, 24]) {
      const usual = 24 % every || every
      const all = dues(
        { kind: 'hours', every, from: '02:30' },
        'Europe/Paris',
        '2026-03-01T00:00:00Z',
        '2026-12-01T00:00:00Z',
      )
      const apart = all.slice(1).map((due, index) => (due - (all[index] ?? 0)) / hour)
      expect(Math.min(...apart), `every ${every}`).toBeGreaterThanOrEqual(usual / 2)
      expect(Math.max(...apart), `every ${every}`).toBeLessThanOrEqual(every + 1)
    }
  })

  it('have no due time where a medium decides', () => {
    expect(nextDue({ kind: 'medium' }, Date.parse('2026-01-01T00:00:00Z'), 'UTC')).toBeUndefined()
  })

  it('go on at the new wall clock when the zone changes', () => {
    const flown = nextDue(daily('20:00'), Date.parse('2026-06-01T18:00:00Z'), 'America/New_York')
    expect(flown).toBe(Date.parse('2026-06-02T00:00:00Z'))
    expect(nextDue(daily('20:00'), flown ?? 0, 'Europe/Paris')).toBe(Date.parse('2026-06-02T18:00:00Z'))
  })
})

// How the backups of a plan went in the last year, by days of the wall clock.
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Run } from '../../core/api/model.ts'
import { trendOf } from '../../core/api/plan-trend.ts'

const zone = 'Europe/Paris'
const now = Date.parse('2026-11-30T20:00:00Z')

function backup(startedAt: string, outcome: Run['outcome'], more: Partial<Run> = {}): Run {
  return {
    id: randomUUID(),
    kind: 'backup',
    trigger: 'scheduled',
    subject: 'Docs',
    startedAt,
    ...(outcome === undefined ? {} : { outcome }),
    warnings: 0,
    files: 1,
    bytes: 10,
    stored: 5,
    operations: [],
    ...more,
  }
}

describe('the trend of a plan', () => {
  it('has a year of days, today included', () => {
    expect(trendOf([], now, zone)).toEqual({ from: '2025-11-30', today: '2026-11-30', days: [], points: [] })
  })

  it('counts the best of a day of the wall clock, and has the last good backup of each', () => {
    // The wall clock of Paris is one hour ahead: the first of these is of the 30th, the last of the 29th.
    const late = backup('2026-11-29T23:30:00Z', 'success', { stored: 9, endedAt: '2026-11-29T23:30:20Z' })
    const failed = backup('2026-11-29T12:00:00Z', 'error')
    const good = backup('2026-11-28T23:10:00Z', 'success', { endedAt: '2026-11-28T23:10:05Z' })
    const { days, points } = trendOf([late, failed, good], now, zone)
    expect(days).toEqual([
      { day: '2026-11-29', outcome: 'good', backups: 2 },
      { day: '2026-11-30', outcome: 'good', backups: 1 },
    ])
    expect(points).toEqual([
      { run: good.id, day: '2026-11-29', bytes: 10, stored: 5, seconds: 5 },
      { run: late.id, day: '2026-11-30', bytes: 10, stored: 9, seconds: 20 },
    ])
  })

  it('has a day for each due time that a line of missed ones stands for, and none for what says nothing', () => {
    const missed = backup('2026-11-10T08:00:00Z', 'missed', {
      dueFrom: '2026-11-05T11:00:00Z',
      dueAt: '2026-11-09T11:00:00Z',
      dues: 5,
    })
    const trend = trendOf(
      [backup('2026-11-20T08:00:00Z', 'skipped'), backup('2026-11-19T08:00:00Z', undefined), missed],
      now,
      zone,
    )
    expect(trend.days.map(({ day, outcome, backups }) => [day, outcome, backups])).toEqual(
      ['05', '06', '07', '08', '09'].map((day) => [`2026-11-${day}`, 'missed', 0]),
    )
    expect(trend.points).toEqual([])
  })

  it('leaves out what is older than a year, or of a clock that was ahead', () => {
    const old = backup('2025-11-29T12:00:00Z', 'success')
    const ahead = backup('2026-12-02T12:00:00Z', 'success')
    expect(trendOf([ahead, old], now, zone).days).toEqual([])
  })
})

// The basket of found files and the days of the calendar, without a window.
import { beforeEach, describe, expect, test } from 'vitest'
import type { InBackup } from '../../core/api/contract-catalogue.ts'
import { emptyBasket, isHere, partsOf, put, take, useBasket, type Wanted } from '../../renderer/areas/restore/basket.ts'
import { dateOf, dayOf, isoOf, keyOf, monthAfter, weeksOf } from '../../renderer/areas/restore/calendar.ts'

const place = (medium: string, here = true) => ({ medium, name: medium.toUpperCase(), here })

function backup(artifact: string, ...places: InBackup['places']): InBackup {
  return { artifact, madeAt: `2026-03-0${artifact.slice(-1)}T12:00:00.000Z`, places }
}

function wanted(path: string, ...backups: InBackup[]): Wanted {
  return { subject: 'Docs', host: 'here', path, version: { type: 'file', size: 1, mtime: 1, backups } }
}

describe('the basket', () => {
  beforeEach(emptyBasket)
  const items = () => useBasket.getState().items

  test('holds each file once, in the version that was put last', () => {
    put(wanted('a', backup('b1', place('stick'))))
    put(wanted('b', backup('b1', place('stick'))))
    put(wanted('a', backup('b2', place('stick'))))
    expect(items().map(({ path, version }) => [path, version.backups[0]?.artifact])).toEqual([
      ['b', 'b1'],
      ['a', 'b2'],
    ])
    take({ subject: 'Docs', host: 'elsewhere', path: 'a' })
    take({ subject: 'Docs', host: 'here', path: 'b' })
    expect(items().map(({ path }) => path)).toEqual(['a'])
  })

  test('takes as few backups as it can, the newest of those that have as much', () => {
    const at = (day: number) => backup(`b${day}`, place('stick'))
    const [one, two, three] = [at(1), at(2), at(3)]
    const { parts, away } = partsOf([
      wanted('a', three, two),
      wanted('b', two),
      wanted('c', two, one),
      wanted('d', one),
    ])
    expect(away).toEqual([])
    expect(parts.map(({ artifact, paths }) => [artifact, paths])).toEqual([
      ['b2', ['a', 'b', 'c']],
      ['b1', ['d']],
    ])
    expect(partsOf([wanted('a', one, two, three)]).parts.map(({ artifact }) => artifact)).toEqual(['b3'])
  })

  test('reads from places that are here only, and tells what is elsewhere', () => {
    const both = backup('b1', place('nas', false), place('stick'))
    const gone = backup('b2', place('nas', false))
    expect(isHere(wanted('a', gone).version)).toBe(false)
    const { parts, away } = partsOf([wanted('a', gone, both), wanted('b', gone)])
    expect(parts).toEqual([{ medium: 'stick', artifact: 'b1', madeAt: both.madeAt, paths: ['a'] }])
    expect(away.map(({ path }) => path)).toEqual(['b'])
    expect(partsOf([])).toEqual({ parts: [], away: [] })
  })
})

describe('the calendar', () => {
  test('has whole weeks that begin on Monday', () => {
    const weeks = weeksOf('2026-03')
    expect(weeks).toHaveLength(6)
    expect(weeks[0]).toEqual([undefined, undefined, undefined, undefined, undefined, undefined, '2026-03-01'])
    expect(weeks[5]?.slice(0, 3)).toEqual(['2026-03-30', '2026-03-31', undefined])
    expect(weeksOf('2024-02').flat().filter(Boolean)).toHaveLength(29)
    expect(weeksOf('2027-02')).toHaveLength(4)
  })

  test('counts months over the ends of years', () => {
    expect(monthAfter('2026-12', 1)).toBe('2027-01')
    expect(monthAfter('2026-01', -1)).toBe('2025-12')
    expect(monthAfter('2026-03', -14)).toBe('2025-01')
  })

  test('knows days as they are here', () => {
    const late = new Date(2026, 2, 8, 23, 59)
    expect(dayOf(late.toISOString())).toBe('2026-03-08')
    for (const day of ['2026-03-29', '2026-10-25', '2026-01-01']) expect(keyOf(dateOf(day))).toBe(day)
  })

  test('shows times of files that no date can be', () => {
    expect(isoOf(0)).toBe('1970-01-01T00:00:00.000Z')
    expect(isoOf(1e300)).toBe('+275760-09-13T00:00:00.000Z')
    expect(isoOf(-1e300)).toBe('-271821-04-20T00:00:00.000Z')
  })
})

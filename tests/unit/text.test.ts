// The catalogue: both languages say the same things, every problem has its sentence, and hostile names cannot pass as something else.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, describe as group, it, vi } from 'vitest'
import { failureCodes } from '../../core/api/failure.ts'
import {
  followRegion,
  formatBytes,
  formatDay,
  formatDuration,
  formatMoment,
  formatRelative,
  formatTime,
  formatTimeExact,
} from '../../core/api/text/format.ts'
import { catalogue, describe, languageOf, translator } from '../../core/api/text/text.ts'
import { visible } from '../../core/api/text/visible.ts'

function keysOf(node: unknown, path = ''): string[] {
  if (typeof node === 'string') return [path]
  return Object.entries(node as object).flatMap(([key, value]) => keysOf(value, path ? `${path}.${key}` : key))
}

function gapsOf(sentence: string): string[] {
  return [...sentence.matchAll(/\{\{\s*([^},\s]+)/g)].map((match) => match[1] as string).sort()
}

const sentence = (language: 'en' | 'fr', key: string) =>
  key.split('.').reduce<unknown>((node, part) => (node as Record<string, unknown>)[part], catalogue[language]) as string

group('catalogue', () => {
  it('has the same keys in both languages', () => {
    expect(keysOf(catalogue.fr).sort()).toEqual(keysOf(catalogue.en).sort())
  })

  it('has the same gaps in both languages, and no empty sentence', () => {
    for (const key of keysOf(catalogue.en)) {
      expect(sentence('en', key), key).not.toBe('')
      expect(sentence('fr', key), key).not.toBe('')
      expect([...new Set(gapsOf(sentence('fr', key)))], key).toEqual([...new Set(gapsOf(sentence('en', key)))])
    }
  })

  it('has every sentence that the programs name', () => {
    const chapters = Object.keys(catalogue.en).join('|')
    const named = new RegExp(`'((?:${chapters})\\.[\\w.-]+)'`, 'g')
    const keys = keysOf(catalogue.en)
    const top = join(import.meta.dirname, '../..')
    for (const folder of ['core', 'electron', 'renderer']) {
      for (const file of readdirSync(join(top, folder), { recursive: true, encoding: 'utf8' })) {
        if (!/\.tsx?$/.test(file)) continue
        const source = readFileSync(join(top, folder, file), 'utf8')
        for (const [, key = ''] of source.matchAll(named)) {
          if (key.endsWith('.json')) continue
          expect(
            keys.some((known) => known === key || known.startsWith(`${key}.`) || known === `${key}_other`),
            `${file}: ${key}`,
          ).toBe(true)
        }
      }
    }
  })

  it('has a text and a hint for every code and for nothing else', () => {
    expect(Object.keys(catalogue.en.problem).sort()).toEqual([...failureCodes].sort())
    for (const code of failureCodes) {
      for (const language of ['en', 'fr'] as const) {
        const { text, hint } = describe({ code, details: {} }, language)
        expect(`${text} ${hint}`, code).not.toMatch(/\{\{|\}\}|undefined|NaN|Invalid/)
        expect(text.length, code).toBeGreaterThan(10)
        expect(hint.length, code).toBeGreaterThan(5)
      }
    }
  })

  it('writes French with its own spaces and apostrophes', () => {
    for (const key of keysOf(catalogue.fr)) {
      const text = sentence('fr', key).replace(/\{\{.*?\}\}/g, 'x')
      expect(text, key).not.toMatch(/[A-Za-zÀ-ÿ]'[A-Za-zÀ-ÿ]/)
      expect(text, key).not.toMatch(/[^\s\u00a0\u202f][;!?](\s|$)/)
      expect(text, key).not.toMatch(/ [;:!?»]|« /)
      // One kind of each: a wide one before a colon, narrow ones everywhere else.
      expect(text, key).not.toMatch(/\u202f:|\u00a0[;!?»]|«\u00a0/)
      expect(text, key).not.toMatch(/[^\u00a0:]:(\s|$)|«[^\u202f]|[^\u202f]»/)
    }
  })

  it('throws for a key that is not there', () => {
    expect(() => translator('en')('window.nothing.such')).toThrow(/no sentence/)
  })
})

group('describe', () => {
  it('fills gaps, formats sizes and lists, and makes names visible', () => {
    const details = { name: 'STICK\u202etxt', need: 1_400_000_000, free: 12_000_000 }
    expect(describe({ code: 'space-tight', details }, 'en').text).toContain('1.4\u00a0GB')
    expect(describe({ code: 'space-tight', details }, 'fr').text).toContain('1,4\u00a0Go')
    expect(describe({ code: 'space-tight', details }, 'en').text).toContain('STICK‹202E›txt')
    expect(describe({ code: 'several-media', details: { found: ['A', 'B'] } }, 'en').text).toBe(
      'Several drives or places fit: A, B.',
    )
    expect(describe({ code: 'no-medium', details: { found: [] } }, 'fr').text).toContain('aucun')
  })
})

group('visible', () => {
  it('shows what cannot be seen and leaves the rest alone', () => {
    expect(visible('a\nb\u001b[31m')).toBe('a‹000A›b‹001B›[31m')
    expect(visible('caf\udce9')).toBe('caf‹\\xE9›')
    expect(visible('photo\u200f\u2066')).toBe('photo‹200F›‹2066›')
    expect(visible('👩‍🔬 été n°1 日本')).toBe('👩‍🔬 été n°1 日本')
  })
})

group('format', () => {
  beforeEach(() => followRegion('en-GB'))
  afterEach(() => followRegion(undefined))

  it('speaks of sizes, durations and times', () => {
    expect([0, 999, 1000, 999_600, 1_234_567_890].map((bytes) => formatBytes(bytes, 'en'))).toEqual([
      '0\u00a0B',
      '999\u00a0B',
      '1\u00a0kB',
      '1\u00a0MB',
      '1.2\u00a0GB',
    ])
    expect([3, 125, 4320].map(formatDuration)).toEqual(['3\u00a0s', '2\u00a0min 05\u00a0s', '1\u00a0h 12\u00a0min'])
    const now = Date.parse('2026-03-02T12:00:00Z')
    expect(formatRelative('2026-03-02T09:00:00Z', 'en', now)).toBe('3 hours ago')
    expect(formatRelative('2026-03-01T12:00:00Z', 'fr', now)).toBe('hier')
  })

  it('tells times in the zone that is in force, also after it has changed', () => {
    const summer = '2026-07-01T22:30:00Z'
    const now = Date.parse('2026-07-01T12:00:00Z')
    const shown = ['Europe/Paris', 'Asia/Kathmandu', 'America/New_York', 'Europe/Paris'].map((zone) => {
      vi.stubEnv('TZ', zone)
      return [formatTime(summer, 'en'), formatTime(summer, 'fr'), formatMoment(summer, 'en', now)]
    })
    expect(shown).toEqual([
      ['2 Jul 2026, 00:30', '2 juil. 2026, 00:30', 'tomorrow at 00:30'],
      ['2 Jul 2026, 04:15', '2 juil. 2026, 04:15', 'tomorrow at 04:15'],
      ['1 Jul 2026, 18:30', '1er juil. 2026, 18:30', 'today at 18:30'],
      ['2 Jul 2026, 00:30', '2 juil. 2026, 00:30', 'tomorrow at 00:30'],
    ])
    vi.stubEnv('TZ', 'Europe/Paris')
    expect(formatTime('2026-01-01T23:30:00Z', 'en')).toBe('2 Jan 2026, 00:30')
    expect(formatMoment('2025-12-24T12:00:00Z', 'en', now)).toBe('Wed, 24 Dec 2025 at 13:00')
    expect(formatMoment('2026-07-02T12:00:00Z', 'fr', now)).toBe('demain à 14:00')
  })

  it('writes dates in the order of the region, and hours to 24', () => {
    vi.stubEnv('TZ', 'UTC')
    const noon = '2026-12-01T13:05:09Z'
    const now = Date.parse('2026-12-24T12:00:00Z')
    const told = ['en-US', 'en-GB', 'fr-CA', 'de-DE', 'en-US-u-va-posix'].map((region) => {
      followRegion(region)
      return [formatTime(noon, 'en'), formatMoment(noon, 'fr', now)]
    })
    expect(told).toEqual([
      ['Dec 1, 2026, 13:05', 'mar. 1er déc. à 13:05'],
      ['1 Dec 2026, 13:05', 'mar. 1er déc. à 13:05'],
      ['1 Dec 2026, 13:05', 'mar. 1er déc. à 13 h 05'],
      ['1 Dec 2026, 13:05', 'mar. 1er déc. à 13:05'],
      ['1 Dec 2026, 13:05', 'mar. 1er déc. à 13:05'],
    ])
    expect(formatTimeExact(noon, 'en')).toBe('1 Dec 2026, 13:05:09')
    expect([formatDay(noon, 'en', now), formatDay(noon, 'fr', Date.parse('2027-01-01T00:00:00Z'))]).toEqual([
      '1 Dec',
      '1er déc. 2026',
    ])
  })

  it('never says that more time has passed than has, and counts days by the calendar', () => {
    vi.stubEnv('TZ', 'Europe/Paris')
    const now = Date.parse('2026-11-25T00:30:00+01:00')
    const ago = (seconds: number, language: 'en' | 'fr' = 'en') =>
      formatRelative(new Date(now - seconds * 1000).toISOString(), language, now)
    expect([ago(0), ago(59), ago(60), ago(119), ago(3599), ago(86_399)]).toEqual([
      'just now',
      'just now',
      '1 minute ago',
      '1 minute ago',
      '59 minutes ago',
      '23 hours ago',
    ])
    // 25 hours before half past midnight is the day before yesterday.
    expect([ago(86_400), ago(25 * 3600), ago(25 * 3600, 'fr'), ago(8 * 86_400), ago(-30)]).toEqual([
      'yesterday',
      '2 days ago',
      'avant-hier',
      '1 week ago',
      'in a moment',
    ])
  })

  it('knows the languages it speaks', () => {
    expect([languageOf('fr_FR.UTF-8'), languageOf('fr-CA'), languageOf('de_DE'), languageOf(undefined)]).toEqual([
      'fr',
      'fr',
      'en',
      'en',
    ])
  })
})

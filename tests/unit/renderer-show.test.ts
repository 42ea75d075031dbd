// What the window makes of numbers, passwords, selections and runs before it shows them.
import { describe, expect, it } from 'vitest'
import { failureCodes } from '../../core/api/failure.ts'
import type { LogLine, Progress, Run } from '../../core/api/model.ts'
import { type PackFormat, type Plan, usualMethod } from '../../core/api/plan.ts'
import { catalogue } from '../../core/api/text/text.ts'
import { coveredBy, crumbsOf, partlyChosen, toggled } from '../../renderer/areas/restore/selection.ts'
import { isSetUp } from '../../renderer/parts/steps.ts'
import { type Key, sayIn } from '../../renderer/text/i18n.ts'
import { lastBackups } from '../../renderer/text/last-backups.ts'
import { begunIn, lineInWords } from '../../renderer/text/log-text.ts'
import { missingFor } from '../../renderer/text/missing.ts'
import { percentOf, rateOf, secondsOf } from '../../renderer/text/numbers.ts'
import { nameFor } from '../../renderer/text/plan-name.ts'
import { bitsOf, strengthOf } from '../../renderer/text/strength.ts'

const languages = ['en', 'fr'] as const

describe('numbers', () => {
  it('gives a percentage only of a known total, and never more than all', () => {
    expect(percentOf(1, undefined)).toBeUndefined()
    expect(percentOf(1, 0)).toBeUndefined()
    expect(percentOf(50, 200)).toBe(25)
    expect(percentOf(300, 200)).toBe(100)
  })

  it('measures durations, also of what still runs, and never negative', () => {
    const startedAt = '2026-03-02T12:00:00Z'
    expect(secondsOf({ startedAt, endedAt: '2026-03-02T12:01:30Z' }, 0)).toBe(90)
    expect(secondsOf({ startedAt }, Date.parse(startedAt) + 5000)).toBe(5)
    expect(secondsOf({ startedAt }, Date.parse(startedAt) - 5000)).toBe(0)
  })

  it('gives a rate only where it means something', () => {
    expect(rateOf(1000, 2)).toBe(500)
    expect(rateOf(1000, 0)).toBeUndefined()
    expect(rateOf(0, 10)).toBeUndefined()
  })
})

describe('password strength', () => {
  it('knows the passwords that everybody tries', () => {
    for (const password of ['', 'password', 'azerty123', 'Bonjour!', 'ADMIN'])
      expect(strengthOf(password), password).toBe(0)
  })

  it('rises with length and variety, and in every script', () => {
    expect(strengthOf('abc')).toBe(1)
    for (const named of ['marie 2026', 'Marie2026', '1987-christophe', 'Élodie_2026!'])
      expect(strengthOf(named), named).toBe(1)
    expect(strengthOf('aaaaaaaaaaaaaaaa')).toBe(1)
    expect(strengthOf('12345678901234567890')).toBeLessThanOrEqual(2)
    expect(strengthOf('k7#Pq9!')).toBeGreaterThanOrEqual(2)
    expect(strengthOf('quatre girafes boivent du thé vert')).toBe(4)
    expect(strengthOf('пять зелёных крокодилов')).toBeGreaterThanOrEqual(3)
    expect(strengthOf('👩‍🔬 café 実験室')).toBeGreaterThanOrEqual(3)
  })

  it('never falls when something is typed behind', () => {
    let bits = 0
    for (let length = 1; length < 40; length += 1) {
      const now = bitsOf('Zq8 rt!Lm03vWxyé'.repeat(3).slice(0, length))
      expect(now).toBeGreaterThanOrEqual(bits)
      bits = now
    }
  })
})

describe('selection', () => {
  it('lets a folder stand for all that is in it', () => {
    expect(toggled(['a/b/c', 'd'], 'a')).toEqual(['d', 'a'])
    expect(coveredBy(['a'], 'a/b')).toBe(true)
    expect(coveredBy(['a'], 'ab')).toBe(false)
    expect(toggled(['a'], 'a/b')).toEqual(['a'])
    expect(toggled(['a', 'd'], 'a')).toEqual(['d'])
    expect(partlyChosen(['a/b'], 'a')).toBe(true)
    expect(partlyChosen(['a'], 'a')).toBe(false)
  })

  it('finds the way from the top', () => {
    expect(crumbsOf('')).toEqual([{ path: '', name: '' }])
    expect(crumbsOf('a/b').map(({ path }) => path)).toEqual(['', 'a', 'a/b'])
  })
})

describe('the main screen', () => {
  const run = (kind: Run['kind'], outcome?: Run['outcome']): Run => ({
    id: crypto.randomUUID(),
    kind,
    trigger: 'manual',
    subject: 's',
    startedAt: '2026-03-02T12:00:00Z',
    ...(outcome && { outcome }),
    warnings: 0,
    files: 0,
    bytes: 0,
    stored: 0,
    operations: [],
  })

  it('speaks of the last ended backup and of the last usable one', () => {
    const runs = [
      run('backup', 'skipped'),
      run('backup'),
      run('restore', 'success'),
      run('backup', 'error'),
      run('backup', 'warning'),
      run('backup', 'success'),
    ]
    expect(lastBackups(runs)).toEqual({ last: runs[3], good: runs[4] })
    const medium = { id: 'stick', name: 'STICK', path: '/stick' }
    const there = runs.map((one) => ({ ...one, medium, artifact: one.id }))
    const gone = { ...run('prune', 'success'), medium, removed: [there[4]?.id ?? ''] }
    expect(lastBackups([gone, ...there])).toEqual({ last: there[3], good: there[5] })
    expect(lastBackups([])).toEqual({ last: undefined, good: undefined })
  })

  it('says what an action needs', () => {
    const key = {
      fingerprint: 'A'.repeat(40),
      name: 'k',
      createdAt: '2026-01-01T00:00:00Z',
      kind: 'own' as const,
      active: true,
    }
    const nothing = { keys: [], plans: [], active: [] }
    expect(missingFor('backup', nothing)).toEqual({ reason: 'key', wizard: 'first-start' })
    expect(missingFor('restore', nothing)).toBeUndefined()
    const ready = { ...nothing, keys: [key] }
    expect(missingFor('backup', ready)).toBeUndefined()
    expect(missingFor('schedule', nothing)).toEqual({ reason: 'key', wizard: 'first-start' })
    expect(missingFor('schedule', { ...nothing, plans: [{ method: usualMethod } as Plan] })).toEqual({
      reason: 'key',
      wizard: 'key',
    })
    const going = (kind: Progress['kind']) => ({ ...ready, active: [{ kind } as Progress] })
    for (const kind of ['backup', 'copy', 'verify', 'prune', 'estimate'] as const)
      expect(missingFor('backup', going(kind))).toBeUndefined()
    expect(missingFor('backup', going('restore'))).toEqual({ reason: 'busy' })
    expect(missingFor('restore', going('backup'))).toEqual({ reason: 'busy' })
    expect(missingFor('restore', going('copy'))).toBeUndefined()
    expect(missingFor('schedule', ready)).toEqual({ reason: 'plan', wizard: 'backup' })
    const plan = (format: PackFormat): Plan => ({
      id: 'p',
      name: 'p',
      source: { kind: 'folders', paths: ['/a'], exclude: [] },
      method: { kind: 'archive', format },
      destinations: [{ id: '00000000-0000-4000-8000-00000000000d', place: { kind: 'medium' }, via: 'run' }],
      createdAt: '2026-01-01T00:00:00Z',
    })
    const without = { ...ready, keys: [], plans: [plan('tar.gz.gpg')] }
    for (const action of ['backup', 'schedule'] as const) {
      expect(missingFor(action, without)).toEqual({ reason: 'key', wizard: 'key' })
      // One plan that needs no key: the wizard says of the others that they do.
      expect(missingFor(action, { ...without, plans: [...without.plans, plan('tar')] })).toBeUndefined()
    }
    expect([without.plans, [plan('tar.zst')]].map((plans) => isSetUp({ ...without, plans }))).toEqual([false, true])
  })

  it('proposes a harmless name for a plan', () => {
    expect(nameFor(['/home/claire/Documents/'])).toBe('Documents')
    expect(nameFor(['C:\\Labo\\Données'])).toBe('Données')
    expect(nameFor(['/a/b\nc'])).toBe('b‹000A›c')
    expect(nameFor([])).toBe('')
  })
})

describe('the log', () => {
  it('is in words, one line each, whatever a file name holds, for every code in both languages', () => {
    const lines: LogLine[] = failureCodes.map((code) => ({
      time: '2026-03-02T12:00:00Z',
      level: 'warning',
      operation: 'archive',
      problem: { code, details: { path: '/a\nb\u202e', name: 'n\r', reason: 'x' } },
    }))
    for (const language of languages) {
      const shown = [...lines, { time: '2026-03-02T12:00:00Z', level: 'info' as const, text: 'a\u001b[2Jb' }].map(
        (line) => lineInWords(line, language),
      )
      expect(shown).toHaveLength(failureCodes.length + 1)
      for (const line of shown) {
        expect(line).not.toMatch(/\{\{|undefined|\[object|problem\.\w|window\.\w/)
        expect(line).not.toMatch(/\p{Cc}|\u202e/u)
      }
    }
  })
})

describe('the catalogue', () => {
  const kinds = ['backup', 'restore', 'verify', 'undo'] as const

  it('has a sentence for each way in which a run can end', () => {
    for (const language of languages) {
      const { result } = catalogue[language].window
      for (const kind of kinds) expect(Object.keys(result[kind])).toEqual(['success', 'warning'])
      expect(Object.keys(result.other).sort()).toEqual([
        'abandoned',
        'cancelled',
        'error',
        'missed',
        'running',
        'skipped',
      ])
    }
  })

  it('fills the gaps of a sentence', () => {
    const key: Key = 'window.progress.percent'
    expect(sayIn('en')(key, { percent: 12 })).toBe('12%')
    expect(sayIn('fr')(key, { percent: 12 })).toBe('12\u00a0%')
  })
})

describe('operations of a run that goes on', () => {
  it('are those that its log has seen begin', () => {
    const at = (second: number) => new Date(second * 1000).toISOString()
    expect(
      begunIn([
        { time: at(1), level: 'info', operation: 'dump' },
        { time: at(2), level: 'warning', operation: 'dump', problem: { code: 'file-vanished', details: {} } },
        { time: at(3), level: 'info', text: 'said' },
        { time: at(4), level: 'info', operation: 'archive' },
      ]),
    ).toEqual([
      { name: 'dump', startedAt: at(1), endedAt: at(4), bytes: 0 },
      { name: 'archive', startedAt: at(4), bytes: 0 },
    ])
  })
})

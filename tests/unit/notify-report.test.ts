// The weekly report: due once a week whatever sleeps, clocks and time zones do, and honest about a week without backups.
import { afterEach, describe, expect, it } from 'vitest'
import { Language, type Run } from '../../core/api/model.ts'
import { htmlOf, subjectOf, textOf } from '../../core/notify/letter.ts'
import { lastDue, reportLetter, weekOf } from '../../core/notify/report.ts'

const zone = process.env.TZ
afterEach(() => {
  if (zone === undefined) delete process.env.TZ
  else process.env.TZ = zone
})

const friday = { day: 5, at: '12:00' }
const time = (iso: string) => Date.parse(iso)

describe('a report is due', () => {
  it.each([
    // Summer time began on 2026-03-29 in Paris, on 2026-03-08 in New York.
    ['Europe/Paris', '2026-03-06T11:00:00Z', '2026-03-06', '2026-03-06T11:00:00Z'],
    ['Europe/Paris', '2026-03-06T10:59:59Z', '2026-02-27', '2026-02-27T11:00:00Z'],
    ['Europe/Paris', '2026-04-03T10:00:00Z', '2026-04-03', '2026-04-03T10:00:00Z'],
    ['Europe/Paris', '2026-04-03T09:59:00Z', '2026-03-27', '2026-03-27T11:00:00Z'],
    ['America/New_York', '2026-03-13T15:59:00Z', '2026-03-06', '2026-03-06T17:00:00Z'],
    ['America/New_York', '2026-03-13T16:00:00Z', '2026-03-13', '2026-03-13T16:00:00Z'],
    ['Pacific/Auckland', '2026-03-06T00:00:00Z', '2026-03-06', '2026-03-05T23:00:00Z'],
    ['Asia/Kolkata', '2026-03-12T00:00:00Z', '2026-03-06', '2026-03-06T06:30:00Z'],
  ])('in %s at %s: that of %s', (name, now, key, at) => {
    process.env.TZ = name
    expect(lastDue(friday, time(now))).toEqual({ key, at: time(at) })
  })

  it('on any day of the week, Sunday too', () => {
    process.env.TZ = 'UTC'
    const keys = [1, 2, 3, 4, 5, 6, 7].map((day) => lastDue({ day, at: '00:30' }, time('2026-03-06T12:00:00Z')).key)
    expect(keys).toEqual([
      '2026-03-02',
      '2026-03-03',
      '2026-03-04',
      '2026-03-05',
      '2026-03-06',
      '2026-02-28',
      '2026-03-01',
    ])
  })

  it('at any moment of two years for the newest past time, and never for one twice', () => {
    process.env.TZ = 'Europe/Paris'
    const seen = new Set<string>()
    const wrong: number[] = []
    let last = 0
    for (let now = time('2026-01-01T00:00:00Z'); now < time('2028-01-01T00:00:00Z'); now += 97 * 60_000) {
      const due = lastDue(friday, now)
      if (due.at > now || now - due.at > (7 * 24 + 1) * 3600_000 || due.at < last) wrong.push(now)
      last = due.at
      seen.add(due.key)
    }
    expect(wrong).toEqual([])
    expect(seen.size).toBe(106)
  })
})

const plan = (id: string, name: string) => ({ id, name })
const plans = [plan('1', 'Bureau'), plan('2', 'LabBook <b>')]

let made = 0
function run(planId: string, outcome: Run['outcome'], endedAt: string, more: Partial<Run> = {}): Run {
  made += 1
  return {
    id: `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`,
    kind: 'backup',
    trigger: 'scheduled',
    planId,
    subject: plans.find((one) => one.id === planId)?.name ?? 'Ancien',
    startedAt: endedAt,
    endedAt,
    ...(outcome ? { outcome } : {}),
    warnings: 0,
    files: 1,
    bytes: 10,
    stored: 1_000_000,
    operations: [],
    ...more,
  }
}

describe('a report', () => {
  const now = time('2026-03-06T12:00:00Z')
  const period = { plans, ...weekOf({ key: '2026-03-06', at: now }, now) }

  it.each(Language.options)('is good only when every plan has good backups (%s)', (language) => {
    const runs = [run('2', 'success', '2026-03-06T01:00:00Z'), run('1', 'success', '2026-03-05T01:00:00Z')]
    const letter = reportLetter({ ...period, runs }, language, 'labo')
    expect(letter.tone).toBe('good')
    for (const text of [subjectOf(letter), textOf(letter), htmlOf(letter)])
      expect(text).not.toMatch(/\{\{|undefined|mail\./)
    expect(htmlOf(letter)).toContain('LabBook &lt;b&gt;')
  })

  it('tells of a key that soon is of no use', () => {
    const runs = [run('2', 'success', '2026-03-06T01:00:00Z'), run('1', 'success', '2026-03-05T01:00:00Z')]
    const details = { name: 'Escrow', fingerprint: 'A'.repeat(40), expiresAt: '2026-04-01T00:00:00.000Z' }
    const letter = reportLetter({ ...period, runs, keys: [{ code: 'key-expires-soon', details }] }, 'en', 'labo')
    expect(letter.tone).toBe('warn')
    expect(textOf(letter)).toContain('Escrow')
  })

  it('names a plan without any backup in the week, and when the last one was', () => {
    const runs = [run('1', 'success', '2026-03-05T01:00:00Z'), run('2', 'success', '2026-02-20T01:00:00Z')]
    const letter = reportLetter({ ...period, runs }, 'en', 'labo')
    expect(letter.tone).toBe('bad')
    expect(subjectOf(letter)).toContain('NOT PROTECTED')
    expect(letter.table?.rows[1]?.slice(0, 2)).toEqual(['LabBook <b>', 'NONE'])
    expect(letter.table?.rows[1]?.[2]).toMatch(/20 Feb 2026|Feb 20, 2026/)
  })

  it('counts each outcome, tells the newest trouble, and knows plans that are gone', () => {
    const failure = { code: 'no-medium' as const, details: { found: [] } }
    const runs = [
      run('1', 'success', '2026-03-06T01:00:00Z'),
      run('1', 'error', '2026-03-05T01:00:00Z', { failure, stored: 0 }),
      run('1', 'abandoned', '2026-03-04T01:00:00Z', { stored: 0 }),
      run('1', 'missed', '2026-03-03T01:00:00Z', { stored: 0 }),
      run('1', 'warning', '2026-03-02T01:00:00Z'),
      run('2', 'success', '2026-03-02T01:00:00Z'),
      run('9', 'success', '2026-03-01T01:00:00Z'),
      run('1', 'error', '2026-02-26T01:00:00Z', { failure }),
      run('1', 'error', '2026-03-05T03:00:00Z', { kind: 'verify' }),
    ]
    const letter = reportLetter({ ...period, runs }, 'en', 'labo')
    expect(letter.tone).toBe('warn')
    expect(letter.table?.rows.map((row) => row.slice(0, 2))).toEqual([
      ['Bureau', '1 good, 1 with warnings, 2 failed, 1 missed'],
      ['LabBook <b>', '1 good'],
      ['Ancien', '1 good'],
    ])
    expect(letter.table?.rows[0]?.[3]).toBe('2\u00a0MB')
    expect(letter.remarks).toHaveLength(1)
    expect(letter.remarks[0]).toMatch(/^Bureau, .*: /)
    expect(letter.facts).toEqual([['Other tasks', '1, of which 1 failed']])
  })

  it('that comes late covers everything since a week before it was due', () => {
    const late = time('2026-03-09T08:00:00Z')
    const runs = [run('1', 'success', '2026-03-08T01:00:00Z'), run('2', 'success', '2026-02-27T13:00:00Z')]
    const letter = reportLetter({ plans, runs, ...weekOf({ key: '2026-03-06', at: now }, late) }, 'en', 'labo')
    expect(letter.tone).toBe('good')
  })

  it('says that nothing is backed up where there is no plan', () => {
    const letter = reportLetter({ ...period, plans: [], runs: [] }, 'fr', 'labo')
    expect(letter.tone).toBe('quiet')
    expect(textOf(letter)).toContain('aucun plan')
  })
})

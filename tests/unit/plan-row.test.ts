// The rows of the overview and its headline, which can never contradict each other.
import { describe, expect, it } from 'vitest'
import { dayOf } from '../../core/api/due.ts'
import type { Run } from '../../core/api/model.ts'
import { dayOutcomeOf, overviewOf } from '../../core/api/plan-row.ts'
import type { Known } from '../../core/api/protection.ts'
import type { Protection } from '../../core/api/protection-model.ts'
import { createLedger } from '../../core/history/ledger.ts'
import { randomNumbers } from '../suites/fixtures/streams.ts'
import { conditions } from '../support/conditions.ts'
import { key, plan } from '../support/protected-plan.ts'

const now = Date.parse('2026-03-30T10:00:00Z')
const hour = 3600_000
const zone = 'Europe/Paris'
let count = 0
function run(planId: string, hoursAgo: number, outcome: Run['outcome'], more: Partial<Run> = {}): Run {
  count += 1
  const time = new Date(now - hoursAgo * hour).toISOString()
  return {
    id: `${planId}-${count}`,
    kind: 'backup',
    trigger: 'manual',
    planId,
    subject: planId,
    startedAt: time,
    ...(outcome ? { endedAt: time, outcome } : {}),
    warnings: 0,
    files: 1,
    bytes: 1,
    stored: count,
    operations: [],
    ...more,
  }
}

/** What the engine would show after these runs, the oldest first. */
function shown(known: Omit<Known, 'runs'>, runs: readonly Run[], at = now) {
  const ledger = createLedger()
  for (const one of runs) ledger.note(one)
  const newest = runs.toReversed().slice(0, 100)
  return overviewOf({ ...known, runs: [...newest, ...ledger.lastGoods()] }, ledger.of, at, zone)
}

const outcomes: readonly Run['outcome'][] = [
  'success',
  'success',
  'warning',
  'error',
  'abandoned',
  'missed',
  'cancelled',
]
const levels: readonly Protection['level'][] = ['protected', 'attention', 'unprotected', 'unset']

describe('the headline', () => {
  it('follows from the rows, whatever there is', () => {
    const next = randomNumbers(20261130)
    const below = (limit: number) => next() % limit
    const seen = new Set<string>()
    for (let round = 0; round < 2000; round += 1) {
      const plans = Array.from({ length: below(5) }, (_, at) =>
        plan(`p${at}`, {
          ...(below(3) === 0 ? { method: { kind: 'archive', format: 'tar.gz' } } : {}),
          ...(below(2) === 0
            ? { schedule: { when: { kind: 'daily', at: '12:00' }, ...conditions, savedAt: '2026-01-01T00:00:00Z' } }
            : {}),
        }),
      )
      const runs = plans
        .flatMap(({ id }) => Array.from({ length: below(4) }, () => [id, below(24 * 10)] as const))
        .sort(([, one], [, other]) => other - one)
        .map(([id, hours]) => run(id, hours, outcomes[below(outcomes.length)]))
      const known = {
        keys: below(8) > 0 ? [key] : [],
        keyTrouble: below(12) > 0 ? null : {},
        plans,
      }
      const { rows, headline } = shown(known, runs)
      expect(rows.map(({ planId }) => planId)).toEqual(plans.map(({ id }) => id))
      seen.add(`${headline.level} ${headline.reason}`)
      if (rows.length === 0) continue
      const worst = Math.max(...rows.map(({ protection }) => levels.indexOf(protection.level)))
      expect(headline.level).toBe(levels[worst])
      const { planId, plans: counted, ...said } = headline
      const own = rows.length === 1 ? rows[0] : rows.find((row) => row.planId === planId)
      expect(own?.protection).toEqual(said)
      if (rows.length === 1) expect(counted).toBeUndefined()
      else
        expect(counted).toEqual({
          protected: rows.filter(({ protection: { level } }) => level === 'protected').length,
          of: rows.length,
        })
    }
    // The cases drawn are not all of one kind.
    expect(seen.size).toBeGreaterThan(9)
  })
})

describe('a row', () => {
  const known = { keys: [key], plans: [plan('a')] }

  it('counts the places that are current, and keeps the last trial whatever is noted later', () => {
    const on = (id: string, artifact: string) => ({ medium: { id, name: id, path: '/m' }, artifact, sha256: 'x' })
    const restored = run('a', 20, 'success', { kind: 'restore', artifact: 'new' })
    const verified = run('a', 2, 'success', {
      kind: 'verify',
      checked: [{ name: 'new', good: true, opened: true, size: 1 }],
    })
    const runs = [
      run('a', 24 * 90, 'success', on('old', 'ancient')),
      run('a', 24 * 30, 'success', on('safe', 'monthly')),
      run('a', 24, 'success', on('here', 'new')),
      restored,
      verified,
      { ...restored, kept: ['its safety copy went'] },
      run('a', 1, 'error', { kind: 'restore', artifact: 'new' }),
    ]
    const [row] = shown(known, runs).rows
    expect(row?.places).toEqual(['safe', 'here'])
    expect(row?.triedAt).toBe(verified.endedAt)
  })

  it('tells how each day went, by its best backup, on the calendar of the wall clock', () => {
    // The clock goes forward in the night to the 29th.
    const runs = [
      run('a', 24 * 20, 'success'),
      run('a', 24 * 13, 'success'),
      run('a', 24 * 5 + 2, 'error'),
      run('a', 24 * 5, 'warning'),
      run('a', 24 * 3, 'missed'),
      run('a', 36, 'abandoned'),
      run('a', 11.9, 'success'),
      run('a', 3, 'skipped'),
      run('a', 1, 'error'),
    ]
    const { rows } = shown(known, runs)
    const days = rows[0]?.days ?? []
    expect(days).toHaveLength(14)
    const told = Object.fromEntries(days.flatMap((outcome, at) => (outcome === null ? [] : [[13 - at, outcome]])))
    expect(told).toEqual({ 13: 'good', 5: 'omissions', 3: 'missed', 2: 'failed', 0: 'good' })
  })

  it('of a backup every hour has all its days, though history has only the last ones at hand', () => {
    const next = randomNumbers(7)
    const runs = Array.from({ length: 24 * 16 }, (_, at) => run('a', 24 * 16 - at, outcomes[next() % outcomes.length]))
    const { rows } = shown(known, runs)
    const rank = ['missed', 'failed', 'omissions', 'good']
    const expected = Array.from({ length: 14 }, (_, at) => {
      const date = dayOf(now, zone) - (13 - at) * 24 * hour
      const that = runs.filter((one) => dayOf(Date.parse(one.startedAt), zone) === date).map(dayOutcomeOf)
      return rank[Math.max(...that.map((outcome) => rank.indexOf(outcome ?? '')))]
    })
    expect(rows[0]?.days).toEqual(expected)
    expect(rows[0]?.sizes).toHaveLength(14)
  })

  it('of due times that were missed shows the days on which they were', () => {
    const at = (daysAgo: number) => new Date(now - daysAgo * 24 * hour).toISOString()
    // Noted when the computer was on again.
    const missed = (dues: number) => run('a', 1, 'missed', { dueFrom: at(6), dueAt: at(4), dues })
    const days = (one: Run) =>
      shown(known, [one]).rows[0]?.days.flatMap((outcome, day) => (outcome === null ? [] : [`${outcome} ${13 - day}`]))
    expect(days(missed(2))).toEqual(['missed 6', 'missed 4'])
    expect(days(missed(3))).toEqual(['missed 6', 'missed 5', 'missed 4'])
    expect(days(run('a', 1, 'missed', { dueAt: at(2) }))).toEqual(['missed 2'])
  })

  it('has the sizes of good backups alone, the oldest first, and the end of the last', () => {
    const [first, second, third] = [run('a', 50, 'success'), run('a', 26, 'error'), run('a', 2, 'warning')]
    const { rows } = shown(known, [first, second, third])
    expect(rows[0]).toMatchObject({ sizes: [first.stored, third.stored], lastGood: third.endedAt })
  })

  it('of a run whose end was noted twice, and of one that goes on, says the same', () => {
    const [begun, done] = [run('a', 2, undefined), run('a', 30, 'success')]
    const once = shown(known, [done, begun]).rows
    expect(shown(known, [done, begun, { ...done, lossesAccepted: done.startedAt }]).rows[0]?.days).toEqual(
      once[0]?.days,
    )
    expect(once[0]?.days.at(-1)).toBeNull()
  })
})

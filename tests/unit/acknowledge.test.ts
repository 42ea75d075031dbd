// What a person has seen is quiet until there is news; what is true of the plans does not change with it.
import { describe, expect, it } from 'vitest'
import {
  acknowledge,
  isAcknowledgeable,
  isAcknowledged,
  quietDays,
  withAcknowledged,
} from '../../core/api/acknowledge.ts'
import { alarmsOf } from '../../core/api/alarms.ts'
import type { Run } from '../../core/api/model.ts'
import { overviewOf } from '../../core/api/plan-row.ts'
import { type Alarm, PlanSchedule } from '../../core/api/schedule.ts'
import { createLedger } from '../../core/history/ledger.ts'
import { randomNumbers } from '../suites/fixtures/streams.ts'
import { key, plan } from '../support/protected-plan.ts'

const now = Date.parse('2026-03-01T12:00:00Z')
const day = 24 * 3600 * 1000
const planId = 'b1a7c0de-0000-4000-8000-000000000001'
const other = 'b1a7c0de-0000-4000-8000-000000000002'
const since = '2026-02-28T06:00:00.000Z'

const schedule = PlanSchedule.parse({
  when: { kind: 'daily', at: '06:00' },
  savedAt: '2026-01-01T00:00:00.000Z',
})

function runOf(of: string, at: number, outcome: NonNullable<Run['outcome']>, id: string): Run {
  const time = new Date(at).toISOString()
  const amounts = { warnings: 0, files: 1, bytes: 1, stored: 1, operations: [] }
  const about = { kind: 'backup' as const, trigger: 'manual' as const, planId: of, subject: of }
  return { id: `${of}-${id}`, ...about, startedAt: time, endedAt: time, outcome, ...amounts }
}

function alarm(more: Partial<Alarm>): Alarm {
  return { kind: 'failed', planId, subject: 'Documents', since, ...more }
}

/** Whether the later one is still quiet after the first was acknowledged. */
function quiet(first: Alarm, later: Alarm, days = 0): boolean {
  const known = acknowledge({}, first, true, now)
  return withAcknowledged([later], known, now + days * day)[0]?.acknowledgedAt !== undefined
}

describe('the truth', () => {
  it('is the same whatever was acknowledged: which alarms there are, what each tells, the rows and the headline', () => {
    const next = randomNumbers(20261201)
    const below = (limit: number) => next() % limit
    const kinds = ['success', 'warning', 'error', 'abandoned', 'missed'] as const
    let seen = 0
    for (let round = 0; round < 500; round += 1) {
      const plans = Array.from({ length: 1 + below(3) }, (_, at) => plan(`Plan ${at}`, below(2) ? { schedule } : {}))
      const runs = plans.flatMap(({ id }) =>
        Array.from({ length: below(6) }, (_, at) =>
          runOf(id, now - (10 - at) * day, kinds[below(5)] ?? 'error', `${at}`),
        ),
      )
      const ledger = createLedger()
      for (const one of runs) ledger.note(one)
      const known = { keys: [key], plans, runs: runs.toReversed() }
      const alarms = plans.flatMap((one) => alarmsOf(one, { ...ledger.of(one.id), state: undefined }, now, 'UTC'))
      const before = overviewOf(known, ledger.of, now, 'UTC')
      const chosen = alarms.filter(() => below(2) === 0)
      const acknowledged = chosen.reduce((all, one) => acknowledge(all, one, true, now), {})
      const shown = withAcknowledged(alarms, acknowledged, now)
      expect(shown.map(({ acknowledgedAt: _, ...one }) => one)).toEqual(alarms)
      expect(shown.filter(isAcknowledged).map(({ kind }) => kind)).toEqual(
        chosen.filter(isAcknowledgeable).map(({ kind }) => kind),
      )
      // As the engine asks it: with all that is in the state.
      expect(overviewOf({ ...known, alarms: shown, acknowledged } as typeof known, ledger.of, now, 'UTC')).toEqual(
        before,
      )
      seen += shown.filter(isAcknowledged).length
    }
    expect(seen).toBeGreaterThan(100)
  })
})

describe('an acknowledged alarm', () => {
  it('stays, with when it was acknowledged, and comes back when that is taken back', () => {
    const one = alarm({ runId: other })
    const known = acknowledge({}, one, true, now)
    expect(withAcknowledged([one], known, now)).toEqual([{ ...one, acknowledgedAt: new Date(now).toISOString() }])
    expect(withAcknowledged([one], acknowledge(known, one, false, now), now)).toEqual([one])
  })

  it.each<[string, Alarm, Alarm, boolean]>([
    ['the same failure', alarm({ runId: other }), alarm({ runId: other }), true],
    ['another run that failed', alarm({ runId: other }), alarm({ runId: planId }), false],
    ['the same failure of another plan', alarm({ runId: planId }), alarm({ runId: planId, planId: other }), false],
    ['the same kind since the same time', alarm({ kind: 'missed' }), alarm({ kind: 'missed' }), true],
    [
      'another missed time',
      alarm({ kind: 'missed' }),
      alarm({ kind: 'missed', since: '2026-03-01T06:00:00.000Z' }),
      false,
    ],
    ['days that pass', alarm({ kind: 'no-success', days: 3 }), alarm({ kind: 'no-success', days: 5 }), true],
    ['another kind', alarm({ kind: 'missed' }), alarm({ kind: 'no-success' }), false],
    [
      'a copy that is late after a newer one',
      alarm({ kind: 'copy-late', placeId: other, lastCopy: since }),
      alarm({ kind: 'copy-late', placeId: other, lastCopy: '2026-03-01T06:00:00.000Z' }),
      false,
    ],
    [
      'a place that fills up, as more backups are made',
      alarm({ kind: 'filling', placeId: other, days: 9 }),
      alarm({ kind: 'filling', placeId: other, days: 4, since: '2026-03-01T06:00:00.000Z' }),
      true,
    ],
    [
      'a place that is nearly full',
      alarm({ kind: 'filling', placeId: other, days: 9 }),
      alarm({ kind: 'filling', placeId: other, days: 2 }),
      false,
    ],
  ])('%s', (_, first, later, expected) => {
    expect(quiet(first, later)).toBe(expected)
  })

  it('alarms again after a week, and where the clock is not to be believed', () => {
    const one = alarm({ runId: other })
    expect(quiet(one, one, quietDays - 0.01)).toBe(true)
    expect(quiet(one, one, quietDays)).toBe(false)
    expect(quiet(one, one, -2)).toBe(false)
  })

  it('is never one that asks for a decision', () => {
    const lost = alarm({ kind: 'loss', runId: other })
    expect(quiet(lost, lost)).toBe(false)
    const empty = alarm({ runId: other, problem: { code: 'sources-empty', details: {} } })
    expect(quiet(empty, empty)).toBe(false)
  })

  it('leaves no trace of what was acknowledged long ago', () => {
    const known = acknowledge({}, alarm({ runId: other }), true, now)
    expect(Object.keys(acknowledge(known, alarm({ kind: 'missed' }), true, now + quietDays * day))).toHaveLength(1)
  })
})

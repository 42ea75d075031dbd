// "Am I protected?": never green on old news, the worst plan decides.
import { describe, expect, it } from 'vitest'
import type { KeyInfo, Run } from '../../core/api/model.ts'
import type { Plan } from '../../core/api/plan.ts'
import { type Known, protection } from '../../core/api/protection.ts'

const now = Date.parse('2026-03-10T12:00:00Z')
const hour = 3600_000
const key: KeyInfo = {
  fingerprint: 'A'.repeat(40),
  name: 'k',
  createdAt: '2026-01-01T00:00:00Z',
  kind: 'own',
  active: true,
}
const plan = (id: string): Plan => ({
  id,
  name: id,
  source: { kind: 'folders', paths: ['/a'], exclude: [] },
  method: { kind: 'archive', format: 'tar.gz.gpg' },
  store: { kind: 'medium' },
  createdAt: '2026-01-01T00:00:00Z',
})
const run = (planId: string, hoursAgo: number, outcome: Run['outcome'], kind: Run['kind'] = 'backup'): Run => ({
  id: `${planId}-${hoursAgo}`,
  kind,
  trigger: 'manual',
  planId,
  subject: planId,
  startedAt: new Date(now - hoursAgo * hour).toISOString(),
  ...(outcome ? { endedAt: new Date(now - hoursAgo * hour).toISOString(), outcome } : {}),
  warnings: 0,
  files: 1,
  bytes: 1,
  stored: 1,
  operations: [],
})
const ask = (runs: Run[], plans = [plan('a')], more: Partial<Known> = {}) =>
  protection({ operatorSet: true, keys: [key], plans, runs, ...more }, now)

describe('protection', () => {
  it('is not set up without operator password, key or plan', () => {
    expect(ask([], [plan('a')], { operatorSet: false })).toMatchObject({ level: 'unset', reason: 'no-operator' })
    expect(ask([], [plan('a')], { keys: [] })).toMatchObject({ level: 'unset', reason: 'no-key' })
    expect(ask([], [plan('a')], { keys: [{ ...key, active: false }] })).toMatchObject({
      level: 'unset',
      reason: 'no-key',
    })
    expect(ask([], [])).toMatchObject({ level: 'unset', reason: 'no-plan' })
  })

  it('is red when nothing ever succeeded, whatever else happened', () => {
    expect(ask([])).toMatchObject({ level: 'unprotected', reason: 'never', action: 'backup' })
    expect(ask([run('a', 1, 'error'), run('a', 2, 'cancelled'), run('a', 3, 'abandoned')])).toMatchObject({
      level: 'unprotected',
    })
    expect(ask([run('a', 1, 'success', 'restore')])).toMatchObject({ level: 'unprotected', reason: 'never' })
    expect(ask([run('a', 0, undefined)])).toMatchObject({ level: 'attention', reason: 'running-first' })
  })

  it('is green only on recent news', () => {
    expect(ask([run('a', 1, 'success')])).toMatchObject({ level: 'protected' })
    expect(ask([run('a', 25, 'success')])).toMatchObject({ level: 'protected' })
    expect(ask([run('a', 27, 'success')])).toMatchObject({ level: 'attention', reason: 'old' })
    expect(ask([run('a', 24 * 8, 'success')])).toMatchObject({ level: 'unprotected', reason: 'very-old' })
  })

  it('mentions a failure after a success, and omissions', () => {
    expect(ask([run('a', 1, 'error'), run('a', 5, 'success')])).toMatchObject({
      level: 'attention',
      reason: 'last-failed',
    })
    expect(ask([run('a', 1, 'abandoned'), run('a', 5, 'success')])).toMatchObject({
      level: 'attention',
      reason: 'last-failed',
    })
    expect(ask([run('a', 1, 'cancelled'), run('a', 5, 'success')])).toMatchObject({ level: 'protected' })
    expect(ask([run('a', 1, 'warning')])).toMatchObject({ level: 'attention', reason: 'omissions' })
    const kept = { ...run('a', 1, 'warning'), complete: true }
    expect(ask([kept])).toMatchObject({ level: 'attention', reason: 'not-removed', action: 'show-run' })
  })

  it('is as good as the worst plan', () => {
    expect(ask([run('a', 1, 'success')], [plan('a'), plan('b')])).toMatchObject({
      level: 'unprotected',
      reason: 'never',
    })
  })
})

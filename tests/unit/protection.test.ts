// "Am I protected?": never green on old news, the worst plan decides.
import { describe, expect, it } from 'vitest'
import type { Run } from '../../core/api/model.ts'
import type { Plan } from '../../core/api/plan.ts'
import { type Known, protection } from '../../core/api/protection.ts'
import type { Schedule } from '../../core/api/schedule.ts'
import { conditions } from '../support/conditions.ts'
import { key, plan } from '../support/protected-plan.ts'

const now = Date.parse('2026-03-10T12:00:00Z')
const hour = 3600_000
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
  protection({ keys: [key], plans, runs, ...more }, now)

describe('protection', () => {
  it('is not set up without key or plan', () => {
    expect(ask([], [plan('a')], { keys: [] })).toMatchObject({ level: 'unset', reason: 'no-key' })
    expect(ask([], [plan('a')], { keys: [{ ...key, active: false }] })).toMatchObject({
      level: 'unset',
      reason: 'no-key',
    })
    expect(ask([], [])).toMatchObject({ level: 'unset', reason: 'no-plan' })
    expect(ask([], [], { keys: [] })).toMatchObject({ level: 'unset', reason: 'no-plan', action: 'setup' })
  })

  it('asks for a key only where a plan encrypts', () => {
    const clear: Plan = { ...plan('a'), method: { kind: 'archive', format: 'tar.gz' } }
    for (const none of [{ keys: [] }, { keys: [], keyTrouble: {} }]) {
      expect(ask([run('a', 2, 'success')], [clear], none)).toMatchObject({ level: 'protected' })
      expect(ask([run('a', 2, 'success')], [clear, plan('b')], none).reason).toMatch(/^(?:no-key|key-trouble)$/)
      expect(ask([], [], none).reason).toBe('keyTrouble' in none ? 'key-trouble' : 'no-plan')
    }
  })

  it('does not count a backup that was removed since', () => {
    const medium = { id: 'stick', name: 'STICK', path: '/stick' }
    const on = (one: Run, more: Partial<Run>) => ({ ...one, medium, ...more })
    const runs = [on(run('a', 2, 'success'), { artifact: 'new' }), on(run('a', 40, 'success'), { artifact: 'old' })]
    const gone = (removed: string[], more: Partial<Run> = {}) =>
      on(run('a', 1, 'success', 'prune'), { removed, ...more })
    expect(ask(runs)).toMatchObject({ level: 'protected' })
    expect(ask([gone(['new']), ...runs])).toMatchObject({ level: 'attention', reason: 'old' })
    expect(ask([gone(['new', 'old']), ...runs])).toMatchObject({ level: 'unprotected', reason: 'never' })
    expect(ask([gone(['new'], { medium: { ...medium, id: 'disk' } }), ...runs])).toMatchObject({ level: 'protected' })
    // One that has taken the name since is another one.
    expect(ask([...runs, gone(['new'])])).toMatchObject({ level: 'protected' })
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

  it('is not green while the newest backup lacks something that nobody has looked at', () => {
    const saved = { artifact: 'a.tar.gz.gpg', sha256: 'a'.repeat(64) }
    const losses = [{ code: 'loss-fewer-files' as const, details: {} }]
    const lacking = { ...run('a', 1, 'warning'), ...saved, losses }
    expect(ask([lacking])).toMatchObject({ level: 'attention', reason: 'loss', action: 'show-run' })
    expect(ask([{ ...lacking, outcome: 'abandoned' }, run('a', 5, 'success')])).toMatchObject({ reason: 'loss' })
    expect(ask([{ ...lacking, lossesAccepted: '2026-03-10T11:30:00Z' }])).toMatchObject({ reason: 'omissions' })
    expect(ask([{ ...run('a', 0.5, 'success'), ...saved }, lacking])).toMatchObject({ level: 'protected' })
  })

  it('is as good as the worst plan', () => {
    expect(ask([run('a', 1, 'success')], [plan('a'), plan('b')])).toMatchObject({
      level: 'unprotected',
      reason: 'never',
    })
  })
})

describe('protection of a plan with a schedule', () => {
  const zone = 'Europe/Paris'
  const scheduled = (when: Schedule): Plan => ({
    ...plan('a'),
    schedule: { ...conditions, when, savedAt: '2026-01-01T00:00:00Z' },
  })
  const judged = (when: Schedule, hoursAgo: number, more: Partial<Known> = {}, last: Run[] = []) =>
    protection(
      {
        keys: [key],
        plans: [scheduled(when)],
        runs: [...last, run('a', hoursAgo, 'success')],
        ...more,
      },
      now,
      zone,
    )
  // It is Tuesday, 13:00 in Paris.
  const weekly: Schedule = { kind: 'weekly', days: [5], at: '18:00' }

  it('is green until the next due time, however far that is', () => {
    expect(judged(weekly, 3 * 24 + 18)).toMatchObject({ level: 'protected', reason: 'on-schedule' })
    expect(judged({ kind: 'daily', at: '20:00' }, 16)).toMatchObject({ level: 'protected', reason: 'recent-success' })
    expect(judged({ kind: 'monthly', day: 1, at: '12:00' }, 9 * 24)).toMatchObject({ level: 'protected' })
  })

  it('is orange when one is due, and red more than a day later', () => {
    expect(judged({ kind: 'daily', at: '12:00' }, 24)).toMatchObject({ level: 'protected' })
    expect(judged({ kind: 'daily', at: '10:30' }, 24)).toMatchObject({
      level: 'attention',
      reason: 'due',
      action: 'backup',
    })
    expect(judged({ kind: 'hours', every: 1, from: '00:00' }, 4)).toMatchObject({ level: 'attention', reason: 'due' })
    expect(judged({ kind: 'daily', at: '12:00' }, 50)).toMatchObject({ level: 'unprotected', reason: 'overdue' })
    expect(judged(weekly, 5 * 24)).toMatchObject({ level: 'unprotected', reason: 'overdue' })
  })

  it('says that the medium is away, without hiding that it is late', () => {
    const reason = { code: 'medium-absent' as const, details: {} }
    const schedules = [{ planId: 'a', state: 'waiting' as const, reason }]
    expect(judged({ kind: 'daily', at: '10:30' }, 24, { schedules })).toMatchObject({
      level: 'attention',
      reason: 'medium-away',
    })
    expect(judged({ kind: 'daily', at: '12:00' }, 50, { schedules })).toMatchObject({
      level: 'unprotected',
      reason: 'overdue',
    })
  })

  it('is not worse for what was missed or skipped before a good one was due again', () => {
    expect(judged(weekly, 30, {}, [run('a', 1, 'missed'), run('a', 2, 'skipped')])).toMatchObject({
      level: 'protected',
    })
    expect(judged(weekly, 30, {}, [run('a', 1, 'abandoned')])).toMatchObject({
      level: 'attention',
      reason: 'last-failed',
    })
  })

  it('does not count a success that the clock puts into the future', () => {
    expect(judged({ kind: 'daily', at: '12:00' }, -400 * 24)).toMatchObject({ level: 'unprotected', reason: 'never' })
  })

  it('goes by age where a medium decides', () => {
    expect(judged({ kind: 'medium' }, 20)).toMatchObject({ level: 'protected' })
    expect(judged({ kind: 'medium' }, 30)).toMatchObject({ level: 'attention', reason: 'old' })
    expect(judged({ kind: 'medium' }, 200)).toMatchObject({ level: 'unprotected', reason: 'very-old' })
  })
})

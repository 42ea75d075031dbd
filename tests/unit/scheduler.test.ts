// The scheduler around the decisions: rung by its alarm clock, asked again by events, and idle where the data folder is no longer its own.
import { describe, expect, it, onTestFinished } from 'vitest'
import { Failure } from '../../core/api/failure.ts'
import type { Run } from '../../core/api/model.ts'
import type { ScheduleState } from '../../core/api/schedule.ts'
import { createLedger } from '../../core/history/ledger.ts'
import { newRun } from '../../core/history/record.ts'
import type { Scene } from '../../core/schedule/scene.ts'
import { Scheduler, type SchedulerMeans } from '../../core/schedule/scheduler.ts'
import { medium, plan } from '../support/schedule-world.ts'

const red = medium('RED')

/** A scheduler of one daily plan; its clock is `soon` ms before the due time. */
function scheduler(soon: number, more: Partial<SchedulerMeans> = {}) {
  const due = Date.parse('2026-06-01T12:00:00Z')
  const ahead = due - soon - Date.now()
  const now = () => Date.now() + ahead
  const ledger = createLedger()
  const one = plan('docs', { kind: 'daily', at: '12:00' }, due - 3_600_000)
  const seen: ScheduleState[][] = []
  const bugs: unknown[] = []
  let active: Run | undefined
  let begun: (run: Run) => void = () => undefined
  const first = new Promise<Run>((resolve) => {
    begun = resolve
  })
  const note = async (run: Run) => {
    ledger.note(run)
    begun(run)
  }
  const scene: Omit<Scene, 'awakeSince' | 'before' | 'looked'> = {
    plans: [one],
    accountOf: ledger.of,
    media: [red],
    known: [],
    active: [],
    onBattery: undefined,
    metered: undefined,
    pausedUntil: undefined,
    zone: 'UTC',
    settle: 0,
    acts: true,
  }
  const it = new Scheduler({
    now,
    look: async () => ({ ...scene, active: active ? [{ run: active, uses: [] }] : [] }),
    publish: (states) => void seen.push(states),
    start: async ({ dueAt, attempt }) => {
      active = newRun(
        'backup',
        { subject: 'docs', planId: one.id, dueAt: new Date(dueAt).toISOString(), attempt },
        now(),
      )
      await note(active)
    },
    copy: async () => undefined,
    record: note,
    rebase: async () => undefined,
    lookAtMedia: async () => undefined,
    owns: async () => true,
    rings: true,
    onBug: (error) => void bugs.push(error),
    ...more,
  })
  onTestFinished(() => it.close())
  return { scheduler: it, first, seen, bugs, runs: () => ledger.of(one.id).backups }
}

describe('the scheduler', () => {
  it('is woken by its alarm clock at the due time', async () => {
    const { first, seen } = scheduler(300)
    expect(await first).toMatchObject({ dueAt: '2026-06-01T12:00:00.000Z', attempt: 1 })
    expect(seen[0]?.[0]).toMatchObject({ state: 'planned', nextDue: '2026-06-01T12:00:00.000Z' })
  })

  it('starts and records nothing once the data folder belongs to another', async () => {
    let asked: () => void = () => undefined
    const wasAsked = new Promise<void>((resolve) => {
      asked = resolve
    })
    const owns = async () => {
      asked()
      return false
    }
    const { scheduler: one, runs } = scheduler(-1000, { owns })
    await wasAsked
    await one.close()
    expect(runs()).toEqual([])
  })

  it('records a backup that could not begin, and waits where somebody was faster or the medium has just gone', async () => {
    const fails = (error: Error) => scheduler(-1000, { start: () => Promise.reject(error) })
    expect(await fails(new Failure('no-key')).first).toMatchObject({
      outcome: 'error',
      failure: { code: 'no-key' },
      attempt: 1,
    })
    const bug = fails(new Error('a bug'))
    expect(await bug.first).toMatchObject({ outcome: 'error', failure: { code: 'internal' } })
    expect(bug.bugs).toHaveLength(1)
    for (const code of ['busy', 'place-busy', 'no-medium'] as const) {
      let tried: () => void = () => undefined
      const wasTried = new Promise<void>((resolve) => {
        tried = resolve
      })
      const { scheduler: one, runs } = scheduler(-1000, {
        start: async () => {
          tried()
          throw new Failure(code)
        },
      })
      await wasTried
      await one.close()
      expect(runs(), code).toEqual([])
    }
  })

  it('starts nothing after it was closed', async () => {
    const { scheduler: one, runs } = scheduler(50)
    await one.close()
    one.wake()
    one.poke()
    expect(runs()).toEqual([])
  })
})

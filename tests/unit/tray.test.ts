// What Arche says outside its window: tray icon, notifications, and what they ask the window to show.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { DesktopScreen } from '../../core/api/desktop.ts'
import { Failure, toProblem } from '../../core/api/failure.ts'
import type { AppState, Progress, Run } from '../../core/api/model.ts'
import { endOfPause, pauses } from '../../core/api/pause.ts'
import type { Plan } from '../../core/api/plan.ts'
import { type Alarm, PlanSchedule, type ScheduleState } from '../../core/api/schedule.ts'
import { alertsOf, type Told, toTell } from '../../electron/alerts.ts'
import { nextToTell } from '../../electron/ended.ts'
import { isScheduled, type TrayItem, trayView } from '../../electron/tray-view.ts'
import { createWanted } from '../../electron/wanted.ts'

const planId = '00000000-0000-4000-8000-000000000001'
const runId = '00000000-0000-4000-8000-000000000002'
const hour = 3600_000
const day = 24 * hour
/** Noon on the wall clock of wherever this runs. */
const now = new Date(2026, 10, 25, 12, 0).getTime()
const at = (ms: number) => new Date(ms).toISOString()

const plan: Plan = {
  id: planId,
  name: 'Documents & co',
  source: { kind: 'folders', paths: ['/home/me'], exclude: [] },
  method: { kind: 'archive', format: 'tar.gz.gpg' },
  destinations: [{ id: '00000000-0000-4000-8000-00000000000d', place: { kind: 'medium' }, via: 'run' }],
  createdAt: at(now - 30 * day),
  schedule: PlanSchedule.parse({ when: { kind: 'daily', at: '18:00' }, savedAt: at(now - 30 * day) }),
}

const good: Run = {
  id: runId,
  kind: 'backup',
  trigger: 'scheduled',
  planId,
  subject: plan.name,
  startedAt: at(now - 18 * hour),
  endedAt: at(now - 18 * hour),
  outcome: 'success',
  warnings: 0,
  files: 1,
  bytes: 1,
  stored: 1,
  operations: [],
}

const planned: ScheduleState = { planId, state: 'planned', nextDue: at(now + 6 * hour) }

const state = (changes: Partial<AppState> = {}): Partial<AppState> => ({
  protection: { level: 'protected', reason: 'on-schedule' },
  plans: [plan],
  runs: [good],
  active: [],
  schedules: [planned],
  paused: null,
  alarms: [],
  ...changes,
})

const labels = (menu: TrayItem[]) => menu.flatMap((item) => (item.kind === 'line' ? [] : item.text))

describe('the tray', () => {
  it('tells the level, the last and the next backup', () => {
    const { level, tooltip } = trayView(state(), 'en', now)
    expect(level).toBe('protected')
    expect(tooltip).toBe('Arche: Protected\nLast backup: yesterday at 18:00 (Success)\nNext backup: today at 18:00')
  })

  it('knows nothing before the engine has answered, and offers no pause without a schedule', () => {
    expect(trayView({}, 'en', now).tooltip).toBe('Arche: Not set up')
    const { schedule: _, ...byHand } = plan
    const view = trayView(state({ plans: [byHand], schedules: [{ planId, state: 'inactive' }] }), 'en', now)
    expect(view.tooltip).toContain('not active')
    expect(labels(view.menu)).not.toContain('Pause automatic backups')
    expect(isScheduled({ plans: [byHand] })).toBe(false)
  })

  it('says why a backup waits, that one is running, and when a pause ends', () => {
    const reason = toProblem(new Failure('on-battery'))
    const waiting = state({ schedules: [{ planId, state: 'waiting', dueAt: at(now), reason }] })
    expect(trayView(waiting, 'en', now).tooltip).toContain('Waiting for mains power')
    const going = (subject: string) => ({ kind: 'backup', subject }) as Progress
    expect(trayView(state({ active: [going('docs')] }), 'en', now).tooltip).toContain('Backup in progress')
    const two = state({ active: [going('docs'), going('photos')] })
    expect(trayView(two, 'en', now).tooltip).toContain('Backup in progress (+1)')
    const paused = trayView(state({ paused: { until: at(now + day) } }), 'en', now)
    expect(paused.tooltip).toContain('paused until tomorrow at 12:00')
    expect(labels(paused.menu)).toContain('Resume automatic backups')
    expect(labels(paused.menu)).not.toContain('Pause automatic backups')
    const arriving = trayView(state({ schedules: [{ planId, state: 'planned' }] }), 'en', now)
    expect(arriving.tooltip).toContain('when the drive is connected')
  })

  it('pauses for at most seven days, and until the next midnight', () => {
    for (const pause of pauses) {
      expect(endOfPause(pause, now)).toBeGreaterThan(now)
      expect(endOfPause(pause, now)).toBeLessThanOrEqual(now + 7 * day)
    }
    expect(new Date(endOfPause('tomorrow', now)).toTimeString()).toMatch(/^00:00:00/)
  })

  it.each(['protected', 'attention', 'unprotected', 'unset'])('has its pictures for every panel: %s', (level) => {
    const sizes = {
      light: 44,
      dark: 44,
      'light-small': 16,
      'light-small@2x': 32,
      'dark-small': 16,
      'dark-small@2x': 32,
    }
    const names = Object.entries(sizes).map(([name, size]) => [`${level}-${name}`, size] as const)
    for (const [name, size] of [...names, [`${level}Template`, 16] as const, [`${level}Template@2x`, 32] as const]) {
      const path = join(import.meta.dirname, '../../resources/tray', `${name}.png`)
      expect(existsSync(path), name).toBe(true)
      // PNG Specification, "IHDR Image header": width and height follow the chunk's name.
      const header = readFileSync(path)
      expect([header.readUInt32BE(16), header.readUInt32BE(20)], name).toEqual([size, size])
    }
  })
})

describe('notifications', () => {
  const alarm: Alarm = { kind: 'failed', planId, subject: 'A\u202eB', since: at(now - hour), runId }

  it('lead to the run that failed, with the reason and nothing invisible', () => {
    const problem = toProblem(new Failure('no-space', { name: 'STICK' }))
    const [alert] = alertsOf(state({ alarms: [{ ...alarm, problem }] }), 'en', now)
    expect(alert?.screen).toEqual({ name: 'run', id: runId })
    expect(alert?.body).toContain('‹202E›')
    expect(alert?.body).toContain('not enough free space')
  })

  it('are the same for a place that fills up, whatever backups are made there meanwhile', () => {
    const filling = (place: string, since: number): Alarm => ({ ...alarm, kind: 'filling', place, since: at(since) })
    const keyOf = (one: Alarm) => alertsOf(state({ alarms: [one] }), 'en', now)[0]?.key
    expect(keyOf(filling('NAS', now))).toBe(keyOf(filling('NAS', now - hour)))
    expect(keyOf(filling('NAS', now))).not.toBe(keyOf(filling('STICK', now)))
    expect(keyOf({ ...alarm, since: at(now - hour) })).not.toBe(keyOf({ ...alarm, since: at(now) }))
  })

  it('remind of the medium that is due before the time', () => {
    const due = { id: runId, name: 'Blue' }
    const reminder = { ...planned, state: 'reminder' as const, medium: { due, ages: [] } }
    const [alert] = alertsOf(state({ schedules: [reminder] }), 'en', now)
    expect(alert?.body).toBe('Please connect “Blue”: the backup of “Documents & co” begins today at 18:00.')
  })

  it('come once and again each day while it lasts, also when it goes for a moment, and are forgotten after it', () => {
    let told: Told = {}
    const tellAt = (moment: number, alarms: Alarm[]) => {
      const found = toTell(alertsOf(state({ alarms }), 'en', moment), told, moment)
      told = found.told
      return found.tell.length
    }
    expect(tellAt(now, [alarm])).toBe(1)
    expect(tellAt(now + hour, [alarm])).toBe(0)
    expect(tellAt(now + day - 1, [alarm])).toBe(0)
    expect(tellAt(now + day, [alarm])).toBe(1)
    // As at a start, before the engine has looked at the media.
    expect(tellAt(now + day + hour, [])).toBe(0)
    expect(tellAt(now + day + 2 * hour, [alarm])).toBe(0)
    expect(tellAt(now + day + 2 * hour, [alarm, { ...alarm, since: at(now) }])).toBe(1)
    expect(tellAt(now + 3 * day, [])).toBe(0)
    expect(told).toEqual({})
    expect(tellAt(now + 3 * day, [alarm])).toBe(1)
    // The clock was put back by a week: better told twice than not at all.
    expect(tellAt(now - 7 * day, [alarm])).toBe(1)
  })
})

describe('what the window is asked to show', () => {
  it('waits until the page follows, and goes to the newest page only', async () => {
    const wanted = createWanted()
    wanted.ask({ name: 'main' })
    wanted.ask({ name: 'backup' })
    const first = wanted.follow()
    expect(await first.next()).toEqual({ value: { name: 'backup' }, done: false })
    const waiting = first.next()
    const second = wanted.follow()
    const arrived = second.next()
    expect(await waiting).toEqual({ value: undefined, done: true })
    wanted.ask({ name: 'run', id: runId } satisfies DesktopScreen)
    expect((await arrived).value).toEqual({ name: 'run', id: runId })
  })

  it('ends with its page', async () => {
    const page = new AbortController()
    const stream = createWanted().follow(page.signal)
    const waiting = stream.next()
    page.abort()
    expect((await waiting).done).toBe(true)
  })
})

describe('runs that ended behind a closed window', () => {
  const run = (id: string, outcome: Run['outcome'], trigger: Run['trigger'] = 'manual'): Run => {
    const { outcome: _, ...begun } = good
    return { ...begun, id, trigger, ...(outcome ? { outcome } : {}) }
  }
  const toldOf = (runs: readonly Run[], which: 'manual' | 'all') => {
    const told: string[] = []
    let ended: readonly string[] = runs.map(({ id }) => id)
    for (;;) {
      const { run: next, left } = nextToTell(ended, runs, which)
      if (!next) return { told, left }
      told.push(next.id)
      ended = left
    }
  }

  it('are all told, the worst first', () => {
    const runs = [run('a', 'success'), run('b', 'error'), run('c', 'warning'), run('d', 'cancelled')]
    expect(toldOf(runs, 'all')).toEqual({ told: ['b', 'd', 'c', 'a'], left: [] })
  })

  it('wait for their end to be known, and hold up none that is', () => {
    expect(toldOf([run('a', undefined), run('b', 'success')], 'all')).toEqual({ told: ['b'], left: ['a'] })
    expect(nextToTell(['gone'], [], 'all')).toEqual({ run: undefined, left: ['gone'] })
  })

  it('are told if a person began them, where only those are', () => {
    expect(toldOf([run('a', 'error', 'scheduled'), run('b', 'success')], 'manual')).toEqual({ told: ['b'], left: [] })
  })
})

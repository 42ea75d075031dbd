// What the window makes of schedules: answers and back, words, what the main screen speaks of, which medium is due.
import { describe, expect, it } from 'vitest'
import { withDestination } from '../../core/api/destination.ts'
import type { Run } from '../../core/api/model.ts'
import type { Plan, Where } from '../../core/api/plan.ts'
import { PlanSchedule, type Schedule, type ScheduleState } from '../../core/api/schedule.ts'
import { formatMoment } from '../../core/api/text/format.ts'
import { scheduleInWords } from '../../core/api/text/schedule-text.ts'
import { inTurn } from '../../core/api/turn.ts'
import { answersOf, placeOf, proposed, scheduleOf, whenOf } from '../../renderer/areas/schedule/schedule-answers.ts'
import { scheduleSteps } from '../../renderer/parts/steps.ts'
import { firstOf, lastOn } from '../../renderer/text/schedules.ts'

const placed = (place: Where) =>
  withDestination(plan, { ...(plan.destinations[0] as Plan['destinations'][number]), place })

const id = (digit: number) => `00000000-0000-4000-8000-00000000000${digit}`

const plan: Plan = {
  id: id(1),
  name: 'Documents',
  source: { kind: 'folders', paths: ['/home/me'], exclude: [] },
  method: { kind: 'archive', format: 'tar.gz.gpg' },
  destinations: [{ id: '00000000-0000-4000-8000-00000000000d', place: { kind: 'medium' }, via: 'run' }],
  createdAt: '2026-01-01T00:00:00Z',
}

const kinds: Schedule[] = [
  { kind: 'daily', at: '12:00' },
  { kind: 'weekly', days: [1, 5], at: '07:30' },
  { kind: 'hours', every: 1, from: '08:00' },
  { kind: 'hours', every: 6, from: '08:00' },
  { kind: 'monthly', day: 31, at: '12:00' },
  { kind: 'medium' },
]

describe('answers about a schedule', () => {
  it('propose noon every day, with the conditions that the engine takes when none are given', () => {
    const draft = scheduleOf(proposed)
    expect(draft).toEqual(scheduleOf(answersOf(plan)))
    const { savedAt: _, ...wanted } = PlanSchedule.parse({
      when: { kind: 'daily', at: '12:00' },
      savedAt: plan.createdAt,
    })
    expect(draft).toEqual(wanted)
    expect(placeOf(proposed)).toEqual({ kind: 'medium' })
  })

  it.each(kinds)('keep a saved schedule as it is: $kind', (when) => {
    const window = { from: '22:00', to: '06:00' }
    const given = { when, mainsPower: true, window, retries: 0, alarmAfterDays: 9, savedAt: plan.createdAt }
    const schedule = PlanSchedule.parse(given)
    const { savedAt: _, ...wanted } = schedule
    expect(scheduleOf(answersOf({ ...plan, schedule }))).toEqual(wanted)
  })

  it('keep the media of a plan, fixed or in turn', () => {
    for (const place of [
      { kind: 'medium', id: id(3) },
      { kind: 'medium', rotation: [id(3), id(4)] },
    ] as const)
      expect(placeOf(answersOf(placed({ ...place } as Where)))).toEqual(place)
  })

  it('make no schedule while something is missing', () => {
    expect(whenOf({ ...proposed, at: '' })).toBeUndefined()
    expect(whenOf({ ...proposed, kind: 'weekly', days: [] })).toBeUndefined()
    expect(scheduleOf({ ...proposed, alarmAfterDays: '' })).toBeUndefined()
    expect(scheduleOf({ ...proposed, limited: true, windowTo: '' })).toBeUndefined()
    expect(scheduleOf({ ...proposed, kind: 'off', at: '' })).toBeNull()
    expect(placeOf({ ...proposed, media: 'one' })).toBeUndefined()
    expect(placeOf({ ...proposed, media: 'rotation', rotation: [id(3)] })).toBeUndefined()
  })

  it('are asked in as few steps as there are questions', () => {
    expect(scheduleSteps({ plans: 1, off: true })).toEqual(['when', 'review', 'done'])
    expect(scheduleSteps({ plans: 2, off: false })).toEqual(['plan', 'when', 'medium', 'conditions', 'review', 'done'])
  })
})

describe('a schedule in words', () => {
  it.each([...kinds, undefined])('has a sentence in both languages: %j', (when) => {
    for (const language of ['en', 'fr'] as const) expect(scheduleInWords(when, language)).not.toContain('{{')
  })

  it('names days and counts hours', () => {
    expect(scheduleInWords({ kind: 'weekly', days: [5, 1], at: '07:30' }, 'en')).toBe('Monday and Friday at 07:30')
    expect(scheduleInWords({ kind: 'weekly', days: [7], at: '07:30' }, 'fr')).toBe('dimanche à 07:30')
    expect(scheduleInWords({ kind: 'hours', every: 1, from: '08:00' }, 'en')).toContain('every hour')
  })

  it('tells moments by the day: yesterday, today, tomorrow, else the date', () => {
    const now = new Date(2026, 2, 28, 23, 30).getTime()
    const at = (...parts: [number, number, number, number]) => new Date(2026, ...parts).toISOString()
    expect(formatMoment(at(2, 28, 0, 5), 'en', now)).toBe('today at 00:05')
    expect(formatMoment(at(2, 29, 0, 5), 'fr', now)).toBe('demain à 00:05')
    expect(formatMoment(at(2, 27, 23, 0), 'en', now)).toBe('yesterday at 23:00')
    expect(formatMoment(at(3, 3, 12, 0), 'en', now)).toMatch(/Apr 3|3 Apr/)
    expect(formatMoment(new Date(2027, 0, 1, 12, 0).toISOString(), 'en', now)).toContain('2027')
  })
})

describe('the main screen', () => {
  it('speaks of what is going on or waited for first, then of the next due time', () => {
    const next = (digit: number, hour: number): ScheduleState => ({
      planId: id(digit),
      state: 'planned',
      nextDue: `2026-03-02T${hour}:00:00Z`,
    })
    const waiting: ScheduleState = { planId: id(3), state: 'waiting' }
    expect(firstOf({ schedules: [{ planId: id(1), state: 'inactive' }] })).toBeUndefined()
    expect(firstOf({ schedules: [next(1, 18), next(2, 12)] })?.planId).toBe(id(2))
    expect(firstOf({ schedules: [next(1, 18), next(2, 12), waiting] })).toBe(waiting)
  })

  it('knows which medium of several is due: the one without a backup of this plan, else the oldest', () => {
    const run = (medium: string, endedAt: string, planId = id(1)): Run => ({
      id: crypto.randomUUID(),
      kind: 'backup',
      trigger: 'manual',
      planId,
      subject: 's',
      medium: { id: medium, name: 'm', path: '/m' },
      startedAt: endedAt,
      endedAt,
      outcome: 'success',
      warnings: 0,
      files: 0,
      bytes: 0,
      stored: 0,
      operations: [],
    })
    const runs = [run(id(5), '2026-03-03T12:00:00Z', id(2)), run(id(3), '2026-03-02T12:00:00Z')]
    const state = { schedules: [], runs: [...runs, run(id(4), '2026-03-01T12:00:00Z')] }
    const due = (ids: string[], from: Parameters<typeof lastOn>[0]) => inTurn(ids, (one) => lastOn(from, id(1), one))[0]
    expect(lastOn(state, id(1), id(4))).toBe('2026-03-01T12:00:00Z')
    expect(due([id(3), id(4)], state)).toBe(id(4))
    expect(due([id(3), id(4), id(5)], state)).toBe(id(5))
    // What the engine says counts: it knows all of the history.
    const ages = [{ id: id(4), name: 'm', lastBackup: '2026-03-04T12:00:00Z' }]
    const said: ScheduleState = { planId: id(1), state: 'planned', medium: { due: { id: id(4), name: 'm' }, ages } }
    expect(due([id(3), id(4)], { ...state, schedules: [said] })).toBe(id(3))
  })
})

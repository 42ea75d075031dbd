// Where an alarm leads: always to a screen that is there, and to the place that it is about.
import { describe, expect, it } from 'vitest'
import type { Medium, Run } from '../../core/api/model.ts'
import type { Alarm } from '../../core/api/schedule.ts'
import { isFull, placeOfAlarm, waysOf } from '../../renderer/areas/plans/alarm-ways.ts'
import { plan } from '../support/protected-plan.ts'

const [first, second, destination] = [1, 2, 3].map((at) => `00000000-0000-4000-8000-00000000000${at}`) as [
  string,
  string,
  string,
]
const copied = plan('Documents', {
  destinations: [
    { id: '00000000-0000-4000-8000-00000000000d', place: { kind: 'medium' }, via: 'run' },
    { id: destination, place: { kind: 'medium', rotation: [first, second] }, via: 'copy' },
  ],
})
const medium = (id: string) => ({ id, path: '/x', name: 'X', initialised: true }) as Medium
const state = { plans: [copied], media: [] as Medium[], runs: [] as Run[] }
const alarm = (more: Partial<Alarm>): Alarm => ({
  kind: 'failed',
  planId: 'Documents',
  subject: 'Documents',
  since: '2026-03-01T00:00:00Z',
  ...more,
})

describe('the place of an alarm', () => {
  it('is that of the destination whose copy is late: the one of several that is there', () => {
    const late = alarm({ kind: 'copy-late', placeId: destination })
    expect(placeOfAlarm(late, state)).toBe(first)
    expect(placeOfAlarm(late, { ...state, media: [medium(second)] })).toBe(second)
    expect(placeOfAlarm({ ...late, placeId: second }, state)).toBeUndefined()
  })

  it('is that of the run, and the one that fills up', () => {
    const run = { id: 'run', medium: { id: second, path: '/x', name: 'X' } } as Run
    expect(placeOfAlarm(alarm({ runId: 'run' }), { ...state, runs: [run] })).toBe(second)
    expect(placeOfAlarm(alarm({ runId: 'older' }), { ...state, runs: [run] })).toBeUndefined()
    expect(placeOfAlarm(alarm({ kind: 'filling', placeId: first }), state)).toBe(first)
  })
})

describe('the ways from an alarm', () => {
  const names = (one: Alarm, place?: string, canBackUp = true) => waysOf(one, place, canBackUp).map(({ to }) => to.name)
  it('lead to the run, else to the place, else to a backup that is possible', () => {
    expect(names(alarm({ runId: first }), second)).toEqual(['run'])
    expect(names(alarm({ kind: 'copy-late' }), second)).toEqual(['place'])
    expect(names(alarm({ kind: 'no-success' }))).toEqual(['backup'])
    expect(names(alarm({ kind: 'no-success' }), undefined, false)).toEqual([])
    expect(names(alarm({ kind: 'medium-needed' }), second)).toEqual([])
  })

  it('are those of a full place where one does not fit, or soon will not', () => {
    expect(isFull(alarm({ kind: 'filling' }))).toBe(true)
    expect(isFull(alarm({ problem: { code: 'no-space', details: {} } }))).toBe(true)
    expect(isFull(alarm({ problem: { code: 'io', details: {} } }))).toBe(false)
  })
})

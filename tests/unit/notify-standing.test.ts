// Alarms that are told by mail: which, under what id, until when, and in what words.
import { expect, it } from 'vitest'
import { Language } from '../../core/api/language.ts'
import type { Alarm, SpaceState } from '../../core/api/schedule.ts'
import { htmlOf, subjectOf, textOf } from '../../core/notify/letter.ts'
import type { Notice } from '../../core/notify/notice.ts'
import { standing } from '../../core/notify/standing.ts'

const day = 24 * 3600 * 1000
const now = Date.parse('2026-03-02T12:00:00Z')
const at = (days: number) => new Date(now + days * day).toISOString()
const planId = '00000000-0000-4000-8000-000000000001'

const alarm = (kind: Alarm['kind'], more: Partial<Alarm> = {}): Alarm => ({
  kind,
  planId,
  subject: 'Bureau',
  since: at(-9),
  place: 'NAS',
  placeId: planId,
  ...more,
})
const space = (full: number | undefined, name = 'NAS'): SpaceState => ({
  planId,
  place: planId,
  name,
  next: 1,
  room: 1,
  since: at(-1),
  ...(full === undefined ? {} : { full: at(full) }),
})
const another = '00000000-0000-4000-8000-0000000000ee'
const idOf = (one: Alarm) => standing([one], [], now)[0]?.mail?.id

it('are a late copy and a place that fills up: the others end a run, and are told with it', () => {
  const kinds = ['loss', 'failed', 'missed', 'no-success', 'medium-needed', 'copy-late', 'filling'] as const
  const told = standing(
    kinds.map((kind) => alarm(kind, { days: 3 })),
    [],
    now,
  )
  expect(told.map(({ mail }) => mail?.event)).toEqual(['missed', 'missed'])
  expect(new Set(told.map(({ mail }) => mail?.id)).size).toBe(2)
})

it('a place that fills up is one matter however many backups are made; a copy is late anew after it was made', () => {
  expect(idOf(alarm('filling', { days: 3, since: at(-1) }))).toBe(idOf(alarm('filling', { days: 5 })))
  expect(idOf(alarm('filling', { placeId: another }))).not.toBe(idOf(alarm('filling')))
  expect(idOf(alarm('copy-late', { since: at(-10) }))).toBe(idOf(alarm('copy-late')))
  expect(idOf(alarm('copy-late', { lastCopy: at(-10) }))).not.toBe(idOf(alarm('copy-late')))
  expect(idOf(alarm('copy-late', { planId: 'another' }))).not.toBe(idOf(alarm('copy-late')))
  // It goes into a header.
  expect(idOf(alarm('filling', { place: 'a\nb <é>' }))).toMatch(/^[a-z0-9-]+$/)
})

it('is over once there is room for a week longer than what alarms, and not because the place is away', () => {
  const over = (spaces: SpaceState[]) => standing([], spaces, now).map((one: Notice) => one.over)
  const id = idOf(alarm('filling'))
  expect(over([])).toEqual([])
  expect(over([space(13), space(20)])).toEqual([])
  expect(over([space(21)])).toEqual([id])
  expect(over([space(undefined)])).toEqual([id])
  // Two places may bear the same name.
  expect(over([{ ...space(undefined), place: another }])).not.toContain(id)
})

it.each(Language.options)('is said in %s with what it means, hostile names as text', (language) => {
  const problem = { code: 'medium-absent' as const, details: { name: 'NAS' } }
  const all = [alarm('copy-late', { problem }), ...[0, 1, 3].map((days) => alarm('filling', { days }))]
  for (const { mail } of standing(all, [], now)) {
    const letter = mail?.letter(language, 'labo')
    if (!letter) throw new Error('no letter')
    for (const text of [subjectOf(letter), textOf(letter), htmlOf(letter)]) {
      expect(text).toContain('Bureau')
      expect(text).not.toMatch(/undefined|\{\{|mail\.|NaN/)
    }
    expect(textOf(letter)).toContain('NAS')
  }
  const [hostile] = standing([alarm('filling', { place: '<b>\nBcc: x', days: 1 })], [], now)
  const letter = hostile?.mail?.letter(language, 'labo')
  expect(letter && subjectOf(letter)).not.toContain('\n')
  expect(letter && htmlOf(letter)).not.toContain('<b>\n')
})

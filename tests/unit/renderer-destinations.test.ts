// Where a plan's backups go, as the form holds it: saved destinations come back as they are, and no place can be chosen twice.
import { describe, expect, it } from 'vitest'
import { Plan, PlanDraft } from '../../core/api/plan.ts'
import { alarmInWords } from '../../core/api/text/schedule-text.ts'
import {
  areComplete,
  changedAt,
  destinationAnswersOf,
  destinationsOf,
  placesFor,
  rulesToSave,
  withCopy,
} from '../../renderer/areas/plans/destination-answers.ts'
import { answersOf } from '../../renderer/parts/keep-answers.ts'
import { knownPlaces, namesOf } from '../../renderer/text/places.ts'

const id = (digit: number) => `00000000-0000-4000-8000-00000000000${digit}`
const plan = Plan.parse({
  id: id(1),
  name: 'Documents',
  source: { kind: 'folders', paths: ['/data'] },
  method: { kind: 'archive', format: 'tar.gz.gpg' },
  createdAt: '2026-01-01T00:00:00Z',
  destinations: [
    { id: id(2), place: { kind: 'medium', rotation: [id(5), id(6)] }, via: 'run', keep: { last: 4 } },
    { id: id(3), place: { kind: 'medium', id: id(7) }, via: 'copy' },
  ],
})

describe('the destinations of a plan', () => {
  it('come back as they were, rotation included, and nothing is to be saved', () => {
    const all = destinationAnswersOf(plan)
    expect(destinationsOf(all)).toEqual(plan.destinations.map((one) => ({ id: one.id, place: one.place })))
    expect(rulesToSave(all, plan)).toEqual([])
  })

  it('are, of a new plan, any medium, thinned out as proposed', () => {
    const draft = { name: 'n', source: plan.source, destinations: destinationsOf(destinationAnswersOf(undefined)) }
    expect(PlanDraft.parse(draft).destinations).toEqual([
      { place: { kind: 'medium' }, keep: { daily: 7, weekly: 4, monthly: 12 } },
    ])
  })

  it('get rules of their own, each by the id under which it was saved', () => {
    const all = changedAt(withCopy(destinationAnswersOf(plan), [id(8)]), 2, { keep: answersOf({ last: 9 }) })
    const added = { id: id(4), place: { kind: 'medium' as const, id: id(8) }, via: 'copy' as const }
    const saved = { ...plan, destinations: [...plan.destinations, added] }
    expect(destinationsOf(all)[2]).toEqual({ place: { kind: 'medium', id: id(8) }, keep: { last: 9 } })
    expect(rulesToSave(all, saved)).toEqual([{ destination: id(4), keep: { last: 9 } }])
    expect(areComplete(changedAt(all, 2, { keep: { ...answersOf({ last: 9 }), last: '' } }))).toBe(false)
  })

  it('are copies to one place, or to several in turn', () => {
    const all = withCopy(withCopy(destinationAnswersOf(plan), [id(8), id(9)]), [id(4)])
    const rotation = { kind: 'medium', rotation: [id(8), id(9)] }
    expect(all.slice(2).map(({ place }) => place)).toEqual([rotation, { kind: 'medium', id: id(4) }])
    expect(withCopy(all, [])).toEqual(all)
    expect(placesFor([{ id: id(9) }], all)).toEqual([])
  })

  it('leave to others what they do not name', () => {
    const places = [5, 6, 7, 8].map((digit) => ({ id: id(digit) }))
    const all = destinationAnswersOf(plan)
    expect(placesFor(places, all)).toEqual([{ id: id(8) }])
    expect(placesFor(places, all, all[1])).toEqual([{ id: id(7) }, { id: id(8) }])
  })
})

describe('places', () => {
  const known = { id: id(5), name: 'OLD', path: '/m', seenAt: '2026-01-01T00:00:00Z' }
  const place = { id: id(5), name: 'NEW', store: { kind: 'folder' as const, path: '/m' } }
  const state = { known: [known], media: [], places: [place] }

  it('are named once, as they are configured; unknown ones by their id', () => {
    expect(knownPlaces(state)).toEqual([{ id: id(5), name: 'NEW' }])
    expect(namesOf([id(5), id(6)], state)).toBe('NEW, 00000000')
  })

  it('without a copy are named by the alarm', () => {
    const alarm = { kind: 'copy-late', planId: id(1), subject: 'Documents', since: '2026-01-01T00:00:00Z' } as const
    for (const language of ['en', 'fr'] as const)
      expect(alarmInWords({ ...alarm, place: 'NAS' }, language)).toContain(' NAS ')
  })
})

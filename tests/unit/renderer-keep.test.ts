// How long backups are kept, as the form holds it: saved rules come back as the same choice, and what is typed becomes rules or none.
import { describe, expect, it } from 'vitest'
import type { Keep } from '../../core/api/plan.ts'
import { answersOf, keepOf, sameRules } from '../../renderer/parts/keep-answers.ts'

describe('the choices', () => {
  it.each<[Keep | undefined, string]>([
    [undefined, 'all'],
    [{ daily: 7, weekly: 4, monthly: 12 }, 'sensible'],
    [{ daily: 7, weekly: 4, monthly: 12, yearly: 3 }, 'own'],
    [{ last: 4 }, 'last'],
    [{ days: 90 }, 'days'],
    [{ last: 4, days: 90 }, 'own'],
    [{ daily: 8, weekly: 4, monthly: 12, yearly: 3 }, 'own'],
  ])('of %j are %s, and give the same rules back', (keep, preset) => {
    const answers = answersOf(keep)
    expect(answers.preset).toBe(preset)
    expect(sameRules(keepOf(answers), keep)).toBe(true)
    expect(sameRules(keepOf({ ...answers, preset: 'own' }), keep ?? { daily: 7, weekly: 4, monthly: 12 })).toBe(true) // prettier-ignore
  })

  it('with nothing or no whole number typed make no rule', () => {
    const answers = answersOf(undefined)
    expect(keepOf({ ...answers, preset: 'last', last: '' })).toBeUndefined()
    expect(keepOf({ ...answers, preset: 'days', days: 0 })).toBeUndefined()
    expect(keepOf({ ...answers, preset: 'last', last: 2.5 })).toBeUndefined()
    const own = { last: '', days: '', daily: '', weekly: '', monthly: '', yearly: '' }
    expect(keepOf({ ...answers, preset: 'own', own })).toBeUndefined()
    expect(keepOf({ ...answers, preset: 'own', own: { ...own, weekly: 6 } })).toEqual({ weekly: 6 })
    expect(keepOf({ ...answers, preset: 'own', own: { ...own, weekly: '6' } })).toBeUndefined()
  })
})

// Which questions the wizards ask, in which order, and how far back one can go.
import { describe, expect, it } from 'vitest'
import {
  alreadyDone,
  backupSteps,
  firstSteps,
  isTypedWord,
  keySteps,
  reachable,
  restoreSteps,
  stepAfter,
  stepBefore,
} from '../../renderer/parts/steps.ts'

describe('the questions', () => {
  it('asks what to back up only when it is not clear', () => {
    expect(backupSteps({ plans: 1 })).toEqual(['medium', 'review', 'run'])
    expect(backupSteps({ plans: 0 })).toEqual(['what', 'medium', 'review', 'run'])
    expect(backupSteps({ plans: 2 })).toEqual(['what', 'medium', 'review', 'run'])
  })

  it('explains a second key before it is made', () => {
    expect(keySteps({ hasKey: true })).toEqual(['why', 'password', 'done'])
    expect(keySteps({ hasKey: false })).toEqual(['password', 'done'])
  })
})

describe('going back', () => {
  const steps = restoreSteps

  it('goes one step at a time, but never into the work that has begun or out of it', () => {
    expect(stepAfter(steps, 'medium')).toBe('backup')
    expect(stepAfter(steps, 'run')).toBe('run')
    expect(stepBefore(steps, 'backup')).toBe('medium')
    expect(stepBefore(steps, 'run')).toBeUndefined()
  })

  it('ends at the first question', () => {
    expect(stepBefore(steps, 'medium')).toBeUndefined()
  })

  it('lets the rail reach exactly what Back reaches', () => {
    expect(steps.filter((step) => reachable(steps, 'what', step))).toEqual(['medium', 'backup', 'password'])
    expect(steps.filter((step) => reachable(steps, 'run', step))).toEqual([])
  })
})

describe('the first start', () => {
  it('has four pages with the welcome, and ends with the first backup', () => {
    expect(firstSteps).toEqual(['what', 'key', 'review', 'done'])
    expect(stepBefore(firstSteps, 'what')).toBeUndefined()
    expect(stepBefore(firstSteps, 'done')).toBeUndefined()
  })

  it('knows what an earlier try has done', () => {
    const key = {
      fingerprint: 'A'.repeat(40),
      name: 'k',
      createdAt: '2026-01-01T00:00:00Z',
      kind: 'own' as const,
      active: true,
    }
    expect(alreadyDone({ keys: [], plans: [] })).toEqual({ key: false, plan: false })
    expect(alreadyDone({ keys: [key], plans: [] })).toEqual({ key: true, plan: false })
    const others = [
      { ...key, kind: 'recipient' as const },
      { ...key, active: false },
    ]
    expect(alreadyDone({ keys: others, plans: [] }).key).toBe(false)
  })
})

describe('the typed confirmation', () => {
  it('is generous with capitals and spaces, and with nothing else', () => {
    expect(isTypedWord(' Remplacer ', 'remplacer')).toBe(true)
    expect(isTypedWord('', 'replace')).toBe(false)
    expect(isTypedWord('replac', 'replace')).toBe(false)
    expect(isTypedWord('oui', 'remplacer')).toBe(false)
  })
})

// What is said of keys without any: when they end, which password LabBook loses, what a person's answers to an import mean.
import { describe, expect, it } from 'vitest'
import { expiring, keyProblems } from '../../core/api/key-expiry.ts'
import { passesLabbook } from '../../core/api/labbook-password.ts'
import type { ImportedKey, KeyInfo } from '../../core/api/model.ts'
import { choiceOf, isAnything, pickOf } from '../../renderer/parts/key-pick.ts'
import { missingFor } from '../../renderer/text/missing.ts'

const now = Date.parse('2026-11-29T00:00:00Z')
const day = 24 * 3600 * 1000

function key(digit: string, more: Partial<KeyInfo> = {}): KeyInfo {
  return {
    fingerprint: digit.repeat(40),
    name: digit,
    createdAt: '2026-01-01T00:00:00.000Z',
    kind: 'recipient',
    active: true,
    ...more,
  }
}

const ending = (days: number) => ({ expiresAt: new Date(now + days * day).toISOString() })

describe('keys that end', () => {
  it('are told thirty days ahead, where backups are made for them', () => {
    const keys = [
      key('1', ending(29)),
      key('2', ending(31)),
      key('3'),
      key('4', { ...ending(-1), problem: { code: 'key-expired', details: {} } }),
      key('5', { ...ending(1), kind: 'own', active: false }),
      key('6', ending(-1)),
    ]
    expect(expiring(keys, now).map(({ code, details }) => [code, details.name])).toEqual([
      ['key-expires-soon', '1'],
      ['key-expired', undefined],
      ['key-expired', '6'],
    ])
    const keyTrouble = { code: 'key-lost' as const, details: {} }
    expect(keyProblems({ keys: [], keyTrouble }, now)).toMatchObject([{ code: 'key-lost', level: 'warning' }])
  })

  it('and are lost do not lead to a new one', () => {
    const state = { keys: [], plans: [], active: [] }
    expect(missingFor('backup', state)).toEqual({ reason: 'key', wizard: 'first-start' })
    expect(missingFor('backup', { ...state, keyTrouble: { code: 'key-lost', details: {} } })).toEqual({
      reason: 'key-trouble',
    })
  })
})

it('a password passes through LabBook’s own restore, or not', () => {
  for (const fine of ['clé', 'aB1._-+=@,:/%^~!*?#[]', 'long-and-fine']) expect(passesLabbook(fine), fine).toBe(true)
  for (const lost of [...' \t\'"`$;&|<>()\\{'].map((one) => `a${one}b`)) expect(passesLabbook(lost), lost).toBe(false)
  for (const lost of ['~root', 'a:~']) expect(passesLabbook(lost), lost).toBe(false)
})

it('of an import only what was answered is taken', () => {
  const imported = (digit: string, more: Partial<ImportedKey>): ImportedKey => ({
    ...key(digit),
    active: false,
    state: 'new',
    ...more,
  })
  const keys = [
    imported('1', { kind: 'own' }),
    imported('2', { kind: 'own' }),
    imported('3', {}),
    imported('4', {}),
    imported('5', { state: 'newer' }),
    imported('6', { state: 'known' }),
    imported('7', { problem: { code: 'key-expired', details: {} } }),
  ]
  const pick = pickOf({ keys, odd: [] })
  expect(choiceOf(pick)).toEqual({ pairs: [], recipients: ['5'.repeat(40)] })
  const agreed = ['4', '6', '7'].map((digit) => digit.repeat(40))
  const choice = choiceOf({ ...pick, passwords: { ['2'.repeat(40)]: 'x', ['1'.repeat(40)]: '' }, agreed })
  expect(choice).toEqual({
    pairs: [{ fingerprint: '2'.repeat(40), password: 'x' }],
    recipients: ['4'.repeat(40), '5'.repeat(40)],
  })
  expect(isAnything({ pairs: [], recipients: [] })).toBe(false)
})

// Which keys of another key folder are taken over: what was found there, and what a person has answered. Pure.
// Guarantees: nobody's key is taken without a yes to it, and no pair without its password.
import type { Problem } from '../../core/api/failure.ts'
import { passesLabbook } from '../../core/api/labbook-password.ts'
import type { ImportedKey, KeyChoice } from '../../core/api/model.ts'

export interface KeyPick {
  readonly keys: readonly ImportedKey[]
  /** What was left aside. */
  readonly odd: readonly Problem[]
  /** Fingerprint of a pair → its password. */
  readonly passwords: Readonly<Record<string, string>>
  /** Fingerprints of other people's keys. */
  readonly agreed: readonly string[]
}

export function pickOf({ keys, odd }: Pick<KeyPick, 'keys' | 'odd'>): KeyPick {
  return { keys, odd, passwords: {}, agreed: [] }
}

/** Those that are not here yet, or only as an older copy. */
export function fresh({ keys }: Pick<KeyPick, 'keys'>): ImportedKey[] {
  return keys.filter(({ state }) => state !== 'known')
}

/** A newer copy of somebody's key that is here takes its place: that was agreed to before. */
export function choiceOf(pick: KeyPick): KeyChoice {
  const wanted = fresh(pick)
  const pairs = wanted.flatMap(({ kind, fingerprint }) => {
    const password = pick.passwords[fingerprint] ?? ''
    return kind === 'own' && password !== '' ? [{ fingerprint, password }] : []
  })
  const people = wanted.filter(
    ({ kind, state, problem, fingerprint }) =>
      kind === 'recipient' && !problem && (state === 'newer' || pick.agreed.includes(fingerprint)),
  )
  return { pairs, recipients: people.map(({ fingerprint }) => fingerprint) }
}

export function isAnything({ pairs, recipients }: KeyChoice): boolean {
  return pairs.length + recipients.length > 0
}

/** A password that LabBook's own restore would lose, where LabBook is concerned. */
export function losesInLabbook(password: string, concerned: boolean): boolean {
  return concerned && password !== '' && !passesLabbook(password)
}

export function isLabbookName(name: string): boolean {
  return /labbook/i.test(name)
}

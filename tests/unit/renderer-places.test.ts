// A place of a server in its form: what is known of it comes back as it is, and whether what logs in there is known.
import { describe, expect, it } from 'vitest'
import type { Place } from '../../core/api/place.ts'
import {
  agreedKeyOf,
  answersOf,
  isSameAccount,
  placeDraftOf,
  serverOf,
} from '../../renderer/areas/places/place-draft.ts'

const hostKey = `SHA256:${'a'.repeat(43)}`
const store = { kind: 'sftp' as const, host: 'nas.example.org', port: 22, user: 'me', path: '/srv', hostKey }
const place: Place = { id: '00000000-0000-4000-8000-000000000001', name: 'NAS', store }

describe('a place that is edited', () => {
  it('begins as it is, its host key agreed to', () => {
    const seen = agreedKeyOf(place)
    expect(seen).toMatchObject({ agreed: true, of: JSON.stringify(serverOf(answersOf(place))) })
    expect(placeDraftOf(answersOf(place), seen?.key.fingerprint)).toEqual({ name: 'NAS', store })
  })

  it('has the usual port where none was written down', () => {
    const { port: _port, ...usual } = store
    expect(answersOf({ ...place, store: usual }).port).toBe(22)
  })

  it('needs what logs in again only for another account', () => {
    const answers = answersOf(place)
    expect(isSameAccount(answers, place)).toBe(true)
    expect(isSameAccount({ ...answers, path: '/elsewhere', name: 'other', user: ' me ' }, place)).toBe(true)
    for (const other of [{ host: 'other' }, { port: 2222 }, { user: 'you' }])
      expect(isSameAccount({ ...answers, ...other }, place), JSON.stringify(other)).toBe(false)
  })

  it('asks for the host key of another address', () => {
    const answers = { ...answersOf(place), port: 2222 }
    expect(agreedKeyOf(place)?.of).not.toBe(JSON.stringify(serverOf(answers)))
  })
})

// An account of a server as its form holds it, and the place and secrets that it becomes. Pure.
// Guarantees: what is typed is kept exactly, but for spaces around host and user; without a host key there is no place.
import type { HostKey, Place, PlaceDraft, PlaceSecrets } from '../../../core/api/place.ts'
import { PlaceDraft as Draft } from '../../../core/api/place.ts'

/** What logs in. `key`: the text of a private key; `keyName`: of the file that it was read from. */
export interface SecretAnswers {
  password: string
  key: string
  keyName: string
  passphrase: string
}

export interface ServerAnswers extends SecretAnswers {
  name: string
  host: string
  port: number | string
  user: string
  path: string
}

const usualPort = 22

export const noSecrets: SecretAnswers = { password: '', key: '', keyName: '', passphrase: '' }
export const noServer: ServerAnswers = { ...noSecrets, name: '', host: '', port: usualPort, user: '', path: '' }

/** What is asked for its host key; undefined while it is no address. */
export function serverOf({ host, port }: ServerAnswers): { host: string; port: number } | undefined {
  return host.trim() !== '' && typeof port === 'number' ? { host: host.trim(), port } : undefined
}

/** A host key that was shown, with the address that it belongs to. */
export interface Seen {
  readonly of: string
  readonly key: HostKey
  readonly agreed: boolean
}

/** A place of a server, as its form begins; what logs in is not told outward. */
export function answersOf({ name, store }: Place): ServerAnswers {
  if (store.kind !== 'sftp') return { ...noServer, name }
  const { host, port = usualPort, user, path } = store
  return { ...noServer, name, host, port, user, path }
}

/** The host key that the place is known by: it was agreed to when the place was taken up. Its type was not written down. */
export function agreedKeyOf(place: Place): Seen | undefined {
  if (place.store.kind !== 'sftp') return undefined
  const key = { type: '', fingerprint: place.store.hostKey }
  return { of: JSON.stringify(serverOf(answersOf(place))), key, agreed: true }
}

/** What logs in there is known already, as the engine decides it (sameAccount in services/places.ts). */
export function isSameAccount({ host, port, user }: ServerAnswers, place: Place): boolean {
  const old = answersOf(place)
  return host.trim() === old.host && port === old.port && user.trim() === old.user
}

/** Undefined while something is missing or impossible. */
export function placeDraftOf(answers: ServerAnswers, hostKey: string | undefined): PlaceDraft | undefined {
  const { user, path, name } = answers
  const store = { kind: 'sftp', ...serverOf(answers), user: user.trim(), path, hostKey }
  const draft = Draft.safeParse({ store, ...(name.trim() !== '' && { name }) })
  return draft.success ? draft.data : undefined
}

/** Undefined while there is nothing that logs in. */
export function secretsOf({ password, key, passphrase }: SecretAnswers): PlaceSecrets | undefined {
  if (password === '' && key === '') return undefined
  return {
    ...(password !== '' && { password }),
    ...(key !== '' && { key }),
    ...(key !== '' && passphrase !== '' && { passphrase }),
  }
}

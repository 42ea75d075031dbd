// What logs in to a place: a password or a private key, given or asked for.
// Guarantees: what was typed wrong may be typed again, up to three times in all; a wrong one that was given is not sent twice.

import { addressOf } from '../api/address.ts'
import { Failure } from '../api/failure.ts'
import { type Place, type PlaceSecrets, type SftpSpec, whereIs } from '../api/place.ts'
import { visible } from '../api/text/visible.ts'
import { readGiven } from './given-files.ts'
import { passwordMissing } from './passwords.ts'
import { retyped, type Session } from './session.ts'

/** Characters of a key file, as in the contract. */
const longestKey = 100_000

export interface ToPlace {
  readonly store: SftpSpec
  /** Absent: the one that the environment names (`ARCHE_PLACE_KEY_FILE`), if any. */
  readonly keyFile?: string | undefined
}

/** Calls with the secrets; asks again for those that were typed and are refused (`place-denied`, `place-passphrase`). */
export async function withPlaceSecrets<T>(
  session: Session,
  { store, keyFile = session.passwords.keyFile() }: ToPlace,
  call: (secrets: PlaceSecrets) => Promise<T>,
): Promise<T> {
  const { passwords, ask, output } = session
  const password = passwords.given('place')
  if (keyFile !== undefined) return withKey(session, keyFile, password, call)
  if (password !== undefined) return call({ password })
  if (!ask.possible) throw passwordMissing('place', output.t)
  const question = output.t('terminal.password.place-ask', { user: visible(store.user), host: visible(store.host) })
  return retyped(
    'place-denied',
    async () => call({ password: await ask.password(question) }),
    () => output.note(output.t('terminal.password.place-again')),
  )
}

async function withKey<T>(
  { passwords, ask, output }: Session,
  keyFile: string,
  password: string | undefined,
  call: (secrets: PlaceSecrets) => Promise<T>,
): Promise<T> {
  const key = await readGiven(keyFile, longestKey)
  const known = { key, ...(password === undefined ? {} : { password }) }
  const given = passwords.given('passphrase')
  try {
    return await call(given === undefined ? known : { ...known, passphrase: given })
  } catch (error) {
    const locked = error instanceof Failure && error.code === 'place-passphrase'
    if (!locked || given !== undefined || !ask.possible) throw error
  }
  const question = output.t('terminal.password.passphrase-ask', { file: visible(keyFile) })
  return retyped(
    'place-passphrase',
    async () => call({ ...known, passphrase: await ask.password(question) }),
    () => output.note(output.t('terminal.password.passphrase-again')),
  )
}

/** The place that a medium is, if it is one: where nothing is kept to log in with, that is asked for. */
export async function readyPlace(session: Session, ref: string | undefined): Promise<void> {
  if (ref === undefined) return
  const { places = [] } = await session.state()
  const place = places.find(({ id, name, store }) => [id, name, whereIs(store)].includes(ref))
  if (place) await unlockPlace(session, place)
}

/** Asks for what logs in there, where nothing is kept. */
export async function unlockPlace(session: Session, { id, store }: Place): Promise<void> {
  if (store.kind !== 'sftp') return
  const [seen] = await (await session.client()).place.list({ id })
  if (!seen?.locked) return
  session.output.note(session.output.t('terminal.place.locked', { address: visible(addressOf(store)) }))
  await session.unlock()
  await withPlaceSecrets(session, { store }, (secrets) =>
    session.guarded((client) => client.place.unlock({ id, secrets }, { signal: session.interrupts.signal })),
  )
}

// Getting to a place in the network: what logs in there, and how it is at this moment.
// Guarantees: a secret goes only to the account that it was kept for, and only after the server has shown its known host key (stores/sftp-login.ts).
import { isAny } from '../access/place-accounts.ts'
import { Failure } from '../api/failure.ts'
import type { Medium } from '../api/model.ts'
import type { PlaceState } from '../api/place.ts'
import { openStore, type StoreRef } from '../stores/open.ts'
import { Shelf } from '../targets/shelf.ts'
import { mediumOfPlace, type NetworkPlace, networkPlace } from './present-media.ts'
import type { Parts } from './services.ts'

type Getting = Pick<Parts, 'config' | 'placeAccounts' | 'placeStates' | 'ledger'>

/** The place behind a medium in the network; forgotten in the meantime: Failure `not-found`. */
export function configured(parts: Pick<Parts, 'config'>, { id, name }: Medium): NetworkPlace {
  const place = networkPlace(parts, id)
  if (!place) throw new Failure('not-found', { name })
  return place
}

/** What opens a place. Nothing to log in with: Failure `place-locked` {name, user}. */
export async function storeOfPlace({ placeAccounts }: Getting, { id, name, store }: NetworkPlace): Promise<StoreRef> {
  const secrets = await placeAccounts.of(id, store)
  if (!isAny(secrets)) throw new Failure('place-locked', { name, user: store.user })
  return { kind: store.kind, spec: store, secrets, id }
}

/** The medium as it is now: one in the network is asked. Failures: those of opening it. */
export async function withNews(parts: Getting, medium: Medium): Promise<Medium> {
  if (!medium.kind) return medium
  const place = configured(parts, medium)
  parts.placeStates.set(place.id, await newsOf(await storeOfPlace(parts, place)))
  return mediumOfPlace(parts, place)
}

/** How much room there is, and what lies there. */
export async function newsOf(store: StoreRef): Promise<PlaceState> {
  const open = await openStore(store, { readOnly: true })
  try {
    const free = await open.free()
    const found = await new Shelf(open).artifacts()
    const newest = found[0]?.time
    return {
      backups: found.length,
      ...(free === undefined ? {} : { free }),
      ...(newest === undefined ? {} : { newest }),
    }
  } finally {
    await open.close()
  }
}

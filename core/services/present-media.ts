// The media that are there: what is plugged in, folders that are known, and the places in the network, which count as there whether they answer or not.
// Guarantees: asks no server; a share that is mounted here and configured by its server as well is one medium, the configured one (same marker).
import { isAbsolute, join } from 'node:path'
import { addressOf } from '../api/address.ts'
import type { Medium } from '../api/model.ts'
import type { Place, SftpSpec } from '../api/place.ts'
import { listMedia, mediumFolder, readMarker } from '../drives/drives.ts'
import type { Parts } from './services.ts'

export type NetworkPlace = Place & { readonly store: SftpSpec }

type Known = Pick<Parts, 'config' | 'ledger' | 'placeStates'>

export function placesOf({ config }: Pick<Parts, 'config'>): readonly Place[] {
  return config.current.places ?? []
}

/** The place in the network with this id. */
export function networkPlace(parts: Pick<Parts, 'config'>, id: string | undefined): NetworkPlace | undefined {
  return placesOf(parts)
    .filter(isInNetwork)
    .find((place) => place.id === id)
}

function isInNetwork(place: Place): place is NetworkPlace {
  return place.store.kind === 'sftp'
}

export async function presentMedia(parts: Known): Promise<Medium[]> {
  const away = placesOf(parts).filter(isInNetwork)
  const here = await listMedia(parts.config.current.known)
  // A disk with the same marker is a copy, which people must tell apart; a folder is the same share by another way.
  const others = here.filter(({ id, removable }) => removable || !away.some((place) => place.id === id))
  return [...others, ...away.map((place) => mediumOfPlace(parts, place))]
}

/**
 * The folders of this computer that are a place in the network too: where its share was mounted when Arche used it so, and its own folder where this
 * computer is the server.
 */
export async function waysHere(parts: Pick<Parts, 'config'>, { id }: Medium): Promise<string[]> {
  const used = parts.config.current.known.filter((one) => one.id === id)
  const path = networkPlace(parts, id)?.store.path ?? ''
  const marker = isAbsolute(path) ? await readMarker(join(path, mediumFolder)).catch(() => undefined) : undefined
  return [...used.flatMap((one) => [one.path, ...(one.earlier ?? [])]), ...(marker?.id === id ? [path] : [])]
}

/** A place in the network as a medium, with what is known of it without asking. */
export function mediumOfPlace({ config, ledger, placeStates }: Known, { id, name, store }: NetworkPlace): Medium {
  const { free, newest } = placeStates.get(id) ?? {}
  const made = config.current.plans.map((plan) => ledger.of(plan.id).media.get(id))
  const lastBackup = [newest, ...made].reduce((last, time) =>
    last === undefined || (time && time > last) ? time : last,
  )
  return {
    kind: store.kind,
    path: addressOf(store),
    name,
    id,
    ...(free === undefined ? {} : { free }),
    ...(lastBackup === undefined ? {} : { lastBackup }),
    ...{ removable: false, fixed: false, system: false, readOnly: false, initialised: true },
  }
}

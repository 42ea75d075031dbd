// The places that a person configures: taking one up, trying it, forgetting it, and how each is.
// Guarantees: a marker that lies there is taken over as it is, one is laid only where there is none, and nothing else is touched; a place is written down
// only after it was reached; what was kept to log in with is never sent to another account; removing forgets, it deletes nothing there.
import { randomUUID } from 'node:crypto'
import { isAny } from '../access/place-accounts.ts'
import { placeIdsOf } from '../api/destination.ts'
import { Failure, toProblem } from '../api/failure.ts'
import type { Medium } from '../api/model.ts'
import type { Place, PlaceDraft, PlaceSecrets, PlaceSeen, PlaceState, PlaceTrial, StoreSpec } from '../api/place.ts'
import { whereIs } from '../api/place.ts'
import type { Plan } from '../api/plan.ts'
import { Name } from '../api/plan.ts'
import { initialise } from '../drives/drives.ts'
import { claimSftpMedium } from '../stores/medium-sftp.ts'
import { openStore } from '../stores/open.ts'
import { findMedium, placeFindings, rememberMedium, targetAt } from './media.ts'
import { newsOf } from './network-places.ts'
import { mediumOfPlace, networkPlace, placesOf } from './present-media.ts'
import type { Services } from './services.ts'
import { tried } from './trial.ts'

/** Failure `not-found`. */
export function placeById(services: Services, id: string): Place {
  const place = placesOf(services).find((one) => one.id === id)
  if (!place) throw new Failure('not-found', { name: id })
  return place
}

function plansUsing(plans: readonly Plan[], id: string): Plan[] {
  return plans.filter(({ destinations }) => destinations.some(({ place }) => placeIdsOf(place).includes(id)))
}

/** `ask`: with how it is now. */
export async function seen(services: Services, place: Place, ask: boolean): Promise<PlaceSeen> {
  const { config, placeAccounts } = services
  const locked = place.store.kind === 'sftp' && !isAny(await placeAccounts.of(place.id, place.store))
  const plans = plansUsing(config.current.plans, place.id).map(({ id }) => id)
  return { place, locked, plans, ...(ask ? { state: await stateOf(services, place) } : {}) }
}

async function stateOf(services: Services, place: Place): Promise<PlaceState> {
  try {
    const { store } = await targetAt(services, await mediumBehind(services, place))
    const state = await newsOf(store)
    services.placeStates.set(place.id, state)
    return state
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { problem: toProblem(error) }
  }
}

/** What the rest of Arche takes the place for. A folder that is not (any more) this place: Failure `not-found`, `not-initialised`, `medium-changed`. */
async function mediumBehind(services: Services, place: Place): Promise<Medium> {
  const away = networkPlace(services, place.id)
  if (away) return mediumOfPlace(services, away)
  const path = whereIs(place.store)
  const medium = await findMedium(services, path)
  if (!medium.initialised) throw new Failure('not-initialised', { name: place.name, path })
  if (medium.id !== place.id) throw new Failure('medium-changed', { name: place.name, path })
  return medium
}

/** What a person has described, and what they know to get there. */
export interface Described {
  readonly draft: PlaceDraft
  readonly secrets?: PlaceSecrets | undefined
  readonly remember: boolean
  readonly asNew?: boolean | undefined
}

/** What lies at a place that was reached. */
interface Claimed {
  readonly id: string
  readonly name: string
  readonly store: StoreSpec
  readonly adopted: boolean
}

type Claim<K extends StoreSpec['kind']> = (
  services: Services,
  store: StoreSpec & { readonly kind: K },
  how: Described & { readonly name: string; readonly secrets: PlaceSecrets },
) => Promise<Claimed>

const claims: { readonly [K in StoreSpec['kind']]: Claim<K> } = { folder: claimFolder, sftp: claimSftp }

/** See contract-place.ts. */
export async function savePlace(
  services: Services,
  described: Described,
): Promise<{ readonly place: Place; readonly adopted: boolean }> {
  const { config, placeAccounts, refresh } = services
  const { draft, remember } = described
  const old = draft.id === undefined ? undefined : placeById(services, draft.id)
  if (draft.name !== undefined) refuseTaken(services, { name: draft.name, id: draft.id })
  const secrets = draft.store.kind === 'sftp' ? await secretsFor(services, described, old) : {}
  const name = draft.name ?? old?.name ?? nameOf(draft.store)
  const claimed = await claim(services, draft.store, { ...described, name, secrets })
  const { id, store, adopted } = claimed
  if (old && id !== old.id) throw new Failure('medium-changed', { name: old.name, path: whereIs(store) })
  // The name that it was given elsewhere, unless another place has it here.
  const taken = placesOf(services).some((other) => other.name === claimed.name && other.id !== id)
  const place: Place = { id, name: old || taken ? name : claimed.name, store }
  refuseTaken(services, { id: draft.id, name: place.name, found: id })
  await config.update((current) => ({
    ...current,
    places: [...(current.places ?? []).filter((other) => other.id !== id), place],
  }))
  // What was not given now stays where it is: known until Arche is closed, handed over by systemd, or in the keychain.
  if (store.kind === 'sftp' && isAny(described.secrets ?? {})) await placeAccounts.keep(id, store, secrets, remember)
  await refresh('media')
  return { place, adopted }
}

function claim<K extends StoreSpec['kind']>(
  services: Services,
  store: StoreSpec & { readonly kind: K },
  how: Parameters<Claim<K>>[2],
): Promise<Claimed> {
  return claims[store.kind](services, store, how)
}

/** Another place has this name, or is the one that was `found`: Failure `exists`. */
function refuseTaken(
  services: Services,
  { id, name, found }: { readonly id: string | undefined; readonly name: string; readonly found?: string },
): void {
  const other = placesOf(services).find((one) => one.id !== id && (one.id === found || one.name === name))
  if (other) throw new Failure('exists', { name: other.name })
}

function nameOf(store: StoreSpec): string {
  const [last = ''] = whereIs(store).split(/[/\\]/).filter(Boolean).slice(-1)
  return Name.catch('Arche').parse(last.slice(0, 200))
}

/** Those given, else those kept for this very account. */
async function secretsFor(
  { placeAccounts, secrets: keychain }: Services,
  { draft: { id, name, store }, secrets = {}, remember }: Described,
  old: Place | undefined,
): Promise<PlaceSecrets> {
  if (store.kind !== 'sftp') return {}
  const same = old?.store.kind === 'sftp' && sameAccount(old.store, store)
  const known = isAny(secrets) ? secrets : same && id !== undefined ? await placeAccounts.of(id, store) : {}
  if (!isAny(known)) throw new Failure('place-locked', { name: name ?? old?.name ?? store.host, user: store.user })
  const problem = remember && isAny(secrets) ? await keychain.problem() : undefined
  if (problem) throw new Failure(problem.code, problem.details)
  return known
}

function sameAccount(one: StoreSpec & { kind: 'sftp' }, other: StoreSpec & { kind: 'sftp' }): boolean {
  return one.host === other.host && (one.port ?? 22) === (other.port ?? 22) && one.user === other.user
}

async function claimSftp(
  services: Services,
  store: StoreSpec & { readonly kind: 'sftp' },
  { draft, name, secrets }: Parameters<Claim<'sftp'>>[2],
): Promise<Claimed> {
  const fresh = () => {
    const createdAt = new Date(services.now()).toISOString()
    return { arche: 1 as const, id: randomUUID(), name, createdAt }
  }
  const spec = { ...store, path: withoutOwnFolder(store.path) }
  const { marker, adopted } = await claimSftpMedium({ spec, secrets }, draft.id === undefined ? fresh : undefined)
  return { id: marker.id, name: marker.name, store: spec, adopted }
}

/** The folder of the backups itself means the place. */
function withoutOwnFolder(path: string): string {
  return path.replace(/(^|\/)SIGL_sauvegardes\/*$/, '$1').replace(/(?<=.)\/+$/, '')
}

async function claimFolder(
  services: Services,
  { path }: StoreSpec & { readonly kind: 'folder' },
  { draft, name, asNew }: Parameters<Claim<'folder'>>[2],
): Promise<Claimed> {
  const found = await findMedium(services, path)
  const adopted = found.initialised && found.id !== undefined
  if (!adopted && draft.id !== undefined) throw new Failure('not-initialised', { name, path: found.path })
  const [doubt] = adopted || asNew ? [] : await placeFindings(services, found)
  if (doubt) throw new Failure(doubt.code, doubt.details)
  const medium = adopted ? found : await initialise(found, { name, now: services.now() })
  await rememberMedium(services, medium)
  return { id: medium.id as string, name: medium.name, store: { kind: 'folder', path: medium.path }, adopted }
}

/** Keeps what logs in until Arche is closed, once it was seen to be right. */
export async function unlockPlace(services: Services, id: string, secrets: PlaceSecrets): Promise<void> {
  const place = networkPlace(services, id)
  if (!place || !isAny(secrets)) throw new Failure('not-found', { name: id })
  await claimSftpMedium({ spec: place.store, secrets }, undefined)
  await services.placeAccounts.keep(id, place.store, secrets, false)
}

/** Failures `not-found`, `place-in-use`. */
export async function removePlace(services: Services, id: string): Promise<void> {
  const { config, placeAccounts, placeStates, refresh } = services
  const { name } = placeById(services, id)
  const plans = plansUsing(config.current.plans, id)
  if (plans.length > 0) throw new Failure('place-in-use', { name, plans: plans.map((plan) => plan.name) })
  await config.update((current) => ({ ...current, places: (current.places ?? []).filter((one) => one.id !== id) }))
  placeStates.delete(id)
  await placeAccounts.forget(id)
  await refresh('media')
}

/** Of a drive that was seen before too, which may be away. Failure `not-found`. */
export async function notePlace({ config, refresh }: Services, id: string, note: string | null): Promise<void> {
  const { known, places = [] } = config.current
  if (![...known, ...places].some((one) => one.id === id)) throw new Failure('not-found', { name: id })
  await config.update((current) => {
    const { [id]: _, ...others } = current.placeNotes ?? {}
    return { ...current, placeNotes: note === null ? others : { ...others, [id]: note } }
  })
  await refresh('media')
}

export async function tryPlace(services: Services, id: string, signal: AbortSignal | undefined): Promise<PlaceTrial> {
  const { store } = await targetAt(services, await mediumBehind(services, placeById(services, id)))
  const open = await openStore(store)
  try {
    return await tried(open, services.now(), signal)
  } finally {
    await open.close()
  }
}

// The medium that a person, a plan or a schedule means, and what is remembered of media: names and places.
import { copyPlaceIds } from '../api/destination.ts'
import { Failure, type Finding } from '../api/failure.ts'
import type { KnownMedium, Medium } from '../api/model.ts'
import type { Plan, PlanDraft } from '../api/plan.ts'
import { barePlace, type Former, refuseTwins, resolveMedium } from '../drives/drives.ts'
import { backwards } from '../history/history.ts'
import { pickMedium } from '../schedule/media-rule.ts'
import { type Mode, usingTarget } from '../targets/open.ts'
import type { Shelf } from '../targets/shelf.ts'
import type { TargetAt } from '../targets/target.ts'
import { configured, storeOfPlace, withNews } from './network-places.ts'
import { presentMedia } from './present-media.ts'
import type { Services } from './services.ts'

/** The medium a person means (undefined: the only one that is ready), as it is connected now. Throws `no-medium`, `several-media`… */
export async function findMedium(services: Services, ref: string | undefined): Promise<Medium> {
  return resolveMedium(ref, await presentMedia(services), services.config.current.known)
}

/** The same, made ready for backups; else `not-initialised`. */
export async function readyMedium(services: Services, ref: string | undefined): Promise<Medium> {
  return ready(await findMedium(services, ref))
}

function ready(medium: Medium): Medium {
  if (!medium.initialised) throw new Failure('not-initialised', { name: medium.name, path: medium.path })
  return medium
}

/**
 * The medium for a plan's backup: the one asked for, else the one that the plan wants (schedule/media-rule.ts). One in the network is asked how it is; its
 * Failures.
 */
export async function mediumOf(services: Services, plan: Plan | PlanDraft, ref: string | undefined): Promise<Medium> {
  const { config, ledger } = services
  const { known } = config.current
  const present = await presentMedia(services)
  const [destination] = plan.destinations
  const place = destination?.place ?? { kind: 'medium' }
  const copied = copyPlaceIds(plan)
  // Any medium will do, but those that get the copies.
  const media = ref !== undefined ? present : present.filter(({ id }) => id === undefined || !copied.includes(id))
  if (ref !== undefined || !place.rotation) {
    const found = await resolveMedium(ref ?? place.id, media, known)
    await refuseTwins(found, media)
    return withNews(services, found)
  }
  const backups = ledger.of(plan.id ?? '').media
  const { medium, absent, several } = pickMedium(place, { media, known, backups })
  if (!medium) throw absent ?? several
  return withNews(services, medium)
}

/** The same, made ready for backups. */
export async function mediumFor(services: Services, plan: Plan, ref: string | undefined): Promise<Medium> {
  return ready(await mediumOf(services, plan, ref))
}

/** As the record of a run names it. */
export function placeOf({ path, id, name }: Medium): { path: string; name: string; id?: string } {
  return { path, name, ...(id === undefined ? {} : { id }) }
}

/** Reference by which a run, or a look, opens the target of a medium or place. */
export async function targetAt(services: Services, medium: Medium): Promise<TargetAt> {
  const { path, id } = medium
  if (medium.kind) return { ...placeOf(medium), store: await storeOfPlace(services, configured(services, medium)) }
  return { ...placeOf(medium), store: { kind: 'medium', path, ...(id === undefined ? {} : { id }) } }
}

/** Opens what lies on a medium for a short look or change in the engine's own thread. */
export async function onTarget<T>(
  services: Services,
  medium: Medium,
  mode: Mode,
  work: (target: Shelf) => Promise<T>,
): Promise<T> {
  return usingTarget(await targetAt(services, medium), mode, work)
}

/** Limit of mount points that are remembered for a medium. */
const placesKept = 20

/** Keeps a medium's name and places, so that it can be named while it is away, and is not looked for in vain where it was. */
export async function rememberMedium({ config, now }: Services, { id, name, path, kind }: Medium): Promise<void> {
  // One in the network is configured (config `places`).
  if (id === undefined || kind) return
  const seenAt = new Date(now()).toISOString()
  await config.update((current) => {
    const before = current.known.find((other) => other.id === id)
    const places = before ? [before.path, ...(before.earlier ?? [])] : []
    const earlier = [...new Set(places)].filter((place) => place !== path).slice(0, placesKept)
    const known: KnownMedium = { id, name, path, seenAt, ...(earlier.length > 0 ? { earlier } : {}) }
    return { ...current, known: [...current.known.filter((other) => other.id !== id), known] }
  })
}

/**
 * What speaks against beginning a medium here: another one was here, or this is the mount point of a disk that is not mounted. Nothing where
 * there is a medium already. Whoever goes on all the same must have been asked: `--yes` is no answer to that.
 */
export async function placeFindings(services: Services, medium: Medium): Promise<Finding[]> {
  return medium.id === undefined ? barePlace(medium, await formerPlaces(services)) : []
}

/** All media that this computer has used, and where they were: as it noted that, and by the runs of the history. */
async function formerPlaces({ config, history }: Services): Promise<Former[]> {
  const media = new Map<string, { name: string; paths: Set<string> }>()
  const note = (id: string, name: string, paths: readonly string[]) => {
    const one = media.get(id) ?? { name, paths: new Set() }
    media.set(id, one)
    for (const path of paths) one.paths.add(path)
  }
  for (const { id, name, path, earlier = [] } of config.current.known) note(id, name, [path, ...earlier])
  for await (const { medium } of backwards(history)) if (medium?.id) note(medium.id, medium.name, [medium.path])
  return [...media].map(([id, { name, paths }]) => ({ id, name, paths: [...paths] }))
}

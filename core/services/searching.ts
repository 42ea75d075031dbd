// What the search needs of the other parts: which backups it lacks, how it gets them, and where a backup can be reached.
// Guarantees: looking reads lists of names and contents indexes, never a backup; a place that does not answer is left out.

import type { InBackup } from '../api/contract-catalogue.ts'
import { Failure } from '../api/failure.ts'
import type { Medium } from '../api/model.ts'
import { opensWithoutKey } from '../api/recipe.ts'
import { placeKey } from '../catalogue/catalogue.ts'
import type { Held } from '../catalogue/row.ts'
import type { Learned } from '../runs/order.ts'
import { onTarget, targetAt } from './media.ts'
import { presentMedia } from './present-media.ts'
import type { Services } from './services.ts'
import { rememberedPassword, unlockFor } from './unlocking.ts'

/** Names that have just arrived are waited for this long, in ms. */
const patience = 3_000

/** Everything that runs have left is there, or takes too long. */
export async function upToDate({ catalogue }: Services): Promise<void> {
  catalogue.collect()
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patience)
  })
  await Promise.race([catalogue.settled(), tooLong])
  clearTimeout(timer)
}

export interface Missing {
  readonly medium: Medium
  readonly artifacts: readonly string[]
}

/** Backups of the places that are here whose names are not known. `network`: of servers too. */
export async function missingIn(services: Services, network: boolean): Promise<Missing[]> {
  const present = await presentMedia(services)
  const ready = present.filter(({ initialised, kind }) => initialised && (network || kind === undefined))
  const found = await Promise.all(
    ready.map(async (medium) => ({ medium, artifacts: await unknownOn(services, medium) })),
  )
  return found.filter(({ artifacts }) => artifacts.length > 0)
}

async function unknownOn(services: Services, medium: Medium): Promise<string[]> {
  try {
    const listed = services.catalogue.listing(medium)
    const found = await onTarget(services, medium, 'read', (target) => target.artifacts())
    listed(found)
    return found.filter(({ name, size }) => !services.catalogue.knows(name, size)).map(({ name }) => name)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return []
  }
}

interface Adding {
  readonly artifacts?: readonly string[] | undefined
  readonly keyPassword?: string | undefined
  readonly job?: string | undefined
}

/** Failures: `secret-missing`, those of the place, and of opening an index. */
export async function learnFrom(
  services: Services,
  medium: Medium,
  { keyPassword, job, ...asked }: Adding,
  signal: AbortSignal | undefined,
): Promise<Learned> {
  const artifacts = asked.artifacts ?? (await unknownOn(services, medium))
  if (artifacts.length === 0) return { learned: [], without: [] }
  const closed = artifacts.some((name) => !opensWithoutKey(name))
  const password = closed ? (keyPassword ?? (await rememberedPassword(services))) : undefined
  if (closed && password === undefined) throw new Failure('secret-missing', { name: medium.name })
  const { unlock } = await unlockFor(services, medium, password)
  const { catalogue, runner } = services
  const at = await targetAt(services, medium)
  const order = { kind: 'learn' as const, at, artifacts, feeding: catalogue.feeding(medium), ...(unlock && { unlock }) }
  const learned = await runner.job(order, { subject: medium.name, id: job }, signal)
  catalogue.collect()
  await catalogue.settled()
  return learned
}

/** For people, and to be named in other calls. */
export function backupOf(services: Services, { name, made, places }: Held): InBackup {
  const lying = places.map((place) => whereOf(services, place)).sort((one, other) => +other.here - +one.here)
  return { artifact: name, madeAt: new Date(made).toISOString(), places: lying }
}

function whereOf({ state, config }: Services, place: string): InBackup['places'][number] {
  const medium = state.current.media.find((one) => one.initialised && placeKey(one) === place)
  const { known, places = [] } = config.current
  const name = (medium ?? [...places, ...known].find(({ id }) => id === place))?.name
  return { medium: place, name: name ?? place, here: medium !== undefined }
}

/** The path that a file had where it was saved; undefined where its backup does not say it. */
export function originOf(path: string, { roots }: Pick<Held, 'roots'>): string | undefined {
  const [top = '', ...rest] = path.split('/')
  const origin = roots.find(({ name }) => name === top)?.origin
  if (!origin) return undefined
  return rest.length === 0 ? origin : [origin.replace(/\/+$/, ''), ...rest].join('/')
}

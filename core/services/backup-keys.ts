// For whom a backup on a medium is, and what there is to say about that before it begins. One that is not encrypted is for nobody in particular.
// Guarantees: reads only; a medium that cannot be read says so elsewhere.

import { placeIdsOf } from '../api/destination.ts'
import { Failure, type Finding } from '../api/failure.ts'
import { expiring } from '../api/key-expiry.ts'
import { passesLabbook } from '../api/labbook-password.ts'
import type { Medium } from '../api/model.ts'
import type { Plan, PlanDraft } from '../api/plan.ts'
import { isForLabbook } from '../api/plan-source.ts'
import { isEncrypted } from '../api/recipe.ts'
import { readKey } from '../archive/archive.ts'
import { isLabbook, type Use } from '../keys/use.ts'
import { onTarget } from './media.ts'
import type { Services } from './services.ts'
import { activeKey, rememberedPassword } from './unlocking.ts'

type Planned = Pick<Plan | PlanDraft, 'source' | 'method' | 'destinations'>

function needsKey({ method }: Planned): boolean {
  return method === undefined || isEncrypted(method.format)
}

/** For whom, and what lies beside; why not: see keys/use.ts. A plan that does not encrypt needs no key, and puts none beside its backups. */
export async function useFor(services: Services, plan: Planned, medium: Medium): Promise<Omit<Use, 'lead'>> {
  return needsKey(plan) ? keysFor(services, plan, medium) : { recipients: [], keyFiles: [] }
}

async function keysFor(services: Services, { source }: Planned, medium: Medium): Promise<Use> {
  const { keyring, state } = services
  const { keyTrouble } = state.current
  if (keyTrouble) throw new Failure(keyTrouble.code, keyTrouble.details)
  const beside = (await lyingOn(services, medium)).map(({ fingerprint }) => fingerprint)
  return keyring.use({ labbook: isForLabbook(source), beside })
}

interface Lying {
  readonly fingerprint: string
  readonly name: string
  readonly labbook: boolean
}

/** The private keys on a medium, in the order of their file names: LabBook's own tool takes the first. */
async function lyingOn(services: Services, medium: Medium): Promise<Lying[]> {
  if (!medium.initialised) return []
  const keys = await onTarget(services, medium, 'read', (target) => target.keys(() => undefined)).catch(
    (error: unknown) => {
      if (error instanceof Failure) return []
      throw error
    },
  )
  const lying: Lying[] = []
  for (const { name, text } of keys) {
    const facts = await readKey(text).catch(() => undefined)
    if (facts) lying.push({ name, fingerprint: facts.fingerprint, labbook: isLabbook(facts.userIds) })
  }
  return lying
}

/** A key that is missing, or was chosen and cannot be used, forbids the backup. Without encryption every place off this computer is warned about. */
export async function keyFindings(services: Services, plan: Planned, medium: Medium): Promise<Finding[]> {
  if (!needsKey(plan)) {
    const name = placesOff(services, plan, medium)
    return name.length === 0 ? [] : [{ level: 'warning', code: 'unencrypted', details: { name } }]
  }
  try {
    const { lead } = await keysFor(services, plan, medium)
    const soon = expiring(services.state.current.keys, services.now())
    return [
      ...soon.map((finding) => ({ ...finding, level: 'info' as const })),
      ...(await besideOthers(services, plan, medium, lead)),
      ...(await ofLabbook(services, plan, lead)),
    ]
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return [{ level: 'error', ...error.toProblem() }]
  }
}

/** Names of the medium and of the places that get copies, without folders of disks that stay here. What is not there now may be anywhere. */
function placesOff({ config, state }: Services, { destinations }: Planned, medium: Medium): string[] {
  const { known, places = [] } = config.current
  const copies = destinations.slice(1).flatMap(({ place }) => placeIdsOf(place))
  const others = copies.flatMap((id) => {
    const here = state.current.media.find((one) => one.id === id)
    if (id === medium.id || here?.fixed) return []
    return (here ?? [...places, ...known].find((one) => one.id === id))?.name ?? id.slice(0, 8)
  })
  return [...(medium.fixed ? [] : [medium.name]), ...others]
}

/** LabBook's own tool opens only backups for the first private key of a medium: another one that is put before it shuts it out of its own. */
async function besideOthers(services: Services, { source }: Planned, medium: Medium, lead: string): Promise<Finding[]> {
  const lying = await lyingOn(services, medium)
  const others = lying.filter(({ fingerprint }) => fingerprint !== lead)
  const concerned = isForLabbook(source) || others.some(({ labbook }) => labbook)
  const adds = others.length === lying.length
  if (others.length === 0 || !adds || !concerned || medium.lastBackup === undefined) return []
  const names = [
    ...others.map(({ name, fingerprint }) => ({ name, fingerprint })),
    { name: `kpri.${lead}.asc`, fingerprint: lead },
  ]
  const first = names.reduce((before, one) => (one.name < before.name ? one : before)).fingerprint
  const details = { name: medium.name, first, fingerprint: lead, others: others.map(({ fingerprint }) => fingerprint) }
  return [{ level: 'warning', code: 'key-second', details }]
}

/** The password is known only where it is remembered; else what LabBook's window cannot take is told in any case. */
async function ofLabbook(services: Services, { source }: Planned, lead: string): Promise<Finding[]> {
  if (!isForLabbook(source)) return []
  const known = activeKey(services.state.current).fingerprint === lead ? await rememberedPassword(services) : undefined
  const fine = known !== undefined && passesLabbook(known)
  return fine ? [] : [{ level: 'info', code: 'labbook-password', details: {} }]
}

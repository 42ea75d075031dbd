// How a copy begins, whether a person or a schedule asks for it.
// Guarantees: what forbids it is thrown before anything is written; a backup that is known here is copied only as what it was when it was made.
import { destinationOn, placeIdsOf } from '../api/destination.ts'
import { Failure } from '../api/failure.ts'
import { isLacking } from '../api/loss.ts'
import type { Medium, Run } from '../api/model.ts'
import type { Plan } from '../api/plan.ts'
import { fitness } from '../drives/drives.ts'
import { backwards } from '../history/history.ts'
import type { About } from '../history/record.ts'
import type { CopyOrder } from '../runs/order.ts'
import type { Started } from '../runs/runner.ts'
import { holders } from '../schedule/copies.ts'
import { useFor } from './backup-keys.ts'
import { onTarget, placeOf, readyMedium, rememberMedium, targetAt } from './media.ts'
import { planById } from './plans.ts'
import { pruningFor } from './retention.ts'
import type { Services } from './services.ts'

export interface Copying {
  /** Absent: no plan here made it. */
  readonly plan?: Plan | undefined
  /** The run that made it; absent: it was made elsewhere. */
  readonly backup?: Run | undefined
  /** Its name, where no run says it. */
  readonly artifact?: string
  readonly from: Medium
  readonly to: Medium
  readonly trigger?: Run['trigger']
}

export async function startCopy(services: Services, { plan, backup, from, to, ...more }: Copying): Promise<Started> {
  const artifact = backup?.artifact ?? more.artifact
  if (artifact === undefined) throw new Failure('not-found', { name: plan?.name ?? from.name })
  if (from.id !== undefined && from.id === to.id) throw new Failure('copy-same-place', { name: to.name })
  const full = plan && destinationOn(plan, to.id).keep?.untilFull
  const [unfit] = fitness(to).filter(({ level, code }) => level === 'error' && !(full && code === 'no-space'))
  if (unfit) throw new Failure(unfit.code, unfit.details)
  const order: CopyOrder = {
    kind: 'copy',
    from: await targetAt(services, from),
    at: await targetAt(services, to),
    artifact,
    ...(backup?.sha256 === undefined ? {} : { sha256: backup.sha256 }),
    ...(backup ? { made: Date.parse(backup.startedAt) } : {}),
    keyFiles: plan ? await keyFilesFor(services, plan, to) : [],
    ...(plan && backup && rulesHold(services, plan, backup, to) ? await pruningFor(services, plan, to) : {}),
  }
  const about: About = {
    subject: plan?.name ?? backup?.subject ?? artifact,
    medium: placeOf(to),
    from: placeOf(from),
    artifact,
    ...(plan ? { planId: plan.id } : {}),
    ...(more.trigger ? { trigger: more.trigger } : {}),
  }
  const started = await services.runner.start(order, about, ({ sha256, stored, madeAt, removed, ...copied }) => ({
    artifact: copied.artifact,
    sha256,
    stored,
    bytes: stored,
    madeAt,
    // A copy of what lacks something lacks it too.
    ...(backup && isLacking(backup) ? { losses: backup.losses } : {}),
    ...(removed ? { removed: [...removed] } : {}),
  }))
  await rememberMedium(services, to)
  return started
}

/**
 * The rules of a place are applied after a copy only where the plan names that place, the copy is of its newest good backup, and nothing is lacking: what the newest
 * lacks may be in those that the rules would let go, and a place that a person chose once has no rules.
 */
function rulesHold({ ledger }: Services, plan: Plan, backup: Run, to: Medium): boolean {
  const named = plan.destinations.some(({ place }) => to.id !== undefined && placeIdsOf(place).includes(to.id))
  const { lastGood, lastSaved } = ledger.of(plan.id)
  const lacking = isLacking(backup) || (lastSaved !== undefined && isLacking(lastSaved))
  return named && backup.id === lastGood?.id && !lacking
}

/** The keys of this computer; where there are none that could be used, those that lie beside the backup are enough. */
async function keyFilesFor(services: Services, plan: Plan, to: Medium): Promise<CopyOrder['keyFiles']> {
  try {
    return (await useFor(services, plan, to)).keyFiles
  } catch (error) {
    if (error instanceof Failure) return []
    throw error
  }
}

/** The newest good backup of a plan, from a place that is there, to this one. Failures `not-found` (none yet), `copy-source-absent`, those of startCopy. */
export async function startCopyOf(services: Services, planId: string, ref: string): Promise<Started> {
  const plan = planById(services, planId)
  const to = await readyMedium(services, ref)
  const account = services.ledger.of(planId)
  const backup = account.lastGood
  if (backup?.artifact === undefined) throw new Failure('no-backups', { name: plan.name })
  const having = holders({ ...backup, artifact: backup.artifact }, account).filter((id) => id !== to.id)
  for (const id of having) {
    const from = await readyMedium(services, id).catch(absent)
    if (from) return startCopy(services, { plan, backup, from, to })
  }
  throw new Failure('copy-source-absent', { name: backup.medium?.name ?? plan.name })
}

function absent(error: unknown): undefined {
  if (!(error instanceof Failure)) throw error
}

/** Copies any backup of a place, also one that was made elsewhere. */
export async function startCopyFrom(
  services: Services,
  { from: source, artifact, to: goal }: { readonly from: string; readonly artifact: string; readonly to: string },
): Promise<Started> {
  const from = await readyMedium(services, source)
  const to = await readyMedium(services, goal)
  const there = await onTarget(services, from, 'read', (target) => target.stat(artifact))
  if (!there) throw new Failure('not-found', { name: artifact })
  const backup = await madeBy(services, artifact, there.size)
  const plan = services.config.current.plans.find(({ id }) => id === backup?.planId)
  return startCopy(services, { plan, backup, artifact, from, to })
}

/** The run that made it here, as far as history goes back. */
async function madeBy({ history }: Services, artifact: string, size: number): Promise<Run | undefined> {
  for await (const run of backwards(history))
    if (run.kind === 'backup' && run.artifact === artifact && run.stored === size && run.sha256 !== undefined)
      return run
  return undefined
}

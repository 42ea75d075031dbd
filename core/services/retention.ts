// What a plan's rules of retention go by on a medium, and what they would let go there now. Looks only; removing is the worker's (keep/prune.ts).
import { destinationOn } from '../api/destination.ts'
import { Failure, type Finding } from '../api/failure.ts'
import { beingRead } from '../api/lanes.ts'
import { isLacking } from '../api/loss.ts'
import type { Artifact, Medium } from '../api/model.ts'
import type { Keep, Plan, PlanDraft } from '../api/plan.ts'
import { keepFacts } from '../keep/facts.ts'
import { type KeepFacts, type PrunePlan, planPrune } from '../keep/keep.ts'
import type { Pruning } from '../keep/prune.ts'
import { planRoom, withoutVain } from '../keep/room.ts'
import type { Found } from '../targets/target.ts'
import { onTarget } from './media.ts'
import type { Services } from './services.ts'

/** For the order of a backup: the rules of its plan, if it has any, and what they go by. */
export async function pruningFor(
  services: Services,
  plan: Plan,
  medium: Medium,
): Promise<{ pruning?: Omit<Pruning, 'agreed'> }> {
  const backups = services.ledger.of(plan.id).backups.filter((run) => run.medium?.id === medium.id)
  const keep = withoutVain(destinationOn(plan, medium.id).keep, backups)
  if (!keep) return {}
  // Not the pins: where they cannot be read, nothing is removed later, but the backup is made.
  const found = await onTarget(services, medium, 'read', (target) => target.artifacts())
  const facts = await factsOf(services, plan.id, medium, found)
  const inUse = beingRead(medium, services.runner.held())
  return { pruning: { keep, facts, ...(inUse.length > 0 ? { inUse } : {}) } }
}

/** Where there is little room: how much the rules of the plan would free on the medium now. */
export async function couldFree(services: Services, planId: PlanDraft['id'], medium: Medium): Promise<Finding[]> {
  const plan = services.config.current.plans.find((one) => one.id === planId)
  const keep = plan && destinationOn(plan, medium.id).keep
  if (!plan || !keep || !medium.initialised) return []
  const looked = await wouldRemove(services, plan.id, medium, keep).catch(onlyAdvice)
  if (!looked) return []
  const names = new Set(looked.plan.remove.map(({ name }) => name))
  const bytes = looked.found.reduce((sum, { name, size }) => sum + (names.has(name) ? size : 0), 0)
  if (bytes === 0) return []
  return [{ level: 'info', code: 'keep-could-free', details: { name: medium.name, count: names.size, bytes } }]
}

/** Where the next backup does not fit and the plan keeps its backups until the place is full: what would go for it. */
export async function wouldMakeRoom(
  services: Services,
  planId: PlanDraft['id'],
  medium: Medium,
  need: number,
): Promise<Finding[]> {
  const plan = services.config.current.plans.find((one) => one.id === planId)
  const keep = plan && destinationOn(plan, medium.id).keep
  if (!plan || !keep?.untilFull || !medium.initialised || medium.free === undefined) return []
  const lying = await onMedium(services, medium).catch(onlyAdvice)
  if (!lying) return []
  const { found, pins } = lying
  const facts = await factsOf(services, plan.id, medium, found)
  const input = { artifacts: found, keep, pins, facts, now: services.now(), zone: services.zone() }
  const { remove } = planRoom(input, { need, free: medium.free })
  if (remove.length === 0) return []
  const bytes = remove.reduce((sum, { size }) => sum + size, 0)
  return [{ level: 'info', code: 'keep-makes-room', details: { name: medium.name, count: remove.length, bytes } }]
}

/** The oldest backups there make room for the next one. */
export function keepsUntilFull({ config }: Services, planId: PlanDraft['id'], { id }: Medium): boolean {
  const plan = config.current.plans.find((one) => one.id === planId)
  return plan !== undefined && destinationOn(plan, id).keep?.untilFull === true
}

/** What is wrong with the medium is said by whoever needs it. */
function onlyAdvice(error: unknown): undefined {
  if (!(error instanceof Failure)) throw error
}

interface Looked {
  readonly found: readonly Found[]
  readonly plan: PrunePlan
}

/** What the rules say of what lies there. */
export async function wouldRemove(
  services: Services,
  planId: string,
  medium: Medium,
  keep: Keep | undefined,
): Promise<Looked> {
  const { found, pins: pinned } = await onMedium(services, medium)
  const facts = await factsOf(services, planId, medium, found)
  const plan = planPrune({ artifacts: found, keep, pins: pinned, facts, now: services.now(), zone: services.zone() })
  return { found, plan }
}

function onMedium(services: Services, medium: Medium): Promise<{ found: Found[]; pins: Set<string> }> {
  return onTarget(services, medium, 'read', async (target) => ({
    found: await target.artifacts(),
    pins: await target.pins(),
  }))
}

export async function factsOf(
  { history, ledger }: Services,
  planId: string,
  { id: mediumId }: Medium,
  found: readonly Artifact[],
): Promise<KeepFacts> {
  if (mediumId === undefined) return { made: [], bad: [] }
  const facts = await keepFacts(
    history,
    { planId, mediumId },
    found.map(({ name }) => name),
  )
  const { lastSaved } = ledger.of(planId)
  return lastSaved?.artifact !== undefined && isLacking(lastSaved) ? { ...facts, held: lastSaved.artifact } : facts
}

// Room on a place because a person wants it: what is wanted, what could go for it, and whether what was agreed to still may. Looks only; removing is the
// worker's (keep/prune.ts), which backups may go is decided in keep/room-by-hand.ts.
import { destinationOn } from '../api/destination.ts'
import { Failure, type Problem } from '../api/failure.ts'
import { beingRead } from '../api/lanes.ts'
import { isLacking } from '../api/loss.ts'
import type { Medium } from '../api/model.ts'
import { removalFacts } from '../keep/facts.ts'
import { type PlanThere, type RoomByHand, roomByHand, stillMakesRoom } from '../keep/room-by-hand.ts'
import { onTarget } from './media.ts'
import type { Services } from './services.ts'

/** Whose backups may go (absent: those of all plans), and the bytes that are wanted. */
export interface RoomWish {
  readonly planId?: string
  readonly need: number
}

/** What is wanted: of one plan or of each, so many backups, or so many bytes. */
interface Wanted {
  readonly planId?: string | undefined
  readonly need?: number | undefined
  readonly backups: number
  readonly others: boolean
}

/** Backups differ a little in size, and checksums, keys and the file system take something too. */
const spare = 1.1
const beside = 1024 * 1024

/** Failure `room-unknown` {name}: nobody knows what the next backup takes. */
export function wishOf(services: Services, medium: Medium, { planId, need, backups, others }: Wanted): RoomWish {
  const whose = planId === undefined || others ? {} : { planId }
  if (need !== undefined) return { ...whose, need }
  const { plans } = services.config.current
  const wanting = planId === undefined ? plans.map(({ id }) => id) : [planId]
  const all = wanting.reduce((sum, id) => sum + nextOf(services, id, medium), 0)
  if (all === 0) throw new Failure('room-unknown', { name: medium.name })
  return { ...whose, need: Math.ceil(all * backups * spare) + beside }
}

/** Bytes of a plan's next backup there, about; 0: not known, or it has none there. */
function nextOf({ state, ledger }: Services, planId: string, { id }: Medium): number {
  const { next = 0 } = (state.current.space ?? []).find((one) => one.planId === planId && one.place === id) ?? {}
  const [last] = ledger.of(planId).backups.filter((run) => run.medium?.id === id)
  if (last?.failure?.code !== 'no-space') return next
  // It has said what it would have taken.
  const { need } = last.failure.details
  return Math.max(next, last.needed ?? last.expected ?? 0, typeof need === 'number' ? need : 0)
}

interface Looked extends RoomByHand {
  readonly free: number
}

/** What would make room now. Failure `room-unknown`: nobody knows what is free there. */
export async function lookForRoom(services: Services, medium: Medium, wish: RoomWish): Promise<Looked> {
  const { plans, there, free } = await onPlace(services, medium, wish)
  return { free, ...roomByHand(plans, there, { need: wish.need, free }) }
}

/** Whether these still may go and make the room that was wanted. */
export async function isStillRoom(
  services: Services,
  medium: Medium,
  wish: RoomWish,
  names: readonly string[],
): Promise<boolean> {
  const { plans, there, free } = await onPlace(services, medium, wish)
  return stillMakesRoom(names, plans, there, { need: wish.need, free })
}

/** Why nothing of a plan may go. */
export function heldBackProblem({ reason, name }: RoomByHand['heldBack'][number]): Problem {
  return { code: 'keep-held-back', details: { reason, name } }
}

async function onPlace(services: Services, medium: Medium, { planId }: RoomWish) {
  const { config, history, ledger, runner, now, zone } = services
  const found = await onTarget(services, medium, 'read', async (target) => ({
    artifacts: await target.artifacts(),
    pins: await target.pins(),
    free: await target.free(),
  }))
  const { free = medium.free } = found
  if (free === undefined) throw new Failure('room-unknown', { name: medium.name })
  const names = found.artifacts.map(({ name }) => name)
  const { made, bad } = await removalFacts(history, medium.id ?? '', { names, chosen: [] })
  const looked = config.current.plans.filter(({ id }) => planId === undefined || id === planId)
  const plans = looked.map((plan): PlanThere => {
    const own = [...made.values()].filter((one) => one.planId === plan.id)
    const { lastSaved } = ledger.of(plan.id)
    const held = lastSaved?.artifact !== undefined && isLacking(lastSaved) ? { held: lastSaved.artifact } : {}
    return { planId: plan.id, keep: destinationOn(plan, medium.id).keep, facts: { made: own, bad: [...bad], ...held } }
  })
  const inUse = new Set(beingRead(medium, runner.held()))
  return {
    plans: plans.filter(({ facts }) => facts.made.length > 0),
    there: { artifacts: found.artifacts, pins: found.pins, inUse, now: now(), zone: zone() },
    free,
  }
}

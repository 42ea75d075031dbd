// How much room each plan has on the places that are there, and when they will be full: for the state, from history and what is free.
// Guarantees: touches no place; computes only what has changed since it was asked last.
import { isGood } from '../api/alarms.ts'
import { placeIdsOf } from '../api/destination.ts'
import type { AppState, Medium } from '../api/model.ts'
import type { Destination, Plan } from '../api/plan.ts'
import type { SpaceState } from '../api/schedule.ts'
import type { Account, Ledger } from '../history/ledger.ts'
import { type Made, outlook } from '../keep/outlook.ts'

/** The free space of a disk that is in use changes all the time; less than this share of a backup is no news. */
const grain = 16 * 1024 * 1024

/** By plan and place: what it was computed from, and what came out. */
const known = new Map<string, { readonly from: string; readonly space: SpaceState | undefined }>()

/** Of each plan and each of its places that is there and has a backup of it. */
export function spacesOf(
  ledger: Pick<Ledger, 'of'>,
  { plans, media }: Pick<AppState, 'plans' | 'media'>,
  now: number,
  zone: string,
): SpaceState[] {
  return plans.flatMap((plan) =>
    media.flatMap((medium) => {
      const destination = destinationFor(plan, medium)
      if (!destination || medium.id === undefined || medium.free === undefined) return []
      const here = { ...medium, id: medium.id, free: medium.free }
      return spaceOn(plan, destination, here, { account: ledger.of(plan.id), now, zone })
    }),
  )
}

/** Its own, or, where any medium will do, the first one. */
function destinationFor({ destinations }: Plan, { id, initialised }: Medium): Destination | undefined {
  if (!initialised || id === undefined) return undefined
  const named = destinations.find(({ place }) => placeIdsOf(place).includes(id))
  const [first] = destinations
  return named ?? (first && placeIdsOf(first.place).length === 0 ? first : undefined)
}

function spaceOn(
  plan: Plan,
  { via, keep }: Destination,
  { id, name, free }: Medium & { id: string; free: number },
  { account, now, zone }: { readonly account: Account; readonly now: number; readonly zone: string },
): SpaceState[] {
  const lying = account.lying.get(id) ?? []
  const good = account.backups.filter(
    (run) => isGood(run) && run.stored > 0 && (via === 'copy' || run.medium?.id === id),
  )
  const made = good.map(
    (run): Made => ({ name: run.artifact ?? '', time: Date.parse(run.startedAt), size: run.stored }),
  )
  if (lying.length === 0 || made.length === 0) return []
  const [newest] = account.backups
  const failed = newest?.failure?.code === 'no-space' ? (newest.needed ?? newest.expected) : undefined
  const rough = Math.floor(free / grain)
  const hour = Math.floor(now / 3_600_000)
  const from = JSON.stringify([lying.length, lying.at(-1)?.name, made[0], made.length, failed, keep, rough, hour, zone])
  const key = `${plan.id} ${id}`
  const before = known.get(key)
  if (before?.from === from) return before.space ? [before.space] : []
  const found = outlook({ lying, made, keep, free, expected: failed, now, zone })
  const space = found && {
    planId: plan.id,
    place: id,
    name,
    next: Math.ceil(found.next),
    room: found.room,
    since: new Date(made[0]?.time ?? now).toISOString(),
    ...(keep?.untilFull ? { untilFull: true as const } : {}),
    ...(found.full === undefined ? {} : { full: new Date(found.full).toISOString() }),
  }
  known.set(key, { from, space })
  return space ? [space] : []
}

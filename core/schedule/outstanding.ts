// Which due times of a schedule nothing has been done about yet: from what history says, and from what this process saw at its last look.
// Guarantees: pure; a due time is left out once history has dealt with it, and not before; a change of the zone neither loses one that is being
// waited for nor makes one up that had passed before it. Decides nothing: see decide.ts.
import { nextDue } from '../api/due.ts'
import type { PlanSchedule } from '../api/schedule.ts'
import type { Account, Dealt } from '../history/ledger.ts'

/** A clock that is set back by less repeats nothing, in ms. */
const setBack = 6 * 3600 * 1000

/** What the last look left: due times until then are known. */
export interface Looked {
  readonly until: number
  readonly dues: readonly number[]
}

/** Rising, all at or before `now` (ms since 1970). */
export function outstandingDues(
  schedule: PlanSchedule,
  account: Account,
  looked: Looked | undefined,
  { now, zone }: { now: number; zone: string },
): number[] {
  const saved = Math.min(Date.parse(schedule.savedAt), now)
  const dealt = account.dealt.filter((deal) => holds(deal, now))
  const last = dealt.reduce((latest, { due }) => (due <= now && due > latest ? due : latest), 0)
  // A clock that was set back: what was seen then is worth nothing.
  const memory = looked && looked.until <= now ? looked : { until: 0, dues: [] }
  const from = Math.max(saved, memory.until, last)
  const dues = memory.dues.filter((due) => due > saved)
  for (let due = nextDue(schedule.when, from, zone); due !== undefined && due <= now; ) {
    dues.push(due)
    due = nextDue(schedule.when, due, zone)
  }
  return dues.filter((due) => !dealt.some((deal) => deal.from <= due && due <= deal.due))
}

/** What was noted while the clock was far ahead does not hold once it has been set right: those due times are yet to come. */
export function holds({ at }: Dealt, now: number): boolean {
  return at <= now + setBack
}

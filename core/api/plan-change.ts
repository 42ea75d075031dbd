// What reading plans from a file would change here: each plan as it would be, beside the one that it would replace. Pure.
// Guarantees: no part of a plan is left out of the comparison: a new part that is forgotten here does not compile.
import { z } from 'zod'
import { Plan } from './plan.ts'

/** What people see of a plan, in the order in which it is told. */
const parts = {
  name: true,
  source: true,
  destinations: true,
  schedule: true,
  method: true,
  restart: true,
  ping: true,
} satisfies Record<Exclude<keyof Plan, 'id' | 'createdAt'>, true>
export type PlanPart = keyof typeof parts
const planParts = Object.keys(parts) as PlanPart[]

export const PlanChange = z.object({
  plan: Plan,
  /** The plan here that it would replace: the one of its id, or else of its name. Absent: it is new. */
  before: Plan.optional(),
})
export type PlanChange = z.infer<typeof PlanChange>

/** Parts that would be different; none for a plan that stays as it is. A new plan: all that it has. */
export function changedParts({ plan, before }: PlanChange): PlanPart[] {
  return planParts.filter((part) => JSON.stringify(plan[part]) !== JSON.stringify(before?.[part]))
}

/** Changes that nobody wants unseen: a plan that is here would not be what it was. */
export function replacing(changes: readonly PlanChange[]): PlanChange[] {
  return changes.filter((change) => change.before && changedParts(change).length > 0)
}

// What methods need of plans: one of them by its id, changing it, and the remembered password of its database.
// Guarantees: a remembered password goes only to the server and user that it was remembered for.
import { planSecrets } from '../access/plan-secrets.ts'
import { sameDatabase } from '../api/database.ts'
import { Failure } from '../api/failure.ts'
import type { Plan, PlanDraft } from '../api/plan.ts'
import { loginOf } from '../api/plan-source.ts'
import type { Services } from './services.ts'

/** Failure `not-found`. */
export function planById({ config }: Pick<Services, 'config'>, id: string): Plan {
  return planIn(config.current.plans, id)
}

function planIn(plans: readonly Plan[], id: string): Plan {
  const plan = plans.find((one) => one.id === id)
  if (!plan) throw new Failure('not-found', { name: id })
  return plan
}

/** Puts what `change` makes of the plan in its place, durably. Failure `not-found`. */
export async function changePlan(services: Services, id: string, change: (plan: Plan) => Plan): Promise<Plan> {
  const { plans } = await services.config.update((current) => {
    const changed = change(planIn(current.plans, id))
    return { ...current, plans: current.plans.map((plan) => (plan.id === id ? changed : plan)) }
  })
  await services.refresh('plans')
  return planIn(plans, id)
}

/** The password for the database of a plan: the one given, else the remembered one. */
export async function databasePasswordFor(
  { config, secrets }: Pick<Services, 'config' | 'secrets'>,
  plan: Plan | PlanDraft,
  given: string | undefined,
): Promise<string | undefined> {
  const login = loginOf(plan.source)
  if (!login || given !== undefined || plan.id === undefined) return given
  const saved = config.current.plans.find((one) => one.id === plan.id)
  // A draft may name another server: that one must not be handed this password.
  if (!saved || !sameDatabase(loginOf(saved.source), login) || (await secrets.problem())) return undefined
  return planSecrets(secrets).get(plan.id, 'database')
}

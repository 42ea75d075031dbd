// Keeps what was chosen as a plan, and its database's password in the keychain where that was wished.
// Guarantees: a plan whose password could not be kept is saved all the same, and saving again is harmless.
import type { Method, Plan, PlanDraft } from '../../../core/api/plan.ts'
import { guarded } from '../../parts/operator.tsx'
import { type Choice, databasePasswordOf, draftOf, isToRemember } from './choice.ts'

/** What the form of a plan asks beside the choice; absent where it is not asked for. */
interface Asked {
  readonly method: Method
  readonly destinations: PlanDraft['destinations']
}

/** Gives the plan as it is saved. `before`: the plan that is changed. */
export async function saveChoice(choice: Choice, before?: Plan, asked?: Asked): Promise<Plan> {
  const draft = draftOf(choice)
  if (!draft) throw new Error('nothing to save')
  const plan = await guarded((client) => client.plan.save({ ...(before ? changed(before, draft) : draft), ...asked }))
  const { databasePassword } = databasePasswordOf(choice)
  if (databasePassword !== undefined && isToRemember(choice))
    await guarded((client) => client.plan.remember({ id: plan.id, databasePassword }))
  return plan
}

/** What the form does not show stays as it was. */
function changed({ restart: _before, ...kept }: Plan, draft: PlanDraft): PlanDraft {
  return { ...kept, ...draft, id: kept.id, destinations: kept.destinations }
}

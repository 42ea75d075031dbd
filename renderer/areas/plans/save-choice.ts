// Keeps what was chosen as a plan, and its database's password in the keychain where that was wished.
// Guarantees: a plan whose password could not be kept is saved all the same, and saving again is harmless.
import type { Method, Plan, PlanDraft } from '../../../core/api/plan.ts'
import { guarded } from '../../parts/operator.tsx'
import { type Choice, databasePasswordOf, draftOf, isToRemember } from './choice.ts'

/** Gives the plan's id. `before`: the plan that is changed; `method`: absent where it is not asked for. */
export async function saveChoice(choice: Choice, before?: Plan, method?: Method): Promise<string> {
  const draft = draftOf(choice)
  if (!draft) throw new Error('nothing to save')
  const { id } = await guarded((client) =>
    client.plan.save({ ...(before ? changed(before, draft) : draft), ...(method && { method }) }),
  )
  const { databasePassword } = databasePasswordOf(choice)
  if (databasePassword !== undefined && isToRemember(choice))
    await guarded((client) => client.plan.remember({ id, databasePassword }))
  return id
}

/** What the form does not show stays as it was. */
function changed({ restart: _before, ...kept }: Plan, draft: PlanDraft): PlanDraft {
  return { ...kept, ...draft, id: kept.id, destinations: kept.destinations }
}

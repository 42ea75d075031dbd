// Why an action of the main screen is not possible now, and where to get what is missing. Pure.
// Guarantees: only what certainly makes the action fail disables it; everything else is for the wizard to say.
import type { AppState, Progress } from '../../core/api/model.ts'
import { anyWithoutKey } from '../../core/api/recipe.ts'

export type ActionName = 'backup' | 'restore' | 'init' | 'key' | 'schedule'

export interface Missing {
  reason: 'operator' | 'key' | 'key-trouble' | 'plan' | 'busy'
  /** The wizard that supplies it. */
  wizard?: 'first-start' | 'key' | 'backup'
}

const working = new Set<Progress['kind']>(['backup', 'restore', 'undo', 'restart', 'prune'])

export function missingFor(
  action: ActionName,
  state: Pick<AppState, 'operatorSet' | 'keys' | 'plans' | 'active'> & { keyTrouble?: AppState['keyTrouble'] },
): Missing | undefined {
  if (!state.operatorSet) return { reason: 'operator', wizard: 'first-start' }
  // Plans that do not encrypt go on without any key; for the others the wizard says it.
  if ((action === 'backup' || action === 'schedule') && !anyWithoutKey(state.plans)) {
    // What to do about it is told beside the actions.
    if (state.keyTrouble) return { reason: 'key-trouble' }
    if (!state.keys.some((key) => key.kind === 'own' && key.active)) return { reason: 'key', wizard: 'key' }
  }
  if (action === 'schedule' && state.plans.length === 0) return { reason: 'plan', wizard: 'backup' }
  const busy = state.active.some((one) => working.has(one.kind))
  if ((action === 'backup' || action === 'restore') && busy) return { reason: 'busy' }
  return undefined
}

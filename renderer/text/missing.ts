// Why an action of the main screen is not possible now, and where to get what is missing. Pure.
// Guarantees: only what certainly makes the action fail disables it; everything else is for the wizard to say.
import type { AppState, Progress } from '../../core/api/model.ts'
import { anyWithoutKey } from '../../core/api/recipe.ts'

export type ActionName = 'backup' | 'restore' | 'init' | 'key' | 'schedule'

export interface Missing {
  reason: 'key' | 'key-trouble' | 'plan' | 'busy'
  /** The wizard that supplies it. */
  wizard?: 'first-start' | 'key' | 'backup'
}

/** What replaces the computer's data, and what reads it: never together (core/api/lanes.ts). */
const replacing: readonly Progress['kind'][] = ['restore', 'undo', 'restart']
const inTheWay: Partial<Record<ActionName, readonly Progress['kind'][]>> = {
  backup: replacing,
  restore: ['backup', ...replacing],
}

export function missingFor(
  action: ActionName,
  state: Pick<AppState, 'keys' | 'plans' | 'active'> & { keyTrouble?: AppState['keyTrouble'] },
): Missing | undefined {
  // Plans that do not encrypt go on without any key; for the others the wizard says it.
  if ((action === 'backup' || action === 'schedule') && !anyWithoutKey(state.plans)) {
    // What to do about it is told beside the actions.
    if (state.keyTrouble) return { reason: 'key-trouble' }
    if (!state.keys.some((key) => key.kind === 'own' && key.active))
      return { reason: 'key', wizard: state.plans.length === 0 ? 'first-start' : 'key' }
  }
  if (action === 'schedule' && state.plans.length === 0) return { reason: 'plan', wizard: 'backup' }
  if (state.active.some(({ kind }) => inTheWay[action]?.includes(kind))) return { reason: 'busy' }
  return undefined
}

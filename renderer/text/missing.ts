// Why an action of the main screen is not possible now, and where to get what is missing. Pure.
// Guarantees: only what certainly makes the action fail disables it; everything else is for the wizard to say.
import type { AppState } from '../../core/api/model.ts'

export type ActionName = 'backup' | 'restore' | 'init' | 'key'

export interface Missing {
  reason: 'operator' | 'key' | 'busy'
  /** The wizard that supplies it. */
  wizard?: 'first-start' | 'key'
}

export function missingFor(
  action: ActionName,
  state: Pick<AppState, 'operatorSet' | 'keys' | 'active'>,
): Missing | undefined {
  if (!state.operatorSet) return { reason: 'operator', wizard: 'first-start' }
  const hasKey = state.keys.some((key) => key.kind === 'own' && key.active)
  if (action === 'backup' && !hasKey) return { reason: 'key', wizard: 'key' }
  const working = state.active.some(({ kind }) => ['backup', 'restore', 'undo', 'prune'].includes(kind))
  if ((action === 'backup' || action === 'restore') && working) return { reason: 'busy' }
  return undefined
}

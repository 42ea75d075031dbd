// When an administrator password is proposed: pure. It is never demanded: without one nothing is guarded.
import type { AppState } from './model.ts'
import type { PlanSource } from './plan.ts'
import { isForLabbook } from './plan-source.ts'

/** Why it is proposed. */
export type OperatorProposal = 'people' | 'labbook'

interface Known extends Pick<AppState, 'operatorSet' | 'severalPeople'> {
  /** What is backed up, or about to be. */
  readonly sources: readonly PlanSource[]
}

/** Undefined: it is not proposed, or there is one. */
export function operatorProposal({ operatorSet, severalPeople, sources }: Known): OperatorProposal | undefined {
  if (operatorSet) return undefined
  if (severalPeople) return 'people'
  return sources.some(isForLabbook) ? 'labbook' : undefined
}

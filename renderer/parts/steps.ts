// Which questions a wizard asks, and in which order: pure, so that it can be tested without a window.
// Guarantees: going back is always possible until the work has begun; a question that has its answer already is left out.
import type { AppState } from '../../core/api/model.ts'
import { anyWithoutKey } from '../../core/api/recipe.ts'

export type BackupStep = 'what' | 'medium' | 'review' | 'run'
export type RestoreStep = 'medium' | 'backup' | 'password' | 'what' | 'where' | 'review' | 'run'
export type InitStep = 'medium' | 'name' | 'done'
export type KeyStep = 'why' | 'password' | 'done'
export type ScheduleStep = 'plan' | 'when' | 'medium' | 'conditions' | 'review' | 'done'
export type FirstStep = 'what' | 'key' | 'review' | 'done'

export function backupSteps({ plans }: { plans: number }): BackupStep[] {
  return [...(plans === 1 ? [] : (['what'] as const)), 'medium', 'review', 'run']
}

export const restoreSteps: readonly RestoreStep[] = ['medium', 'backup', 'password', 'what', 'where', 'review', 'run']

export const initSteps: readonly InitStep[] = ['medium', 'name', 'done']

export function keySteps({ hasKey }: { hasKey: boolean }): KeyStep[] {
  return [...(hasKey ? (['why'] as const) : []), 'password', 'done']
}

/** `off`: automatic backups are to be switched off, which needs no more questions. */
export function scheduleSteps({ plans, off }: { plans: number; off: boolean }): ScheduleStep[] {
  const which = plans === 1 ? [] : (['plan'] as const)
  const more = off ? [] : (['medium', 'conditions'] as const)
  return [...which, 'when', ...more, 'review', 'done']
}

/** After the welcome, which asks whether to back up or to restore. */
export const firstSteps: readonly FirstStep[] = ['what', 'key', 'review', 'done']

/** The step after, or the same when it is the last one. */
export function stepAfter<S extends string>(steps: readonly S[], step: S): S {
  return steps[steps.indexOf(step) + 1] ?? step
}

/** The step before, if one can go back: not from the last step (the work has begun). */
export function stepBefore<S extends string>(steps: readonly S[], step: S): S | undefined {
  const index = steps.indexOf(step)
  return index === steps.length - 1 ? undefined : steps[index - 1]
}

/** Steps in the rail that can be clicked: those one could also reach with Back. */
export function reachable<S extends string>(steps: readonly S[], current: S, target: S): boolean {
  let step: S | undefined = current
  while (step !== undefined) {
    step = stepBefore(steps, step)
    if (step === target) return true
  }
  return false
}

/** What the first-start wizard finds done already, when it was left in the middle or a part of it failed. */
export function alreadyDone(state: Pick<AppState, 'keys' | 'plans'>): Record<'key' | 'plan', boolean> {
  return {
    key: state.keys.some((key) => key.kind === 'own' && key.active),
    plan: state.plans.length > 0,
  }
}

/** A key (or a plan that needs none) is there, from whichever window or terminal. */
export function isSetUp(state: Pick<AppState, 'keys' | 'plans'> & { keyTrouble?: AppState['keyTrouble'] }): boolean {
  // A key that is lost is no first start: the main screen says how to bring it back.
  return alreadyDone(state).key || Boolean(state.keyTrouble) || anyWithoutKey(state.plans)
}

/** The word to type before files are replaced, compared as people type: without regard to capitals and outer spaces. */
export function isTypedWord(typed: string, word: string): boolean {
  return typed.trim().toLocaleLowerCase() === word.toLocaleLowerCase()
}

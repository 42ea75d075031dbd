// Whether something should be restarted after a restore, and what. Pure.
// Guarantees: proposed for the newest restore (or its undoing) of a plan only, and not again once a restart has ended well.
import type { Run } from './model.ts'
import type { Plan, Restart } from './plan.ts'

/** `runs`: what is known of them, in any order. */
export function restartAfter(
  run: Run,
  plans: readonly Plan[],
  runs: readonly Run[],
): { plan: Plan; restart: Restart } | undefined {
  const plan = plans.find((one) => one.id === run.planId)
  if (!plan?.restart || !changesData(run) || !endedWell(run)) return undefined
  const since = runs.filter((one) => one.planId === plan.id && one.startedAt > run.startedAt)
  if (since.some((one) => endedWell(one) && (changesData(one) || one.kind === 'restart'))) return undefined
  return { plan, restart: plan.restart }
}

function changesData({ kind }: Run): boolean {
  return kind === 'restore' || kind === 'undo'
}

function endedWell({ outcome }: Run): boolean {
  return outcome === 'success' || outcome === 'warning'
}

// "Am I protected?" as a pure function of what is known: the answer of the main screen, the tray and the terminal's `status`.
// Guarantees: never green on old news: green needs a good backup of every plan within the last day. Computed from history, so a run that
// crashed counts as what it is. Takes no action.
import type { KeyInfo, Plan, Protection, Run } from './model.ts'

const day = 24 * 3600 * 1000
/** A backup started once a day is still fresh when the next one takes a while. */
const fresh = day + 2 * 3600 * 1000

export interface Known {
  operatorSet: boolean
  keys: readonly KeyInfo[]
  plans: readonly Plan[]
  /** Newest first. */
  runs: readonly Run[]
}

/** The answer at the time `now` (ms since 1970). The worst plan decides. */
export function protection(known: Known, now: number): Protection {
  if (!known.operatorSet) return { level: 'unset', reason: 'no-operator', action: 'setup' }
  if (!known.keys.some((key) => key.kind === 'own' && key.active))
    return { level: 'unset', reason: 'no-key', action: 'key' }
  if (known.plans.length === 0) return { level: 'unset', reason: 'no-plan', action: 'setup' }
  const answers = known.plans.map((plan) => ofPlan(plan, known.runs, now))
  return answers.reduce((worst, answer) => (severity(answer) > severity(worst) ? answer : worst))
}

function severity(answer: Protection): number {
  return ['protected', 'attention', 'unprotected', 'unset'].indexOf(answer.level)
}

function ofPlan(plan: Plan, runs: readonly Run[], now: number): Protection {
  const own = runs.filter((run) => run.kind === 'backup' && run.planId === plan.id)
  const good = own.find((run) => run.outcome === 'success' || run.outcome === 'warning')
  const running = own.some((run) => run.outcome === undefined)
  if (!good)
    return running
      ? { level: 'attention', reason: 'running-first' }
      : { level: 'unprotected', reason: 'never', action: 'backup' }
  const since = good.endedAt ?? good.startedAt
  const age = now - Date.parse(since)
  if (age > 7 * day) return { level: 'unprotected', reason: 'very-old', since, action: 'backup' }
  if (age > fresh) return { level: 'attention', reason: 'old', since, action: 'backup' }
  const last = own.find((run) => run.outcome !== undefined && run.outcome !== 'cancelled')
  if (last && last.outcome !== 'success' && last.outcome !== 'warning')
    return { level: 'attention', reason: 'last-failed', since, action: 'show-run' }
  if (good.outcome === 'warning')
    return { level: 'attention', reason: good.complete ? 'not-removed' : 'omissions', since, action: 'show-run' }
  return { level: 'protected', reason: 'recent-success', since }
}

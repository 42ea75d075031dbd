// Which of the runs that ended behind a closed window is told next: one after the other, the worst first. Pure.
import type { Outcome, Run } from '../core/api/model.ts'

/** The worst first. */
const order: readonly Outcome[] = ['error', 'abandoned', 'missed', 'cancelled', 'skipped', 'warning', 'success']

/** `left`: ids of those that come later, or whose end is not in `runs` yet. Of `manual`, what a schedule began is not told. */
export function nextToTell(
  ended: readonly string[],
  runs: readonly Run[],
  which: 'manual' | 'all',
): { readonly run: Run | undefined; readonly left: readonly string[] } {
  const known = runs.flatMap((run) => (run.outcome && ended.includes(run.id) ? [{ ...run, outcome: run.outcome }] : []))
  const [run, ...later] = known
    .filter(({ trigger }) => which === 'all' || trigger === 'manual')
    .sort((one, other) => order.indexOf(one.outcome) - order.indexOf(other.outcome))
  const unknown = ended.filter((id) => !known.some((one) => one.id === id))
  return { run, left: [...unknown, ...later.map(({ id }) => id)] }
}

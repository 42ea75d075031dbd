// Which runs the main screen speaks of. Pure.
import { isLacking, removedSince } from '../../core/api/loss.ts'
import type { Run } from '../../core/api/model.ts'

/**
 * The last ended or missed backup (one that was skipped had another one in its place), and the last that made a usable archive which is still there (also one with omissions, but none
 * that lacks what earlier ones had). `runs` newest first.
 */
export function lastBackups(runs: readonly Run[]): { last: Run | undefined; good: Run | undefined } {
  const ended = runs.filter((run) => run.kind === 'backup' && run.outcome !== undefined && run.outcome !== 'skipped')
  const removed = removedSince(runs)
  const isGood = (run: Run) => (run.outcome === 'success' || run.outcome === 'warning') && !isLacking(run)
  return {
    last: ended[0],
    good: ended.find((run) => isGood(run) && !removed.has(run)),
  }
}

// Which runs the main screen speaks of. Pure.
import type { Run } from '../../core/api/model.ts'

/** The last ended or missed backup (one that was skipped had another one in its place), and the last that made a usable archive (also one with omissions). `runs` newest first. */
export function lastBackups(runs: readonly Run[]): { last: Run | undefined; good: Run | undefined } {
  const ended = runs.filter((run) => run.kind === 'backup' && run.outcome !== undefined && run.outcome !== 'skipped')
  return {
    last: ended[0],
    good: ended.find((run) => run.outcome === 'success' || run.outcome === 'warning'),
  }
}

// Which of the engine's work people are told of while it goes on: what history keeps, not counting or reading. Pure.
import { type AppState, type Progress, RunKind } from './model.ts'

/** Runs that are going on, oldest first. */
export function activeRuns(state: Partial<AppState>): Progress[] {
  return (state.active ?? []).filter((work) => RunKind.safeParse(work.kind).success)
}

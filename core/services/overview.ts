// Reads parts of the state anew (state-parts.ts), with what follows from several of them: "am I protected?" and the alarms.
import { withAcknowledged } from '../api/acknowledge.ts'
import { alarmsOf } from '../api/alarms.ts'
import type { AppState } from '../api/model.ts'
import { overviewOf } from '../api/plan-row.ts'
import type { Parts, Refreshable } from './services.ts'
import { spacesOf } from './space.ts'
import { parts } from './state-parts.ts'

/** Reads these parts anew and tells followers in one change, with the answer to "am I protected?" that follows from them. */
export async function refresh(
  services: Parts,
  systemLanguage: AppState['language'],
  names: readonly Refreshable[],
): Promise<void> {
  const { state } = services
  let changes: Partial<AppState> = {}
  let problem: unknown
  for (const name of names) {
    try {
      changes = { ...changes, ...(await parts[name].read(services, systemLanguage)) }
    } catch (error) {
      // Who waits for one part (the end of a run) must not miss it because another one cannot be read.
      problem ??= error
    }
  }
  state.set({ ...changes, ...assess(services, { ...state.current, ...changes }) })
  if (problem !== undefined) throw problem
}

/** Recomputes what ages and what the schedules say; tells followers only of a change. */
export function judge(services: Parts, schedules = services.state.current.schedules): void {
  const { state } = services
  const aged: Partial<AppState> = { schedules, ...parts.paused.read(services, state.current.language) }
  const answer: Partial<AppState> = { ...aged, ...assess(services, { ...state.current, ...aged }) }
  const changes = Object.entries(answer).filter(
    ([part, value]) => JSON.stringify(value) !== JSON.stringify(state.current[part as keyof AppState]),
  )
  if (changes.length > 0) state.set(Object.fromEntries(changes))
}

/** "Am I protected?" and the alarms, from what is known at this moment. */
function assess(
  { ledger, config, now, zone }: Parts,
  known: AppState,
): Pick<AppState, 'protection' | 'rows' | 'alarms' | 'space'> {
  const here = zone()
  // A backup that is still good may be older than the runs that windows get.
  const runs = [...known.runs, ...ledger.lastGoods()]
  const space = spacesOf(ledger, known, now(), here)
  const found = known.plans.flatMap((plan) => {
    const state = known.schedules.find((schedule) => schedule.planId === plan.id)
    const own = space.filter(({ planId }) => planId === plan.id)
    return alarmsOf(plan, { ...ledger.of(plan.id), state, space: own }, now(), here)
  })
  const alarms = withAcknowledged(found, config.current.acknowledged ?? {}, now())
  const { rows, headline } = overviewOf({ ...known, runs }, ledger.of, now(), here)
  return { protection: headline, rows, alarms, space }
}

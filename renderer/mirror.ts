// The engine's state as this window knows it, and the one reducer that changes it.
// Guarantees: pure; a part is replaced whole; events older than what is known are ignored; the state is shown only once all
// its parts have arrived, and the last known state stays visible while the connection is being made again.
import { AppState, type StateEvent } from '../core/api/model.ts'

/** `fresh`: the next event is the first of its stream and carries every part. */
export interface Mirror {
  connected: boolean
  fresh: boolean
  seq: number
  state?: AppState
}

export type MirrorEvent = { type: 'opened' } | { type: 'lost' } | { type: 'event'; event: StateEvent }

export const emptyMirror: Mirror = { connected: false, fresh: true, seq: -1 }

export function reduce(mirror: Mirror, event: MirrorEvent): Mirror {
  if (event.type === 'opened') return { ...mirror, connected: false, fresh: true, seq: -1 }
  if (event.type === 'lost') return { ...mirror, connected: false }
  const { seq, changes } = event.event
  if (mirror.fresh) {
    const whole = AppState.safeParse(changes)
    return whole.success ? { connected: true, fresh: false, seq, state: whole.data } : mirror
  }
  if (seq <= mirror.seq || !mirror.state) return mirror
  return { ...mirror, seq, state: merge(mirror.state, changes) }
}

function merge(state: AppState, changes: StateEvent['changes']): AppState {
  const present = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
  return { ...state, ...present }
}

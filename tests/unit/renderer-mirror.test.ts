// The window's mirror of the engine's state: whole at first, then changed part by part, and never by something older.
import { describe, expect, it } from 'vitest'
import type { AppState } from '../../core/api/model.ts'
import { emptyMirror, type Mirror, reduce } from '../../renderer/mirror.ts'

const state: AppState = {
  version: '1',
  host: 'h',
  dataFolder: '/d',
  home: '/h',
  settings: { language: 'system', welcomed: true },
  language: 'en',
  operatorSet: true,
  keychain: { remembered: false },
  keys: [],
  keyTrouble: null,
  plans: [],
  media: [],
  known: [],
  runs: [],
  active: [],
  mail: { waiting: 0, givenUp: 0, pings: [] },
  protection: { level: 'unset', reason: 'no-key' },
  schedules: [],
  paused: null,
  alarms: [],
}

const opened = reduce(emptyMirror, { type: 'opened' })
const whole = (seq: number): Mirror => reduce(opened, { type: 'event', event: { seq, changes: state } })

describe('reduce', () => {
  it('shows nothing before all parts have arrived', () => {
    const partly = reduce(opened, { type: 'event', event: { seq: 1, changes: { version: '1' } } })
    expect(partly.state).toBeUndefined()
    expect(partly.connected).toBe(false)
    expect(whole(7)).toEqual({ connected: true, fresh: false, seq: 7, state })
  })

  it('replaces a part whole and leaves the others', () => {
    const changed = reduce(whole(1), { type: 'event', event: { seq: 2, changes: { language: 'fr' } } })
    expect(changed.state).toEqual({ ...state, language: 'fr' })
  })

  it('ignores what is older than what it knows, and absent parts', () => {
    const known = whole(5)
    expect(reduce(known, { type: 'event', event: { seq: 5, changes: { language: 'fr' } } })).toBe(known)
    expect(reduce(known, { type: 'event', event: { seq: 4, changes: { language: 'fr' } } })).toBe(known)
    const changes = { language: undefined, operatorSet: false } as unknown as Partial<AppState>
    expect(reduce(known, { type: 'event', event: { seq: 6, changes } }).state).toEqual({ ...state, operatorSet: false })
  })

  it('keeps the last state while the connection is made again, and starts counting afresh', () => {
    const lost = reduce(whole(900), { type: 'lost' })
    expect(lost).toMatchObject({ connected: false, state })
    const again = reduce(lost, { type: 'opened' })
    expect(again).toMatchObject({ connected: false, seq: -1, state })
    const other = { ...state, version: '2' }
    expect(reduce(again, { type: 'event', event: { seq: 0, changes: other } })).toMatchObject({
      connected: true,
      seq: 0,
      state: other,
    })
  })
})

// The table of screens: what navigation makes of it, and that the compiler checks the parameters of a route.
import { describe, expect, it } from 'vitest'
import type { AppState } from '../../core/api/model.ts'
import { areasOf, isFlow, possible, sectionsOf, surroundingsOf } from '../../renderer/routes.tsx'
import type { Route } from '../../renderer/store.ts'

const state = (welcomed: boolean) => ({ settings: { welcomed }, keys: [], plans: [], runs: [] }) as unknown as AppState

describe('the screens', () => {
  it('lead only to areas that make sense: before anything is set up, to the overview and the settings', () => {
    expect(areasOf(state(false))).toEqual(['overview', 'settings'])
    expect(areasOf(state(true))).toEqual(['overview', 'backups', 'plans', 'places', 'activity', 'settings'])
  })

  it('are replaced by the overview where they make no sense', () => {
    expect(possible({ name: 'plan', id: 'x' }, state(false))).toEqual({ name: 'overview' })
    expect(possible({ name: 'plan', id: 'x' }, state(true))).toEqual({ name: 'plan', id: 'x' })
  })

  it('are sections of an area, below one, or flows without one', () => {
    expect(sectionsOf('settings').map(({ name, title }) => [name, title])).toEqual([
      ['settings', 'window.area.general'],
      ['notifications', 'window.area.notifications'],
      ['keys', 'window.area.keys'],
      ['security', 'window.area.security'],
      ['background', 'window.area.background'],
      ['help', 'help.title'],
      ['about', 'window.area.about'],
    ])
    expect(sectionsOf('plans')).toEqual([])
    expect(surroundingsOf('plan')).toMatchObject({ area: 'plans', below: true })
    expect(surroundingsOf('keys')).toMatchObject({ area: 'settings', below: false })
    expect(isFlow({ name: 'restore' })).toBe(true)
    expect(isFlow({ name: 'run', id: 'x' })).toBe(false)
  })

  it('get the parameters that they declare, or do not compile', () => {
    const right: Route[] = [{ name: 'run', id: 'x' }, { name: 'plan-edit' }, { name: 'schedule', plan: 'x' }]
    // @ts-expect-error a run is known by its id
    const without: Route = { name: 'run' }
    // @ts-expect-error the overview has no parameters of that name
    const other: Route = { name: 'overview', id: 'x' }
    // @ts-expect-error no such screen
    const none: Route = { name: 'nowhere' }
    expect([...right, without, other, none]).toHaveLength(6)
  })
})

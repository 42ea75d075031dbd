// The state stream: all parts first, then each change once, merged for whoever is slow.
import { describe, expect, it } from 'vitest'
import { AppState } from '../../core/api/model.ts'
import { createState } from '../../core/services/state.ts'
import { initialState, parts } from '../../core/services/state-parts.ts'

const initial = { version: '1', operatorSet: false, runs: [] } as unknown as AppState

describe('state', () => {
  it('gives everything first and later changes in order', async () => {
    const hub = createState(initial)
    const stream = hub.follow()
    expect((await stream.next()).value).toMatchObject({ changes: { version: '1', operatorSet: false } })
    const next = stream.next()
    hub.set({ operatorSet: true })
    expect((await next).value).toMatchObject({ seq: 1, changes: { operatorSet: true } })
    expect(hub.current.operatorSet).toBe(true)
  })

  it('merges what a slow follower missed, the newest winning', async () => {
    const hub = createState(initial)
    const stream = hub.follow()
    await stream.next()
    hub.set({ operatorSet: true })
    hub.set({ version: '2' })
    hub.set({ version: '3' })
    expect((await stream.next()).value).toEqual({ seq: 3, changes: { operatorSet: true, version: '3' } })
  })

  it('lets followers go when they leave, when they cancel and when it closes', async () => {
    const hub = createState(initial)
    const controller = new AbortController()
    const cancelled = hub.follow(controller.signal)
    const open = hub.follow()
    await Promise.all([cancelled.next(), open.next()])
    const waiting = [cancelled.next(), open.next()]
    controller.abort()
    hub.close()
    expect(await Promise.all(waiting)).toMatchObject([{ done: true }, { done: true }])
  })
})

describe('the parts of the state', () => {
  const facts = { version: '1', host: 'pc', dataFolder: '/data', home: '/home', severalPeople: false }

  it('make a whole state before any of them is read', () => {
    expect(AppState.parse(initialState(facts))).toEqual(initialState(facts))
    expect(Object.keys(initialState(facts)).sort()).toEqual(Object.keys(AppState.shape).sort())
  })

  it('are each read in one place', () => {
    const keys = Object.values(parts).flatMap(({ initial }) => Object.keys(initial))
    expect(keys).toEqual([...new Set(keys)])
  })
})

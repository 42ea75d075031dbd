// What the window shows: the mirror of the engine's state, and the little that belongs to the window alone (where one is).
// Guarantees: the mirror changes only through `reduce`; the stream is followed again after every break.
// Does not hold passwords: wizards keep them in their own memory and forget them when they close.
import { create } from 'zustand'
import { useShallow } from 'zustand/react/shallow'
import type { AppState } from '../core/api/model.ts'
import { type Client, type Connection, onConnection } from './client.ts'
import { emptyMirror, type Mirror, type MirrorEvent, reduce } from './mirror.ts'
import type { HelpChapter } from './text/help.ts'

/** The screens by name, each with its parameters: the rows of routes.tsx, which are joined to this from there. */
// biome-ignore lint/suspicious/noEmptyInterface: routes.tsx knows the screens, and screens know this file
export interface Screens {}

export type ScreenName = keyof Screens

/** A screen that can be shown, with what it needs to know. */
export type Route = { [Name in ScreenName]: { name: Name } & Screens[Name] }[ScreenName]

interface View {
  route: Route
  /** The first-start wizard was left; it is not shown again by itself in this session. */
  setupLeft: boolean
  /** The chapter of the help that lies beside the screen. */
  help: HelpChapter | undefined
  /** The screens before this one, the latest last. */
  past: readonly Route[]
  /** Drives that are to be ejected when they are used no more: where they are mounted, and the id of those that are places. */
  ejecting: readonly { readonly path: string; readonly id: string | undefined }[]
  /** The forms on this screen in which something was changed and not saved. */
  unsaved: readonly string[]
  /** Where to, once that was asked about. */
  leavingTo: Route | undefined
  /** The way back from there, where one goes back. */
  leavingPast: readonly Route[] | undefined
}

export interface Store extends View {
  mirror: Mirror
}

export const useStore = create<Store>()(() => ({
  mirror: emptyMirror,
  route: { name: 'overview' },
  setupLeft: false,
  help: undefined,
  past: [],
  ejecting: [],
  unsaved: [],
  leavingTo: undefined,
  leavingPast: undefined,
}))

/** How many screens the way back remembers. */
const remembered = 30

/** To another screen; where something was typed on this one and not saved, it is asked about first (parts/unsaved.tsx). */
export function show(route: Route): void {
  const { unsaved, route: here } = useStore.getState()
  if (unsaved.length === 0) leaveTo(route)
  // The screen that is shown already is not left.
  else if (JSON.stringify(route) !== JSON.stringify(here))
    useStore.setState({ leavingTo: route, leavingPast: undefined })
}

/** Without asking: what was typed is saved, or not wanted. */
export function leaveTo(route: Route, back?: readonly Route[]): void {
  useStore.setState(({ route: from, past }) => ({
    route,
    help: undefined,
    past: back ?? [...past, from].slice(-remembered),
    unsaved: [],
    leavingTo: undefined,
  }))
}

/** To the screen before this one, but for those that are not to be entered anew; asks as `show` does. */
export function back(enters: (route: Route) => boolean): void {
  useStore.setState(({ past, unsaved }) => {
    const at = past.findLastIndex(enters)
    const route = past[at]
    if (!route) return {}
    return unsaved.length > 0
      ? { leavingTo: route, leavingPast: past.slice(0, at) }
      : { route, help: undefined, past: past.slice(0, at) }
  })
}

/** To the overview; the first-start wizard does not come back by itself until the program is started again. */
export function leaveSetup(): void {
  useStore.setState({ route: { name: 'overview' }, setupLeft: true })
}

function dispatch(event: MirrorEvent): void {
  useStore.setState((store) => ({ mirror: reduce(store.mirror, event) }))
}

/** Follows the engine of every connection, from now on. */
export function mirrorEngine(): void {
  onConnection((connection) => void follow(connection))
}

/** Until the connection is lost; a stream that ends earlier, for whatever reason, is opened again after a pause that grows. */
async function follow({ client, lost }: Connection): Promise<void> {
  let pause = 250
  lost.addEventListener('abort', () => dispatch({ type: 'lost' }))
  while (!lost.aborted) {
    dispatch({ type: 'opened' })
    const received = await followOnce(client, lost)
    if (lost.aborted) return
    dispatch({ type: 'lost' })
    if (received) pause = 250
    await delay(pause)
    pause = Math.min(pause * 2, 8000)
  }
}

/** True when anything arrived. Why a stream broke does not matter here: the window says that it is connecting. */
async function followOnce(client: Client, lost: AbortSignal): Promise<boolean> {
  let received = false
  try {
    for await (const event of await client.app.follow({}, { signal: lost })) {
      if (lost.aborted) return received
      dispatch({ type: 'event', event })
      received = true
    }
    return received
  } catch {
    return received
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/**
 * What `select` makes of the engine's state; drawn anew only when that differs, because progress changes the state four times a second.
 * Objects and lists that it makes are compared by what is in them. Only for parts that are drawn once the state is there (see app.tsx).
 */
export function useFromEngine<T>(select: (state: AppState) => T): T {
  return useStore(
    useShallow((store) => {
      if (!store.mirror.state) throw new Error('drawn before the state arrived')
      return select(store.mirror.state)
    }),
  )
}

/** These parts of the engine's state. */
export function useEngine<Part extends keyof AppState>(...parts: [Part, ...Part[]]): Pick<AppState, Part> {
  return useFromEngine((state) => Object.fromEntries(parts.map((part) => [part, state[part]])) as Pick<AppState, Part>)
}

// What a screen may ask of the window around it: its title, and to be left.
// Does not know which screens there are: app.tsx tells.
import { createContext, useContext } from 'react'
import { show } from '../store.ts'
import { type Key, useText } from '../text/i18n.ts'

interface Surrounded {
  readonly title: Key
  /** To where one came from: of a flow, the screen that was shown before it. */
  readonly leave: () => void
}

const Surrounding = createContext<Surrounded>({ title: 'common.app', leave: () => show({ name: 'overview' }) })

export const Surrounds = Surrounding.Provider

export function useLeave(): () => void {
  return useContext(Surrounding).leave
}

export function useScreenTitle(): string {
  return useText().say(useContext(Surrounding).title)
}

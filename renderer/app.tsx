// The window: theme, language, the screen one is on, and the dialog for the operator password.
// Shows the last known state under a notice while the connection to the engine is being made again; acts on nothing by itself.
// Tests find things by role and name, and by `data-testid` where neither says enough: such an id stays what it is.
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { memo, Suspense, useCallback, useDeferredValue, useEffect, useLayoutEffect, useRef } from 'react'
import { HelpDrawer } from './areas/help/help-drawer.tsx'
import { Frame } from './frame.tsx'
import { Connecting } from './parts/connecting.tsx'
import { EjectsWhenDone } from './parts/eject-button.tsx'
import { OperatorDialog } from './parts/operator.tsx'
import { Surrounds } from './parts/screen.tsx'
import { isSetUp } from './parts/steps.ts'
import { LeaveDialog } from './parts/unsaved.tsx'
import { isFlow, load, possible, Screen, surroundingsOf } from './routes.tsx'
import { type Route, show, useFromEngine, useStore } from './store.ts'
import { useText } from './text/i18n.ts'
import { cssVariables, theme } from './theme.ts'

export function App() {
  const { language } = useText()
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <Notifications position="bottom-right" />
      <Shown />
      <OperatorDialog />
      <HelpDrawer />
      <LeaveDialog />
    </MantineProvider>
  )
}

function Shown() {
  const present = useStore((store) => store.mirror.state !== undefined)
  // What was set up in a terminal needs no welcome: the overview leads to whatever is still missing.
  const welcomed = useStore(({ mirror: { state } }) => !state || state.settings.welcomed || isSetUp(state))
  const setupLeft = useStore((store) => store.setupLeft)
  const first = !welcomed && !setupLeft
  useLayoutEffect(() => {
    // Once opened, the wizard stays until it is left: its own end sets `welcomed`.
    if (present && first) useStore.setState({ route: { name: 'first-start' }, setupLeft: true })
  }, [present, first])
  return present && !first ? <ShownRoute /> : <Connecting />
}

/** The next screen is drawn in small pieces while the former one is still there: drawn in one go, it keeps the window from answering. */
function ShownRoute() {
  const wanted = useStore((store) => store.route)
  const name = useFromEngine((state) => possible(wanted, state).name)
  const route = useDeferredValue<Route>(name === wanted.name ? wanted : { name: 'overview' })
  // Where a flow leads back to: the last screen that was none.
  const origin = useRef<Route>({ name: 'overview' })
  useEffect(() => {
    if (!isFlow(route)) origin.current = route
  }, [route])
  const leave = useCallback(() => show(origin.current), [])
  return (
    <Suspense fallback={<Connecting />}>
      <ShownScreen route={route} leave={leave} />
      <EjectsWhenDone />
    </Suspense>
  )
}

const ShownScreen = memo(function ShownScreen({ route, leave }: { route: Route; leave: () => void }) {
  const { title } = surroundingsOf(route.name)
  // With one screen there, the others can follow: none has to be waited for, and none goes away with a newer program that is installed meanwhile.
  useEffect(() => void load(), [])
  const screen = <Screen route={route} />
  return (
    <Surrounds value={{ title, leave }}>{isFlow(route) ? screen : <Frame name={route.name}>{screen}</Frame>}</Surrounds>
  )
})

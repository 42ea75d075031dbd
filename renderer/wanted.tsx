// Shows what the tray icon or a notification asks for.
// Guarantees: a wizard under way is not left by it, because its answers would be lost: a note with a link stands in then.
import { Anchor } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { DesktopScreen } from '../core/api/desktop.ts'
import { translator } from '../core/api/text/text.ts'
import { type Connection, onConnection } from './client.ts'
import { isFlow } from './routes.tsx'
import { type Route, show, useStore } from './store.ts'
import { useText } from './text/i18n.ts'
import { missingFor } from './text/missing.ts'

/** Follows the desktop of every connection, from now on. */
export function followDesktop(): void {
  onConnection((connection) => void follow(connection))
}

/** A stream that breaks breaks with its connection; the next one has a new stream. */
async function follow({ client, lost }: Connection): Promise<void> {
  try {
    for await (const screen of await client.shell.wanted({}, { signal: lost })) arrive(screen)
  } catch {
    return
  }
}

const note = 'wanted'

function arrive(screen: DesktopScreen): void {
  const { route, mirror, unsaved } = useStore.getState()
  const target = routeOf(screen)
  notifications.hide(note)
  // The window is wanted, whatever it shows: a form is not left for that.
  if (screen.name === 'main' && unsaved.length > 0) return
  // The same flow: what is answered there stays.
  if (isFlow(route) && target.name === route.name) return
  if (!isFlow(route)) show(target)
  else if (target.name !== 'overview')
    notifications.show({
      id: note,
      message: <Link target={target} />,
      autoClose: false,
      withBorder: true,
      closeButtonProps: { 'aria-label': translator(mirror.state?.language ?? 'en')('window.close') },
    })
}

function routeOf(screen: DesktopScreen): Route {
  if (screen.name === 'run' || screen.name === 'help') return screen
  const { state } = useStore.getState().mirror
  const possible = screen.name === 'backup' && state && !missingFor('backup', state)
  return { name: possible ? 'backup' : 'overview' }
}

function Link({ target }: { target: Route }) {
  const { say } = useText()
  const go = () => {
    notifications.hide(note)
    show(target)
  }
  return (
    <>
      {say('desktop.wanted.busy')}{' '}
      <Anchor component="button" size="sm" onClick={go} data-testid="wanted-go">
        {say('desktop.wanted.go')}
      </Anchor>
    </>
  )
}

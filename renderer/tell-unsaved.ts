// Tells the desktop whether something was typed and not saved, so that it asks before the program ends.
import { onConnection } from './client.ts'
import { useStore } from './store.ts'

/** From now on, on every connection. */
export function tellUnsaved(): void {
  onConnection(({ client, lost }) => {
    let told: boolean | undefined
    const tell = (unsaved: boolean) => {
      if (unsaved === told) return
      told = unsaved
      // On a connection that is lost; the next one is told anew.
      client.shell.holds({ unsaved }).catch(() => undefined)
    }
    tell(useStore.getState().unsaved.length > 0)
    const stop = useStore.subscribe(({ unsaved }) => tell(unsaved.length > 0))
    lost.addEventListener('abort', stop)
  })
}

// Where the window begins: listen for the engine's port first, so that none is missed, then draw.
// Guarantees: works without any connection; what is shown then says that it is connecting.
import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './app.css'
import './wizard.css'
import './sections.css'
import './areas/restore/restore.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { listenForPorts } from './client.ts'
import { offerFont } from './fonts.ts'
import { load } from './routes.tsx'
import { followKeys } from './shortcuts.ts'
import { mirrorEngine } from './store.ts'
import { tellUnsaved } from './tell-unsaved.ts'
import { followDesktop } from './wanted.tsx'

offerFont()
// While the state is on its way.
void load('overview')
mirrorEngine()
followDesktop()
tellUnsaved()
followKeys(window)
listenForPorts(window)

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}

// Global set-up of the Playwright run: the Electron program (ARCHE_ELECTRON), a fresh out/. Displays are the workers' matter (tests/e2e/desk.ts).
// What `npm test` already prepared is used; `npx playwright test` alone prepares the same, all but the keyring session.
import { ensureBuilt, projectRoot } from './compile.mjs'
import { findElectron } from './electron-runtime.mjs'

export default async function setup() {
  if (!process.env.ARCHE_ELECTRON) process.env.ARCHE_ELECTRON = (await findElectron(projectRoot)).program
  await ensureBuilt()
}

// Global set-up of the Playwright run: the Electron program (ARCHE_ELECTRON), a fresh out/, a private display (DISPLAY).
// What `npm test` already prepared is used; `npx playwright test` alone prepares the same, all but the keyring session.
import { ensureBuilt, projectRoot } from './compile.mjs'
import { startDisplay } from './display.mjs'
import { findElectron } from './electron-runtime.mjs'

/** @returns {Promise<() => Promise<void>>} the teardown */
export default async function setup() {
  if (!process.env.ARCHE_ELECTRON) process.env.ARCHE_ELECTRON = (await findElectron(projectRoot)).program
  await ensureBuilt()
  if (process.platform !== 'linux') return async () => undefined
  // Never the person's own display: windows would open under their hands, and the size decides what is visible.
  const display = await startDisplay()
  process.env.DISPLAY = display.name
  delete process.env.WAYLAND_DISPLAY
  return display.stop
}

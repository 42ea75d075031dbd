// What `npm test` does once Node is known to be new enough: set-up, then build/run-parts.mjs inside a private session.
import { join } from 'node:path'
import { ensureBuilt, projectRoot } from './compile.mjs'
import { ensureModules } from './modules.mjs'
import { chosenParts, parts } from './parts.mjs'
import { runInSession } from './session.mjs'
import { Stop } from './stop.mjs'
import { ensureSystem } from './system.mjs'

/** @param {string[]} args what was typed after `npm test --` */
export async function test(args) {
  const { names, files } = chosenParts(args)
  const needed = names.map((name) => parts[name])
  const windows = needed.some((part) => part.needs === 'electron')
  await ensureSystem(windows ? ['terminal', 'test', 'window'] : ['terminal', 'test'])
  await ensureModules(projectRoot)
  const env = { ...process.env }
  if (windows) {
    const { findElectron } = await import('./electron-runtime.mjs')
    env.ARCHE_ELECTRON = (await findElectron(projectRoot)).program
  }
  if (needed.some((part) => part.needs)) await ensureBuilt()
  const script = [join(projectRoot, 'build', 'run-parts.mjs'), names.join(','), ...files]
  const code = await runInSession(process.execPath, script, { cwd: projectRoot, env })
  if (code === 70) throw new Stop('gnome-keyring-daemon did not start, so the keychain cannot be tested.')
  return code
}

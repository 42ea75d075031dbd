// What `npm start` does once Node is known to be new enough: set-up, then the window or the terminal form.
// Does not know anything of backups: arguments are handed over as they are.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { replaceWith } from './child.mjs'
import { ensureBuilt, projectRoot } from './compile.mjs'
import { hasDisplay } from './display.mjs'
import { ensureModules } from './modules.mjs'
import { Stop, say } from './stop.mjs'
import { ensureSystem } from './system.mjs'

/** @param {string[]} args what the person typed after `npm start --` */
export async function start(args) {
  if (args.length > 0) return runTerminal(args)
  if (!hasDisplay()) {
    say('There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so the window cannot open.')
    say('Arche works from the terminal as well: npm start -- COMMAND\n')
    return runTerminal(['--help'])
  }
  return openWindow()
}

/**
 * The folder the person is in. npm changes to the project's folder and keeps the other in INIT_CWD.
 * @param {NodeJS.ProcessEnv} env
 */
export function callersFolder(env) {
  return env.INIT_CWD && existsSync(env.INIT_CWD) ? env.INIT_CWD : process.cwd()
}

/** @param {string[]} args */
async function runTerminal(args) {
  await ensureModules(projectRoot)
  await ensureSystem(['terminal'])
  await ensureBuilt()
  const program = join(projectRoot, 'out', 'main', 'cli.js')
  return replaceWith(process.execPath, ['--enable-source-maps', program, ...args], { cwd: callersFolder(process.env) })
}

async function openWindow() {
  await ensureSystem(['terminal', 'window'])
  await ensureModules(projectRoot)
  const { findElectron } = await import('./electron-runtime.mjs')
  const electron = await findElectron(projectRoot)
  await ensureBuilt()
  const env = { ...process.env }
  delete env.ELECTRON_RUN_AS_NODE
  return replaceWith(electron.program, [...sandboxArguments(electron.program), projectRoot], { cwd: projectRoot, env })
}

/** Chromium's sandbox: impossible for root, and on some systems possible only with a helper program owned by root. @param {string} program */
function sandboxArguments(program) {
  if (process.platform !== 'linux') return []
  if (process.getuid?.() === 0) {
    say(
      'Running as root: Chromium cannot use its sandbox then, so it starts with --no-sandbox. Better start Arche as a normal user.',
    )
    return ['--no-sandbox']
  }
  const helper = join(dirname(program), 'chrome-sandbox')
  if (userNamespacesRefused() && !isSetuidRoot(helper)) {
    throw new Stop("This system allows Chromium's sandbox only with a helper program that belongs to root.", {
      type: [`sudo chown root:root '${helper}'`, `sudo chmod 4755 '${helper}'`, 'npm start'],
    })
  }
  return []
}

function userNamespacesRefused() {
  /** @param {string} name @param {string} value */
  const setting = (name, value) =>
    existsSync(`/proc/sys/kernel/${name}`) && readFileSync(`/proc/sys/kernel/${name}`, 'utf8').trim() === value
  return setting('unprivileged_userns_clone', '0') || setting('apparmor_restrict_unprivileged_userns', '1')
}

/** @param {string} file */
function isSetuidRoot(file) {
  if (!existsSync(file)) return false
  const { uid, mode } = statSync(file)
  return uid === 0 && (mode & 0o4000) !== 0
}

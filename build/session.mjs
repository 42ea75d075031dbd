// A private desktop session for tests: its own D-Bus, its own unlocked keyring (a real Secret Service), its own settings folders.
// Guarantees: the person's keyring and settings are neither read nor changed; everything ends with the command.
// Only Linux has it; elsewhere the command runs as it is, with the system's own keychain.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { replaceWith } from './child.mjs'

// The keyring's password is not a secret: it opens an empty keyring in a folder that is removed afterwards.
const unlockAndRun =
  'printf arche | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1 || exit 70; exec "$@"'

/**
 * Runs a command inside such a session.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>} its exit code; 70 when the keyring could not be started
 */
export async function runInSession(command, args, { cwd, env }) {
  if (process.platform !== 'linux') return replaceWith(command, args, { cwd, env })
  const home = await mkdtemp(join(tmpdir(), 'arche-session-'))
  const folders = Object.fromEntries(
    ['CONFIG_HOME', 'DATA_HOME', 'STATE_HOME', 'RUNTIME_DIR'].map((name) => [`XDG_${name}`, home]),
  )
  try {
    const wrapped = ['--', 'sh', '-c', unlockAndRun, 'sh', command, ...args]
    return await replaceWith('dbus-run-session', wrapped, { cwd, env: { ...env, ...folders } })
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

// Starting with the person's login, hidden in the tray: an XDG autostart entry on Linux, the system's login items elsewhere (Electron).
// Guarantees: what is told is read from the system each time, also when somebody changed it outside Arche; switching off leaves nothing behind.
// Each data folder has an entry of its own, so that a second one (ARCHE_HOME) does not take the place of the first.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import type { App } from 'electron'
import type { Language } from '../core/api/model.ts'
import { translator } from '../core/api/text/text.ts'
import { errnoOf, fromErrno, writeDurably } from '../core/lib/files.ts'
import { homeFolder } from '../core/lib/person.ts'
import { entryText, readEntry } from './desktop-entry.ts'

/** Started so, the program shows no window. */
export const hiddenArgument = '--hidden'

export interface Autostart {
  isOn(): Promise<boolean>
  /** Failure (`denied`, `no-space`…) where the system's settings cannot be written. */
  set(on: boolean, language: Language): Promise<void>
  /** An entry that names a program that is gone (an AppImage that was moved or replaced) names this one from now on. */
  renew(language: Language): Promise<void>
}

/** `home`: the data folder. */
export function openAutostart(app: App, home: string, env: NodeJS.ProcessEnv = process.env): Autostart {
  return process.platform === 'linux' ? xdgAutostart(app, home, env) : loginItem(app)
}

/** True when nobody asked for a window. */
export function startedHidden(app: App, argv: readonly string[] = process.argv): boolean {
  if (argv.includes(hiddenArgument)) return true
  return process.platform === 'darwin' && app.getLoginItemSettings().wasOpenedAtLogin
}

function loginItem(app: App): Autostart {
  // On Windows an entry is recognised by its arguments.
  const how = { args: [hiddenArgument] }
  return {
    isOn: async () => app.getLoginItemSettings(how).openAtLogin,
    set: async (on) => app.setLoginItemSettings({ openAtLogin: on, ...how }),
    renew: async () => undefined,
  }
}

function xdgAutostart(app: App, home: string, env: NodeJS.ProcessEnv): Autostart {
  const path = entryPath(home, env)
  async function write(language: Language): Promise<void> {
    const text = entryText({
      name: 'Arche',
      comment: translator(language)('desktop.autostart.comment'),
      program: programOf(app, env),
      env: env.ARCHE_HOME ? { ARCHE_HOME: home } : {},
    })
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      await writeDurably(path, text)
    } catch (error) {
      throw fromErrno(error, { path, name: path })
    }
  }
  return {
    isOn: async () => readEntry(await read(path)).on,
    async set(on, language) {
      if (on) return write(language)
      await rm(path, { force: true }).catch((error: unknown) => {
        throw fromErrno(error, { path, name: path })
      })
    },
    async renew(language) {
      const { on, program } = readEntry(await read(path))
      if (on && program !== undefined && !existsSync(program)) await write(language)
    },
  }
}

/** Of an AppImage: the file that the person keeps, not the place where it is mounted now. */
function programOf(app: App, env: NodeJS.ProcessEnv): string[] {
  const program = env.APPIMAGE && isAbsolute(env.APPIMAGE) ? env.APPIMAGE : process.execPath
  return [
    program,
    ...(app.commandLine.hasSwitch('no-sandbox') ? ['--no-sandbox'] : []),
    ...(app.isPackaged ? [] : [app.getAppPath()]),
    hiddenArgument,
  ]
}

function entryPath(home: string, env: NodeJS.ProcessEnv): string {
  // A relative XDG_CONFIG_HOME is invalid and ignored: XDG Base Directory Specification 0.8, "Basics".
  const config = env.XDG_CONFIG_HOME
  const base = config && isAbsolute(config) ? config : join(homeFolder(env) ?? '/', '.config')
  const other = env.ARCHE_HOME ? `-${createHash('sha256').update(home).digest('hex').slice(0, 8)}` : ''
  return join(base, 'autostart', `arche${other}.desktop`)
}

/** '' where there is no entry. */
async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return ''
    throw fromErrno(error, { path, name: path })
  }
}

// How Arche is there while its window is closed: tray icon, notifications, start at login, waking with the computer.
// Guarantees: with a schedule, or started at login, the program stays when the window is closed, and says so the first time; also where the
// desktop shows no tray icons: it is then opened by starting it again. Holds no backup logic.
import { join } from 'node:path'
import { type App, type BrowserWindow, powerMonitor } from 'electron'
import type { DesktopScreen } from '../core/api/desktop.ts'
import type { Language } from '../core/api/model.ts'
import { endOfPause, pauses } from '../core/api/pause.ts'
import { translator } from '../core/api/text/text.ts'
import { type Autostart, openAutostart, startedHidden } from './autostart.ts'
import type { EngineLink } from './engine-link.ts'
import { openNotices } from './notices.ts'
import { TrayIcon } from './tray.ts'
import { isScheduled, type TrayCommand } from './tray-view.ts'

export interface PresenceParts {
  app: App
  home: string
  /** The window's own folder, for what has been told. */
  profile: string
  images: string
  window: BrowserWindow
  engine: EngineLink
  language(): Language
  /** Shows the window, there. */
  open(screen?: DesktopScreen): void
  quit(): void
  notice(text: string, error: unknown): void
}

export interface Presence {
  autostart: Autostart
  /** A tray icon can be seen. */
  tray(): boolean
  /** Closing the window does not end the program. */
  stays(): boolean
  /** Automatic backups depend on this process. */
  schedules(): boolean
  /** The window was closed and the program stays. */
  stayed(): void
  /** The state or the language changed. */
  changed(): void
  close(): void
}

export function openPresence(parts: PresenceParts): Presence {
  const { app, engine, language, notice } = parts
  const state = () => engine.state()
  const system = openAutostart(app, parts.home)
  let atLogin = startedHidden(app)
  const autostart: Autostart = {
    ...system,
    async set(on, words) {
      await system.set(on, words)
      atLogin = on
    },
  }
  system
    .renew(language())
    .then(() => system.isOn())
    .then((on) => {
      atLogin ||= on
    })
    .catch((error: unknown) => notice('start at login could not be looked at', error))
  const notices = openNotices({
    file: join(parts.profile, 'notices.json'),
    state,
    language,
    watched: () => !parts.window.isDestroyed() && parts.window.isVisible() && parts.window.isFocused(),
    open: parts.open,
    notice,
  })
  const act = (command: TrayCommand) => obey(command, parts)
  const tray = new TrayIcon({ images: parts.images, state, language, act, notice })
  // Whoever slept must look at the clock: a due time may have passed meanwhile.
  powerMonitor.on('resume', engine.wake)
  powerMonitor.on('unlock-screen', engine.wake)
  return {
    autostart,
    tray: () => tray.visible,
    stays: () => atLogin || isScheduled(state()),
    schedules: () => engine.owns() && isScheduled(state()),
    stayed() {
      const t = translator(language())
      const how = tray.visible ? 'tray' : 'hidden'
      notices.tellOnce(how, t('desktop.stays.title'), t(`desktop.stays.${how}`))
    },
    changed() {
      tray.update()
      notices.look()
    },
    close() {
      powerMonitor.off('resume', engine.wake)
      powerMonitor.off('unlock-screen', engine.wake)
      notices.close()
      tray.close()
    },
  }
}

function obey(command: TrayCommand, { engine, open, quit, notice }: PresenceParts): void {
  const told = (error: unknown) => notice('the pause could not be changed', error)
  const pause = pauses.find((one) => command === `pause-${one}`)
  if (pause) {
    const until = new Date(endOfPause(pause, Date.now())).toISOString()
    engine
      .connect()
      ?.then((client) => client.schedule.pause({ until }))
      .catch(told)
  } else if (command === 'resume')
    engine
      .connect()
      ?.then((client) => client.schedule.resume({}))
      .catch(told)
  else if (command === 'quit') quit()
  else open(command === 'backup' ? { name: 'backup' } : undefined)
}

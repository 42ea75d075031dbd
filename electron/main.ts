// The desktop program: one process for each data folder, one window, one engine. Puts the parts together and holds no backup logic.
// Guarantees: the page's scheme, the locks on pages and the single instance are in force before anything is shown; window and engine open
// at the same time; every message from a page is checked for its sender before it is answered.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  app,
  type BrowserWindow,
  dialog,
  type IpcMainEvent,
  ipcMain,
  MessageChannelMain,
  type MessagePortMain,
  nativeTheme,
  powerMonitor,
  shell,
} from 'electron'
import type { DesktopScreen } from '../core/api/desktop.ts'
import { toProblem } from '../core/api/failure.ts'
import type { Language } from '../core/api/model.ts'
import { describe as inWords, languageOf } from '../core/api/text/text.ts'
import { dataFolderPath } from '../core/config/config.ts'
import { takeEnvironment } from '../core/lib/process.ts'
import { hiddenArgument, startedHidden } from './autostart.ts'
import { serve } from './bridge.ts'
import { type EngineLink, linkEngine } from './engine-link.ts'
import { closedSession, isFromPage, lockPages } from './guard.ts'
import { Life } from './life.ts'
import { openLog } from './log.ts'
import { setMenu } from './menu.ts'
import { openPresence, type Presence } from './presence.ts'
import { registerScheme, serveFolder } from './protocol.ts'
import { createShell } from './shell.ts'
import { findTerminalProgram } from './terminal-program.ts'
import { type Trouble, tellTrouble } from './trouble.ts'
import { createWanted } from './wanted.ts'
import { openWindow } from './window.ts'

const here = import.meta.dirname
const windowIcon = join(here, '../../resources/icons/256.png')

/** Before the engine has told the language that was chosen. */
const systemLanguage = (): Language => languageOf(app.getPreferredSystemLanguages()[0] ?? app.getLocale())

// The window asks for passwords; those of a terminal's environment are not for it, nor for what it starts.
takeEnvironment()
registerScheme()
// With --no-sandbox (root in a container) Chromium refuses to be told otherwise; each window asks for its sandbox all the same.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
lockPages(app, !app.isPackaged)
begin()

function begin(): void {
  try {
    const home = dataFolderPath(process.env)
    const profile = join(home, 'desktop')
    mkdirSync(profile, { recursive: true, mode: 0o700 })
    app.setPath('userData', profile)
    // Windows shows notifications of programs with a name only (the appId of build/package-config.mjs).
    app.setAppUserModelId('io.github.arche.backup')
    if (app.requestSingleInstanceLock()) run(home, profile)
    else app.exit(0)
  } catch (error) {
    const { text, hint } = inWords(toProblem(error), systemLanguage())
    dialog.showErrorBox('Arche', `${text}\n\n${hint}`)
    app.exit(1)
  }
}

/** What there is of the program so far: its parts know each other through this, because each comes into being at its own time. */
interface Program {
  readonly home: string
  readonly profile: string
  readonly hidden: boolean
  readonly notice: (text: string, error?: unknown) => void
  readonly language: () => Language
  readonly trouble: Trouble
  window?: BrowserWindow
  engine?: EngineLink
  life?: Life
  presence?: Presence
  /** Shows the window, and in it what is asked for. */
  open?: (screen?: DesktopScreen) => void
}

function run(home: string, profile: string): void {
  const log = openLog(join(home, 'arche.log'))
  const language = () => program.engine?.state().language ?? systemLanguage()
  const program: Program = {
    home,
    profile,
    hidden: startedHidden(app),
    notice: (text, error) => log.write('warning', text, error),
    language,
    trouble: tellTrouble({ log, language, window: () => program.window }),
  }
  process.on('uncaughtException', program.trouble.bug)
  process.on('unhandledRejection', program.trouble.bug)
  // The login may start what a person has started already.
  app.on('second-instance', (_event, argv) => argv.includes(hiddenArgument) || program.life?.show())
  app.on('activate', () => program.life?.show())
  app
    .whenReady()
    .then(() => start(program))
    .catch(program.trouble.bug)
}

function start(program: Program): void {
  const { home, profile, hidden, notice, language, trouble } = program
  const window = openWindow({
    session: closedSession('window', serveFolder(join(here, '../renderer'))),
    preload: join(here, '../preload/preload.cjs'),
    icon: windowIcon,
    boundsFile: join(profile, 'window.json'),
    development: !app.isPackaged,
    hidden,
    onCrash: trouble.crash,
    onNotice: notice,
  })
  const page = attendPage(window, notice)
  const engine = openLink(program, page)
  const life = new Life({ app, window, engine, hidden, presence: () => program.presence, language, notice })
  const wanted = createWanted()
  const open = (screen?: DesktopScreen) => {
    if (screen) wanted.ask(screen)
    life.show()
  }
  const presence = openPresence({
    app,
    home,
    profile,
    images: join(here, '../../resources/tray'),
    window,
    engine,
    language,
    open,
    quit: () => life.quit(),
    notice,
  })
  Object.assign(program, { window, engine, life, presence, open } satisfies Partial<Program>)
  const { autostart, tray } = presence
  const desk = createShell({
    window: () => window,
    language,
    restart: () => life.restart(),
    holds: (unsaved) => life.hold(unsaved),
    wanted,
    autostart,
    tray,
  })
  // What a page held is gone with it.
  window.webContents.on('render-process-gone', () => life.hold(false))
  page.answer((port) => {
    const connecting = engine.connect()
    connecting
      ?.then((calls) => serve(port, calls, desk, (error) => notice('a message that is no call was refused', error)))
      .catch((error: unknown) => notice('a page was not connected', error))
    return connecting !== undefined
  })
  setMenuIn(program, language())
}

/** The engine of this data folder; what it says goes to window, tray and menus. */
function openLink(program: Program, page: { connect(): void; disconnect(): void }): EngineLink {
  let spoken: Language | undefined
  return linkEngine(
    {
      home: program.home,
      version: app.getVersion(),
      workerUrl: pathToFileURL(join(here, 'worker.js')),
      language: systemLanguage(),
      role: 'window',
      schedules: true,
      now: () => Date.now(),
      terminalProgram: findTerminalProgram(here, app.isPackaged),
      // On Linux the engine reads it from the kernel itself.
      ...(process.platform === 'linux' ? {} : { onBattery: async () => powerMonitor.isOnBatteryPower() }),
    },
    {
      opened: () => page.connect(),
      lost: () => page.disconnect(),
      changed: (state) => {
        if (program.language() !== spoken) setMenuIn(program, program.language())
        spoken = program.language()
        // The page, the frame of the window and its background follow.
        const theme = state.settings?.theme ?? 'system'
        if (nativeTheme.themeSource !== theme) nativeTheme.themeSource = theme
        program.life?.changed(state)
        program.presence?.changed()
      },
      failed: async (error) => {
        const again = await program.trouble.start(error)
        if (!again) program.life?.leave()
        return again
      },
      notice: program.notice,
    },
  )
}

function setMenuIn({ home, open }: Program, language: Language): void {
  setMenu(app, {
    language,
    development: !app.isPackaged,
    icon: windowIcon,
    showDataFolder: () => void shell.openPath(home),
    showHelp: () => open?.({ name: 'help' }),
  })
}

/** Gives the page a port when it asks for one and an engine is there, and a new one whenever there is a new engine. */
function attendPage(window: BrowserWindow, notice: (text: string) => void) {
  const { webContents } = window
  let asked = false
  let open: ((port: MessagePortMain) => boolean) | undefined
  let current: MessagePortMain | undefined
  const connect = () => {
    if (!asked || !open || window.isDestroyed()) return
    const { port1, port2 } = new MessageChannelMain()
    if (!open(port1)) return
    current?.close()
    current = port1
    webContents.mainFrame.postMessage('arche:port', null, [port2])
  }
  ipcMain.on('arche:ready', (event: IpcMainEvent) => {
    if (!isFromPage(event.senderFrame, webContents)) return notice('a message from a stranger was refused')
    asked = true
    connect()
  })
  webContents.on('render-process-gone', () => {
    asked = false
  })
  return {
    connect,
    /** The page then shows that it is waiting, instead of asking in vain. */
    disconnect() {
      current?.close()
      current = undefined
    },
    answer(opener: (port: MessagePortMain) => boolean) {
      open = opener
      connect()
    },
  }
}

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
  shell,
} from 'electron'
import { toProblem } from '../core/api/failure.ts'
import type { Language } from '../core/api/model.ts'
import { describe as inWords, languageOf } from '../core/api/text/text.ts'
import { dataFolderPath } from '../core/config.ts'
import { serve } from './bridge.ts'
import { type EngineLink, linkEngine } from './engine-link.ts'
import { closedSession, isFromPage, lockPages } from './guard.ts'
import { Life } from './life.ts'
import { openLog } from './log.ts'
import { setMenu } from './menu.ts'
import { registerScheme, serveFolder } from './protocol.ts'
import { createShell } from './shell.ts'
import { tellTrouble } from './trouble.ts'
import { openWindow } from './window.ts'

const here = import.meta.dirname

/** Before the engine has told the language that was chosen. */
const systemLanguage = (): Language => languageOf(app.getPreferredSystemLanguages()[0] ?? app.getLocale())

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
    if (app.requestSingleInstanceLock()) run(home, profile)
    else app.exit(0)
  } catch (error) {
    const { text, hint } = inWords(toProblem(error), systemLanguage())
    dialog.showErrorBox('Arche', `${text}\n\n${hint}`)
    app.exit(1)
  }
}

function run(home: string, profile: string): void {
  const log = openLog(join(home, 'arche.log'))
  const notice = (text: string, error?: unknown) => log.write('warning', text, error)
  let window: BrowserWindow | undefined
  let engine: EngineLink | undefined
  let life: Life | undefined
  const language = () => engine?.state().language ?? systemLanguage()
  const trouble = tellTrouble({ log, language, window: () => window })
  process.on('uncaughtException', trouble.bug)
  process.on('unhandledRejection', trouble.bug)
  app.on('second-instance', () => life?.show())
  app.on('activate', () => life?.show())

  const start = () => {
    const opened = openWindow({
      session: closedSession('window', serveFolder(join(here, '../renderer'))),
      preload: join(here, '../preload/preload.cjs'),
      icon: join(here, '../../resources/icons/256.png'),
      boundsFile: join(profile, 'window.json'),
      development: !app.isPackaged,
      onCrash: trouble.crash,
      onNotice: notice,
    })
    window = opened
    const page = attendPage(opened, notice)
    let spoken: Language | undefined
    const speak = () => {
      if (language() === spoken) return
      spoken = language()
      const showDataFolder = () => void shell.openPath(home)
      setMenu(app, { language: spoken, development: !app.isPackaged, showDataFolder })
    }
    const link = linkEngine(
      {
        home,
        version: app.getVersion(),
        workerUrl: pathToFileURL(join(here, 'worker.js')),
        language: systemLanguage(),
        role: 'window',
      },
      {
        opened: () => page.connect(),
        lost: () => page.disconnect(),
        changed: (state) => {
          speak()
          life?.changed(state)
        },
        failed: async (error) => {
          const again = await trouble.start(error)
          if (!again) life?.leave()
          return again
        },
        notice,
      },
    )
    engine = link
    const begun = new Life({ app, window: opened, engine: link, language, notice })
    life = begun
    const desk = createShell({ window: () => opened, language, restart: () => begun.leave(true) })
    page.answer((port) => {
      const connecting = link.connect()
      connecting
        ?.then((calls) => serve(port, calls, desk, (error) => notice('a message that is no call was refused', error)))
        .catch((error: unknown) => notice('a page was not connected', error))
      return connecting !== undefined
    })
    speak()
  }
  app.whenReady().then(start).catch(trouble.bug)
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

// The one window: made early and shown as soon as it has something to show.
// Guarantees: sandboxed, isolated, without Node, without storage; reloaded once when its process dies, and a second time only when the
// person asks for it. Knows nothing of what the page does.
import { BrowserWindow, nativeTheme, type Session } from 'electron'
import { readBounds, saveBounds, smallest } from './bounds.ts'
import { appOrigin } from './protocol.ts'

/** Background before the page has painted: that of renderer/theme.ts. */
const background = () => (nativeTheme.shouldUseDarkColors ? '#14191c' : '#f6f8f9')

/** Two crashes within this time (ms) are one problem that reloading does not solve. */
const crashWindow = 60_000

export interface WindowOptions {
  session: Session
  preload: string
  icon: string
  boundsFile: string
  development: boolean
  /** Not shown until somebody asks for it. */
  hidden: boolean
  /** The page's process died a second time shortly after a reload; true = the person wants another try. */
  onCrash(reason: string, again: boolean): Promise<boolean>
  onNotice(text: string, error?: unknown): void
}

export function openWindow(options: WindowOptions): BrowserWindow {
  const { maximised, ...bounds } = readBounds(options.boundsFile)
  const window = new BrowserWindow({
    ...bounds,
    minWidth: smallest.width,
    minHeight: smallest.height,
    show: false,
    title: 'Arche',
    icon: options.icon,
    backgroundColor: background(),
    autoHideMenuBar: true,
    webPreferences: {
      session: options.session,
      preload: options.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      nodeIntegrationInWorker: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      disableDialogs: true,
      spellcheck: false,
      devTools: options.development,
    },
  })
  if (maximised) window.maximize()
  if (!options.hidden) window.once('ready-to-show', () => window.show())
  window.on('close', () => remember(window, options))
  nativeTheme.on('updated', () => !window.isDestroyed() && window.setBackgroundColor(background()))
  reviveAfterCrash(window, options)
  load(window, options)
  return window
}

function load(window: BrowserWindow, options: WindowOptions): void {
  window
    .loadURL(`${appOrigin}/index.html`)
    .catch((error: unknown) => options.onNotice('the page could not be loaded', error))
}

function remember(window: BrowserWindow, options: WindowOptions): void {
  try {
    saveBounds(options.boundsFile, window)
  } catch (error) {
    options.onNotice('the position of the window could not be kept', error)
  }
}

function reviveAfterCrash(window: BrowserWindow, options: WindowOptions): void {
  let last = Number.NEGATIVE_INFINITY
  window.webContents.on('render-process-gone', (_event, details) => {
    if (details.reason === 'clean-exit' || window.isDestroyed()) return
    const again = performance.now() - last < crashWindow
    last = performance.now()
    options.onCrash(details.reason, again).then(
      (reload) => reload && !window.isDestroyed() && load(window, options),
      (error: unknown) => options.onNotice('after a crash of the page', error),
    )
  })
}

export function bringForward(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}

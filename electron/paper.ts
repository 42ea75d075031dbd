// Pages for paper: a self-contained HTML page (the recovery sheet) as PDF or to the printer, through a hidden window.
// Guarantees: the page runs no script, loads nothing, and lives in a session in memory of its own; the window is gone afterwards.
import { randomUUID } from 'node:crypto'
import { BrowserWindow } from 'electron'
import { closedSession } from './guard.ts'
import { scheme } from './protocol.ts'

const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

const pages = new Map<string, string>()

/** A4 with the margins that the sheet's own style asks for. */
export async function toPdf(html: string): Promise<Uint8Array> {
  return onPaper(html, (window) =>
    window.webContents.printToPDF({
      pageSize: 'A4',
      printBackground: true,
      preferCSSPageSize: true,
      generateTaggedPDF: true,
    }),
  )
}

/** Opens the system's print dialog; false when the person closed it or there is no printer. */
export async function toPrinter(html: string): Promise<boolean> {
  return onPaper(
    html,
    (window) =>
      new Promise((resolve) =>
        window.webContents.print({ silent: false, printBackground: true }, (done) => resolve(done)),
      ),
  )
}

async function onPaper<T>(html: string, work: (window: BrowserWindow) => Promise<T>): Promise<T> {
  const name = randomUUID()
  pages.set(name, html)
  const window = new BrowserWindow({
    show: false,
    webPreferences: {
      session: paperSession(),
      javascript: false,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      images: true,
      spellcheck: false,
      devTools: false,
    },
  })
  try {
    await window.loadURL(`${scheme}://paper/${name}`)
    return await work(window)
  } finally {
    pages.delete(name)
    window.destroy()
  }
}

let made: Electron.Session | undefined

function paperSession(): Electron.Session {
  made ??= closedSession('paper', async (request) => {
    const html = pages.get(new URL(request.url).pathname.slice(1))
    const headers = {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
    }
    return new Response(html ?? '', { status: html === undefined ? 404 : 200, headers })
  })
  return made
}

// What no page in this program may do, whatever it contains: leave its address, open windows, ask for permissions, reach the network.
// Guarantees: applies to every page from its creation, also to pages that a later version forgets to think of.
import { type App, type Session, session, type WebContents, type WebFrameMain } from 'electron'
import { appOrigin, scheme } from './protocol.ts'

/** Locks every page that will ever be created. `development`: the developer tools may open. */
export function lockPages(app: App, development: boolean): void {
  app.on('web-contents-created', (_event, contents) => lock(contents, development))
}

function lock(contents: WebContents, development: boolean): void {
  const refuse = (event: { preventDefault(): void }) => event.preventDefault()
  contents.on('will-navigate', refuse)
  contents.on('will-frame-navigate', refuse)
  contents.on('will-redirect', refuse)
  contents.on('will-attach-webview', refuse)
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  if (!development) contents.on('devtools-opened', () => contents.closeDevTools())
}

/** A session in memory (no cookies, cache or storage on disk) that grants nothing and loads nothing but `arche:` addresses. */
export function closedSession(name: string, serve: (request: Request) => Promise<Response>): Session {
  const closed = session.fromPartition(name, { cache: false })
  closed.protocol.handle(scheme, serve)
  // Fetches of the session itself pass no `webRequest`.
  closed.protocol.handle('file', () => new Response('', { status: 403 }))
  closed.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  closed.setPermissionCheckHandler(() => false)
  closed.setDevicePermissionHandler(() => false)
  closed.setSpellCheckerEnabled(false)
  closed.on('will-download', (event) => event.preventDefault())
  closed.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !isOwn(details.url) }))
  return closed
}

function isOwn(address: string): boolean {
  return [`${scheme}:`, 'devtools:', 'data:'].includes(new URL(address).protocol)
}

/** True when a message comes from the top frame of that very page, and the page is ours. */
export function isFromPage(frame: WebFrameMain | null, contents: WebContents): boolean {
  return (
    frame !== null &&
    frame === contents.mainFrame &&
    frame.parent === null &&
    frame.origin === appOrigin &&
    frame.url.startsWith(`${appOrigin}/`)
  )
}

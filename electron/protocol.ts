// The page's own address, arche://app/: serves the files of the compiled window, and nothing else on the disk.
// Guarantees: only GET, only regular files below the root whatever the address contains, known types only, a strict content policy with each
// answer. The same scheme carries the page that is printed (see paper.ts), in a session of its own.
import { readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { protocol } from 'electron'

export const scheme = 'arche'

/** Origin of the window's page; nothing else is ever spoken to. */
export const appOrigin = `${scheme}://app`

const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'none'",
  // Connections between browsers are no fetches: connect-src does not see them.
  "webrtc 'block'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

/** Must run before the program is ready: standard (relative addresses, an origin) and secure (as trustworthy as https). */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true } }])
}

/** The handler that serves the files below `root` at `appOrigin`. */
export function serveFolder(root: string): (request: Request) => Promise<Response> {
  return async (request) => {
    const path = request.method === 'GET' ? locate(root, request.url) : undefined
    const type = path && types[extname(path)]
    if (!path || !type) return answer(404, 'text/plain', '')
    try {
      return answer(200, type, await readFile(path))
    } catch {
      return answer(404, 'text/plain', '')
    }
  }
}

/** The file that an address stands for; undefined for everything that is not below `root`. */
function locate(root: string, address: string): string | undefined {
  const url = new URL(address)
  if (url.protocol !== `${scheme}:` || url.host !== 'app') return undefined
  const name = decoded(url.pathname === '/' ? '/index.html' : url.pathname)
  if (name === undefined || /[\0\\:]/.test(name)) return undefined
  const path = join(root, name)
  return path.startsWith(root.endsWith(sep) ? root : root + sep) ? path : undefined
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function answer(status: number, type: string, body: BodyInit): Response {
  return new Response(body, {
    status,
    headers: {
      'Content-Type': type,
      'Content-Security-Policy': contentPolicy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
    },
  })
}

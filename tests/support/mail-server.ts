// A real mail server on loopback (smtp-server), with certificates of its own authority (openssl), as good or as bad as a test wants it.
// Guarantees: everything is stopped and removed when the test has ended; what was received can be awaited.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export interface Received {
  readonly from: string
  readonly to: readonly string[]
  readonly headers: string
  readonly text: string
  readonly html: string
  readonly secure: boolean
  readonly user: string | undefined
}

export interface MailServer {
  readonly port: number
  readonly received: readonly Received[]
  /** Resolves once that many mails have been received in all. */
  seen(count: number): Promise<readonly Received[]>
  /** How often somebody has connected. */
  readonly connections: number
  close(): Promise<void>
}

export interface MailServerOptions {
  readonly port?: number
  /** `starttls` offers it, `tls` begins with it, `plain` knows no encryption. */
  readonly security?: 'starttls' | 'tls' | 'plain'
  readonly certificate?: Pick<Certificate, 'key' | 'cert'>
  readonly account?: { readonly user: string; readonly password: string }
  /** An answer other than yes to these recipients. */
  readonly refuse?: Readonly<Record<string, { code: number; text: string }>>
  readonly server?: SMTPServerOptions
  /** Waited for before a message is accepted. */
  readonly beforeAccept?: () => Promise<void>
}

export async function startMailServer(options: MailServerOptions = {}): Promise<MailServer> {
  const received: Received[] = []
  let connections = 0
  let wake: (() => void)[] = []
  const { security = 'plain', account, refuse = {}, certificate } = options
  const server = new SMTPServer({
    secure: security === 'tls',
    hideSTARTTLS: security !== 'starttls',
    ...(security === 'plain' ? { disabledCommands: ['STARTTLS'] } : {}),
    ...(certificate ?? (security === 'plain' ? { key: authority().key, cert: authority().cert } : {})),
    authOptional: account === undefined,
    disableReverseLookup: true,
    logger: false,
    onConnect(_session, callback) {
      connections += 1
      callback()
    },
    onAuth(auth, _session, callback) {
      if (auth.username === account?.user && auth.password === account?.password)
        return callback(null, { user: auth.username })
      return callback(Object.assign(new Error(`Bad password ${auth.password}`), { responseCode: 535 }))
    },
    onRcptTo({ address }, _session, callback) {
      const no = refuse[address]
      callback(no ? Object.assign(new Error(no.text), { responseCode: no.code }) : null)
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', async () => {
        await options.beforeAccept?.()
        const { mailFrom, rcptTo } = session.envelope
        received.push({
          ...parse(Buffer.concat(chunks).toString('latin1')),
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          secure: session.secure,
          user: session.user,
        })
        callback(null, 'taken')
        for (const resolve of wake.splice(0)) resolve()
      })
    },
    ...options.server,
  })
  // Clients that a test makes give up.
  server.on('error', () => undefined)
  const listening = server.listen(options.port ?? 0, '127.0.0.1')
  await once(listening, 'listening')
  return {
    port: (listening.address() as AddressInfo).port,
    received,
    get connections() {
      return connections
    },
    async seen(count) {
      while (received.length < count) await new Promise<void>((resolve) => wake.push(resolve))
      return received
    },
    async close() {
      wake = []
      for (const connection of server.connections) connection.close()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** The parts of a mail with a text and an HTML alternative (RFC 2045), decoded. */
function parse(raw: string): Pick<Received, 'headers' | 'text' | 'html'> {
  const [headers = '', ...body] = raw.split('\r\n\r\n')
  const boundary = /boundary="([^"]+)"/.exec(headers)?.[1]
  const parts = boundary ? body.join('\r\n\r\n').split(`--${boundary}`) : [raw]
  const part = (type: string) => {
    const found = parts.find((text) => text.toLowerCase().includes(`content-type: ${type}`)) ?? ''
    const [head = '', ...rest] = found.split('\r\n\r\n')
    return decoded(rest.join('\r\n\r\n').trimEnd(), head)
  }
  return { headers: unfolded(headers), text: part('text/plain'), html: part('text/html') }
}

function decoded(text: string, head: string): string {
  if (/base64/i.test(head)) return Buffer.from(text, 'base64').toString('utf8')
  const bytes = text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  const whole = /quoted-printable/i.test(head) ? bytes : text
  return Buffer.from(whole, 'latin1').toString('utf8').replaceAll('\r\n', '\n')
}

/** One line a header, encoded words (RFC 2047) in clear. */
function unfolded(headers: string): string {
  return headers
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/\r\n[ \t]+/g, ' ')
    .replace(/=\?UTF-8\?([QB])\?([^?]*)\?=/gi, (_, how: string, text: string) =>
      how.toUpperCase() === 'B'
        ? Buffer.from(text, 'base64').toString('utf8')
        : decoded(text.replaceAll('_', ' '), 'quoted-printable'),
    )
}

export interface Certificate {
  readonly key: string
  readonly cert: string
}

let made: (Certificate & { folder: string }) | undefined

/** An authority that nobody trusts by itself; the same for a whole test file. */
export function authority(): Certificate {
  if (made) return made
  const folder = mkdtempSync(join(tmpdir(), 'arche-authority-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const args = ['-subj', '/CN=Arche test authority', '-days', '30', '-keyout', 'ca.key', '-out', 'ca.pem']
  openssl(folder, ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...args])
  made = {
    folder,
    key: readFileSync(join(folder, 'ca.key'), 'utf8'),
    cert: readFileSync(join(folder, 'ca.pem'), 'utf8'),
  }
  return made
}

/** A certificate of that authority for these names (`DNS:localhost`, `IP:127.0.0.1`). */
export function certificateFor(names: string): Certificate {
  authority()
  const folder = made?.folder ?? ''
  writeFileSync(join(folder, 'names.ext'), `subjectAltName=${names}\n`)
  const subject = ['-subj', '/CN=test', '-keyout', 'server.key', '-out', 'server.csr']
  openssl(folder, ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...subject])
  const from = ['-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '30']
  openssl(folder, ['x509', '-req', ...from, '-extfile', 'names.ext', '-out', 'server.pem'])
  return {
    key: readFileSync(join(folder, 'server.key'), 'utf8'),
    cert: readFileSync(join(folder, 'server.pem'), 'utf8'),
  }
}

function openssl(folder: string, args: readonly string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
}

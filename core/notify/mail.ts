// One mail to one address through the server of the settings (nodemailer).
// Guarantees: certificates are checked, always; `starttls` never goes on unencrypted; everything ends within a bounded time; what the server
// answered is told in a Failure, with the password cut out of it. Does not queue or retry: see outbox.ts.
import { Failure } from '../api/failure.ts'
import type { MailSettings } from '../api/mail.ts'
import { visible } from '../api/text/visible.ts'

/** What stands in a mail. `id`: the same for every attempt, so that a reader's program can recognise one that came twice. */
export interface Message {
  readonly id: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Milliseconds: until the server greets, between two answers, and for all of it. */
export interface Patience {
  readonly connect: number
  readonly answer: number
  readonly whole: number
}

const patience: Patience = { connect: 20_000, answer: 30_000, whole: 90_000 }

export interface Envelope {
  readonly to: string
  /** For people, beside the sender's address. */
  readonly sender: string
  readonly date: Date
}

/**
 * Failures, all retryable: `mail-unreachable` {server, reason}, `mail-tls` {server, reason}, `mail-denied` {server, account, answer}, `mail-recipient`
 * {address, answer}, `mail-rejected` {server, answer}.
 */
export async function sendMail(
  settings: MailSettings,
  password: string | undefined,
  message: Message,
  envelope: Envelope,
  { signal, limits = patience }: { signal?: AbortSignal; limits?: Patience } = {},
): Promise<void> {
  const { from, account } = settings
  const overdue = AbortSignal.timeout(limits.whole)
  // Loaded by the first mail: few starts send one.
  const { createTransport } = await import('nodemailer')
  const transport = createTransport({
    host: settings.host,
    port: settings.port,
    secure: settings.security === 'tls',
    requireTLS: settings.security === 'starttls',
    ignoreTLS: settings.security === 'none',
    connectionTimeout: limits.connect,
    greetingTimeout: limits.connect,
    dnsTimeout: limits.connect,
    socketTimeout: limits.answer,
    tls: {
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      ...(settings.authority === undefined ? {} : { ca: settings.authority }),
    },
    ...(account === undefined || password === undefined ? {} : { auth: { user: account, pass: password } }),
    // A mail never reads files or addresses of the network, whatever stands in it.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  try {
    await transport.sendMail({
      envelope: { from, to: [envelope.to] },
      from: { name: visible(envelope.sender), address: from },
      to: envelope.to,
      messageId: `<${message.id}@${from.slice(from.lastIndexOf('@') + 1)}>`,
      date: envelope.date,
      subject: visible(message.subject),
      text: message.text,
      html: message.html,
      // RFC 3834: no absence notes in return.
      headers: { 'Auto-Submitted': 'auto-generated' },
      signal: signal ? AbortSignal.any([signal, overdue]) : overdue,
    })
  } catch (error) {
    if (signal?.aborted) throw new Failure('cancelled', {}, { cause: error })
    throw overdue.aborted ? unreachable(settings, 'timeout', error) : fromMailer(error, settings, password, envelope.to)
  } finally {
    transport.close()
  }
}

/** What nodemailer's errors carry (its errors.ts, "ERROR_CODES"); `response` is the server's answer. */
interface MailerError extends Error {
  readonly code?: unknown
  readonly response?: unknown
  readonly command?: unknown
}

function fromMailer(error: unknown, settings: MailSettings, password: string | undefined, address: string): unknown {
  if (!(error instanceof Error)) return error
  const { code, response, command }: MailerError = error
  const server = serverOf(settings)
  const failure = (name: Failure['code'], details: Failure['details']) =>
    new Failure(name, details, { retryable: true, cause: error })
  const tls = tlsReason(error)
  if (tls !== undefined) return failure('mail-tls', { server, reason: tls })
  const answer = answerOf(
    typeof response === 'string' && response !== '' ? response : error.message,
    settings,
    password,
  )
  if (code === 'EAUTH') return failure('mail-denied', { server, account: settings.account ?? '—', answer })
  if (code === 'EENVELOPE' && command === 'RCPT TO') return failure('mail-recipient', { address, answer })
  // Turned away at the door, whatever would have been sent: the server's words are the reason.
  if (code === 'EPROTOCOL' && response && (command === 'CONN' || command === 'EHLO'))
    return unreachable(settings, answer, error)
  const reason = connectionReason(error)
  if (reason !== undefined) return unreachable(settings, reason, error)
  return typeof code === 'string' ? failure('mail-rejected', { server, answer }) : error
}

function unreachable(settings: MailSettings, reason: string, cause: unknown): Failure {
  return new Failure('mail-unreachable', { server: serverOf(settings), reason }, { retryable: true, cause })
}

function serverOf({ host, port }: Pick<MailSettings, 'host' | 'port'>): string {
  return `${host}:${port}`
}

/** Words of OpenSSL and Node for what is wrong with a certificate → the reason of the catalogue. */
const certificates: readonly (readonly [RegExp, string])[] = [
  [/altname|does not match certificate/i, 'certificate-name'],
  [/expired/i, 'certificate-expired'],
  [/not yet valid/i, 'certificate-early'],
  [/self[- ]signed|unable to (verify|get)|issuer|certificate/i, 'certificate-unknown'],
]

/** Why the encryption failed, if it did. */
function tlsReason(error: Error): string | undefined {
  const words = [error.message, ...('code' in error ? [String(error.code)] : [])].join(' ')
  const certificate = certificates.find(([pattern]) => pattern.test(words))
  if (certificate) return certificate[1]
  if ('code' in error && error.code === 'ETLS') return 'no-encryption'
  return /wrong version number|packet length too long|ssl|tls/i.test(error.message) ? 'no-encryption' : undefined
}

function connectionReason(error: MailerError): string | undefined {
  if (/ECONNREFUSED/.test(error.message)) return 'connection-refused'
  if (error.code === 'EDNS' || /ENOTFOUND|EAI_AGAIN/.test(error.message)) return 'name-unknown'
  if (error.code === 'ETIMEDOUT') return 'timeout'
  if (/EHOSTUNREACH|ENETUNREACH/.test(error.message)) return 'no-route'
  return error.code === 'ECONNECTION' || error.code === 'ESOCKET' ? 'connection-closed' : undefined
}

/** The server's own words, in one line. A server may repeat what it was sent: nothing that holds the password gets through. */
function answerOf(text: string, { account }: MailSettings, password: string | undefined): string {
  const base64 = (value: string) => Buffer.from(value).toString('base64')
  const secrets = password === undefined ? [] : [password, base64(password), base64(`\0${account}\0${password}`)]
  const clean = secrets.reduce((now, secret) => now.replaceAll(secret, '…'), text)
  return visible(clean.replace(/[\r\n]+/g, ' ').trim()).slice(0, 300)
}

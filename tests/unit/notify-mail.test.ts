// One mail through a real server on loopback: what arrives, over which connection, and in which words a server's refusal is told.
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Failure } from '../../core/api/failure.ts'
import { MailSettings } from '../../core/api/mail.ts'
import { describe as inWords } from '../../core/api/text/text.ts'
import { sendMail } from '../../core/notify/mail.ts'
import {
  authority,
  certificateFor,
  type MailServer,
  type MailServerOptions,
  startMailServer,
} from '../support/mail-server.ts'

const good = certificateFor('DNS:localhost,IP:127.0.0.1')
const message = { id: 'one', subject: 'Échec – «docs»', text: 'Bonjour é\n', html: '<p>Bonjour é</p>' }
const envelope = { to: 'anna@example.org', sender: 'Arche (pc)', date: new Date('2026-03-06T12:00:00Z') }

async function serverWith(options: MailServerOptions): Promise<MailServer> {
  const server = await startMailServer(options)
  onTestFinished(() => server.close())
  return server
}

function settingsFor(port: number, more: Partial<MailSettings> = {}): MailSettings {
  const settings = { host: 'localhost', port, security: 'starttls' as const, from: 'arche@example.org', recipients: [] }
  return MailSettings.parse({ ...settings, authority: authority().cert, ...more })
}

async function refusal(settings: MailSettings, password?: string): Promise<Failure> {
  const limits = { connect: 2_000, answer: 2_000, whole: 4_000 }
  return sendMail(settings, password, message, envelope, { limits }).then(
    () => Promise.reject(new Error('it was sent')),
    (error: Failure) => error,
  )
}

const account = { user: 'me@example.org', password: 'pa ss é' }

describe('a mail', () => {
  it('arrives over STARTTLS with account, as it was written', async () => {
    const server = await serverWith({ security: 'starttls', certificate: good, account })
    await sendMail(settingsFor(server.port, { account: account.user }), account.password, message, envelope)
    const [mail] = await server.seen(1)
    expect(mail).toMatchObject({ from: 'arche@example.org', to: [envelope.to], secure: true, user: account.user })
    expect(mail?.text).toContain('Bonjour é')
    expect(mail?.html).toContain('<p>Bonjour é</p>')
    expect(mail?.headers).toMatch(/^Subject: Échec – «docs»$/m)
    expect(mail?.headers).toMatch(/^From: "?Arche \(pc\)"? <arche@example.org>$/m)
    expect(mail?.headers).toMatch(/^Message-ID: <one@example.org>$/m)
    expect(mail?.headers).toMatch(/^Auto-Submitted: auto-generated$/m)
    expect(mail?.headers).toMatch(/^Date: Fri, 06 Mar 2026 12:00:00 \+0000$/m)
  })

  it.each([
    ['tls', 'tls', true],
    ['none', 'plain', false],
    ['none', 'starttls', false],
  ] as const)('arrives with the security %s at a server with %s', async (security, offered, secure) => {
    const server = await serverWith({ security: offered, certificate: good })
    await sendMail(settingsFor(server.port, { security }), undefined, message, envelope)
    expect((await server.seen(1))[0]).toMatchObject({ secure })
  })

  it('cannot get a header of its own from a name, nor read a file', async () => {
    const server = await serverWith({})
    const hostile = {
      ...message,
      subject: 'x\r\nBcc: evil@example.org\r\n\r\nbody',
      html: '<img src="file:///etc/passwd">',
    }
    const sender = 'Arche\r\nX-Evil: 1'
    await sendMail(settingsFor(server.port, { security: 'none' }), undefined, hostile, { ...envelope, sender })
    const [mail] = await server.seen(1)
    expect(mail?.to).toEqual([envelope.to])
    expect(mail?.headers).not.toMatch(/^(Bcc|X-Evil):/m)
    expect(mail?.headers).toMatch(/^Subject: x‹000D›‹000A›Bcc: evil@example.org/m)
    expect(mail?.html).toContain('file:///etc/passwd')
  })

  it.each(['a@b\r\nRCPT TO:<evil@x>', 'a b@c', 'a@b,c@d', '<a@b>', 'a', 'a@b\u202e', `${'a'.repeat(300)}@b`])(
    'is not even thought of for the address %j',
    (address) => {
      expect(MailSettings.safeParse({ ...settingsFor(25), from: address }).success).toBe(false)
    },
  )

  it('never takes a password over an unencrypted connection', () => {
    expect(MailSettings.safeParse({ ...settingsFor(25), security: 'none', account: 'me' }).success).toBe(false)
  })
})

describe('a server that does not take it', () => {
  it('is not sent anything without encryption that was asked for', async () => {
    const server = await serverWith({ security: 'plain', account })
    const failure = await refusal(settingsFor(server.port, { account: account.user }), account.password)
    expect(failure).toMatchObject({ code: 'mail-tls', details: { reason: 'no-encryption' }, retryable: true })
    const direct = await refusal(settingsFor(server.port, { security: 'tls' }))
    expect(direct).toMatchObject({ code: 'mail-tls', details: { reason: 'no-encryption' } })
    expect(server.received).toEqual([])
  })

  it.each(['starttls', 'tls'] as const)('is found out by its certificate (%s)', async (security) => {
    const server = await serverWith({ security, certificate: good, account })
    const { authority: _, ...untrusting } = settingsFor(server.port, { security, account: account.user })
    const unknown = await refusal(untrusting, account.password)
    expect(unknown).toMatchObject({ code: 'mail-tls', details: { reason: 'certificate-unknown' } })
    const other = await serverWith({ security, certificate: certificateFor('DNS:other.example.org'), account })
    const wrong = await refusal(settingsFor(other.port, { security, account: account.user }), account.password)
    expect(wrong).toMatchObject({ code: 'mail-tls', details: { reason: 'certificate-name' } })
    expect(inWords(wrong, 'en').text).toContain('its certificate is for another name')
    expect([...server.received, ...other.received]).toEqual([])
  })

  it('says so: account, without repeating the password', async () => {
    const server = await serverWith({ security: 'starttls', certificate: good, account })
    const failure = await refusal(settingsFor(server.port, { account: account.user }), 'wr0ng secret')
    expect(failure).toMatchObject({ code: 'mail-denied', details: { account: account.user } })
    expect(inWords(failure, 'en').hint).toMatch(/The server said: .*Bad password …/)
    expect(JSON.stringify(failure.toProblem())).not.toContain('wr0ng')
  })

  it('says so: recipient', async () => {
    const server = await serverWith({ refuse: { [envelope.to]: { code: 550, text: 'No such user here' } } })
    const failure = await refusal(settingsFor(server.port, { security: 'none' }))
    expect(failure).toMatchObject({ code: 'mail-recipient', details: { address: envelope.to } })
    expect(inWords(failure, 'fr').hint).toContain('No such user here')
  })

  it('says so: sender, and message', async () => {
    const onMailFrom: NonNullable<MailServerOptions['server']> = {
      onMailFrom: (_address, _session, callback) =>
        callback(Object.assign(new Error('sender not allowed'), { responseCode: 553 })),
    }
    const server = await serverWith({ server: onMailFrom })
    const failure = await refusal(settingsFor(server.port, { security: 'none' }))
    expect(failure).toMatchObject({ code: 'mail-rejected' })
    expect(String(failure.details.answer)).toContain('553 sender not allowed')
    const onData: NonNullable<MailServerOptions['server']> = {
      onData(stream, _session, callback) {
        stream.resume().on('end', () => callback(Object.assign(new Error('looks like spam'), { responseCode: 554 })))
      },
    }
    const picky = await serverWith({ server: onData })
    const refused = await refusal(settingsFor(picky.port, { security: 'none' }))
    expect(refused).toMatchObject({ code: 'mail-rejected', details: { answer: '554 looks like spam' } })
  })

  it('is not there', async () => {
    const server = await startMailServer()
    await server.close()
    expect(await refusal(settingsFor(server.port))).toMatchObject({
      code: 'mail-unreachable',
      details: { reason: 'connection-refused', server: `localhost:${server.port}` },
    })
    expect(await refusal(settingsFor(25, { host: 'no-such-host.invalid' }))).toMatchObject({
      code: 'mail-unreachable',
      // Where no name server answers at all, it is a matter of time.
      details: { reason: expect.stringMatching(/name-unknown|timeout/) },
    })
  })

  it('is too slow, or hangs up', async () => {
    const sockets: Socket[] = []
    const serve = async (greet: (socket: Socket) => void) => {
      const server = createServer((socket) => {
        sockets.push(socket.on('error', () => socket.destroy()))
        greet(socket)
      }).listen(0, '127.0.0.1')
      onTestFinished(() => {
        for (const socket of sockets) socket.destroy()
        server.close()
      })
      await once(server, 'listening')
      const address = server.address()
      return typeof address === 'object' && address ? address.port : 0
    }
    const limits = { connect: 200, answer: 200, whole: 400 }
    const silent = settingsFor(await serve(() => undefined), { security: 'none' })
    await expect(sendMail(silent, undefined, message, envelope, { limits })).rejects.toMatchObject({
      code: 'mail-unreachable',
      details: { reason: 'timeout' },
    })
    // Greets byte by byte, so that no pause is ever long enough: the whole is limited, too.
    const dripping = settingsFor(
      await serve((socket) => {
        const timer = setInterval(() => socket.write('2'), 50)
        socket.on('close', () => clearInterval(timer))
      }),
      { security: 'none' },
    )
    await expect(sendMail(dripping, undefined, message, envelope, { limits })).rejects.toMatchObject({
      details: { reason: 'timeout' },
    })
    const full = settingsFor(await serve((socket) => socket.end('421 come back later\r\n')), { security: 'none' })
    expect(await refusal(full)).toMatchObject({ code: 'mail-unreachable', details: { reason: '421 come back later' } })
    const rude = settingsFor(await serve((socket) => socket.end()), { security: 'none' })
    expect(await refusal(rude)).toMatchObject({ code: 'mail-unreachable', details: { reason: 'connection-closed' } })
  })

  it('is left when the program ends', async () => {
    let arrived: () => void = () => undefined
    const here = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const server = await serverWith({
      beforeAccept: () => {
        arrived()
        return new Promise(() => undefined)
      },
    })
    const leaving = new AbortController()
    const sending = sendMail(settingsFor(server.port, { security: 'none' }), undefined, message, envelope, {
      signal: leaving.signal,
    })
    await here
    leaving.abort()
    await expect(sending).rejects.toMatchObject({ code: 'cancelled' })
  })
})

// `arche mail` and `arche plan ping` as people and scripts use them, with a real mail server and a real keychain.

import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'
import { arche, atTerminal, jsonLines, type Place, passwords, place } from '../support/arche.ts'
import {
  authority,
  certificateFor,
  type MailServer,
  type MailServerOptions,
  startMailServer,
} from '../support/mail-server.ts'

const account = { user: 'me@example.org', password: 'mail pass é' }

/** With the keychain of the session that the tests run in. */
function fresh(): Place {
  const at = place(temporaryFolder())
  const { DBUS_SESSION_BUS_ADDRESS = '', XDG_RUNTIME_DIR = '' } = process.env
  return { ...at, env: { ...at.env, DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR } }
}

async function serve(options: MailServerOptions = {}): Promise<MailServer> {
  const server = await startMailServer(options)
  onTestFinished(() => server.close())
  return server
}

async function good(at: Place, args: readonly string[], env?: Record<string, string>): Promise<string> {
  const { code, out, err } = await arche(at, args, env ? { env: { ...passwords, ...env } } : {})
  expect(code, err).toBe(0)
  return out
}

describe('arche mail', () => {
  it('sets up a relay, recipients and the report step by step, and shows them', async () => {
    const at = fresh()
    const { port, received } = await serve()
    expect(await good(at, ['mail', 'show'])).toContain('Nobody is told anything by e-mail')
    const relay = ['--host', '127.0.0.1', '--port', String(port), '--security', 'none', '--from', 'arche@example.org']
    expect(await good(at, ['mail', 'set', ...relay])).toContain('arche mail recipient add')
    await good(at, ['mail', 'recipient', 'add', 'anna@example.org', '--language', 'fr'])
    await good(at, ['mail', 'recipient', 'add', 'bob@example.org', '--on', 'success,error', '--no-report'])
    await good(at, ['mail', 'set', '--report-day', '1', '--report-at', '06:30'])
    const shown = await good(at, ['mail', 'show'])
    expect(shown).toContain(`127.0.0.1:${port} (not encrypted)`)
    expect(shown).toMatch(
      /anna@example\.org: Errors, Warnings \(skipped files\), Missed backups, late copies, places filling up, weekly report \(fr\)/,
    )
    expect(shown).toMatch(/bob@example\.org: Successes, Errors \(en\)/)
    expect(shown).toContain('Monday, 06:30')
    expect(await good(at, ['mail', 'test'])).toContain('Accepted by the server for bob@example.org')
    expect(received.map(({ to }) => to[0])).toEqual(['anna@example.org', 'bob@example.org'])
    expect(received[0]?.text).toContain('Ceci est un test')
    await good(at, ['mail', 'recipient', 'remove', 'anna@example.org'])
    const [result] = jsonLines(await good(at, ['mail', 'show', '--json'])).slice(-1)
    expect(result).toMatchObject({
      type: 'result',
      mail: { settings: { recipients: [{ address: 'bob@example.org' }] } },
    })
    const refused = await arche(at, ['mail', 'off'])
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('--yes') })
    await good(at, ['mail', 'off', '--yes'])
    expect(await good(at, ['mail', 'show', '--lang', 'fr'])).toContain('Personne n’est informé')
  })

  it('keeps the password of an account, and says what the server does not like', async () => {
    const at = fresh()
    const certificate = certificateFor('DNS:localhost')
    const { port } = await serve({ security: 'starttls', certificate, account })
    const ca = join(at.folder, 'ca.pem')
    writeFileSync(ca, authority().cert)
    const server = ['--host', 'localhost', '--port', String(port), '--account', account.user, '--from', 'a@example.org']
    await good(at, ['mail', 'set', ...server])
    await good(at, ['mail', 'recipient', 'add', 'anna@example.org'])
    expect(await good(at, ['mail', 'show'])).toContain('missing: arche mail password')
    const missing = await arche(at, ['mail', 'test'])
    expect(missing).toMatchObject({
      code: 4,
      err: expect.stringContaining('The password of the mail account me@example.org is missing'),
    })
    await good(at, ['mail', 'password'], { ARCHE_MAIL_PASSWORD: 'wrong' })
    const unknown = await arche(at, ['mail', 'test'])
    expect(unknown).toMatchObject({ code: 12, err: expect.stringContaining('comes from nobody that is trusted') })
    await good(at, ['mail', 'set', '--ca', ca])
    const denied = await arche(at, ['mail', 'test'])
    expect(denied).toMatchObject({ code: 4, err: expect.stringContaining('refuses the account me@example.org') })
    await good(at, ['mail', 'password'], { ARCHE_MAIL_PASSWORD: account.password })
    await good(at, ['mail', 'test', 'anna@example.org'])
    await good(at, ['mail', 'password', '--forget'])
    expect(await good(at, ['mail', 'show'])).toContain('missing: arche mail password')
    const descriptor = await arche(at, ['mail', 'test', '--mail-password-fd', '3'], {
      descriptors: [`${account.password}\n`],
    })
    expect(descriptor.code, descriptor.err).toBe(0)
  })

  it('asks for the password of a new account', async () => {
    const at = fresh()
    await good(at, ['mail', 'show'])
    const server = ['--host', 'smtp.example.org', '--account', 'me', '--from', 'a@example.org']
    const terminal = atTerminal(at, ['mail', 'set', ...server])
    await terminal.seen('Password of the mail account me')
    terminal.type('typed secret')
    expect((await terminal.ended).code).toBe(0)
    const [shown] = jsonLines(await good(at, ['mail', 'show', '--json'])).slice(-1)
    expect(shown).toMatchObject({
      mail: { passwordKept: true, settings: { port: 587, security: 'starttls', account: 'me' } },
    })
    await good(at, ['mail', 'set', '--security', 'tls'])
    const [changed] = jsonLines(await good(at, ['mail', 'show', '--json'])).slice(-1)
    expect(changed).toMatchObject({ mail: { passwordKept: false, settings: { port: 465, security: 'tls' } } })
  })

  it('refuses what cannot work with a sentence', async () => {
    const at = fresh()
    const cases: [args: string[], says: string][] = [
      [['mail', 'test'], 'E-mail is not set up'],
      [['mail', 'set', '--from', 'a@b'], 'The option --host is needed'],
      [['mail', 'set', '--host', 'x', '--from', 'nobody'], '“nobody” is not possible for --from'],
      [['mail', 'set', '--host', 'x', '--from', 'a@b', '--port', '0'], '“0” is not possible for --port'],
      [['mail', 'set', '--host', 'x', '--from', 'a@b', '--report-day', '8'], '“8” is not possible for --report-day'],
      [
        ['mail', 'set', '--host', 'x', '--from', 'a@b', '--report-at', '25:00'],
        '“25:00” is not possible for --report-at',
      ],
      [
        ['mail', 'set', '--host', 'x', '--from', 'a@b', '--security', 'none', '--account', 'me'],
        'not possible for --account',
      ],
      [['mail', 'set', '--host', 'x', '--from', 'a@b', '--security', 'ssl'], '--security cannot be “ssl”'],
      [['mail', 'set', '--host', 'x', '--from', 'a@b', '--ca', 'no-such-file'], 'no-such-file cannot be read'],
    ]
    for (const [args, says] of cases) {
      const { code, err } = await arche(at, args)
      expect({ args, code, err }).toMatchObject({ code: 2, err: expect.stringContaining(says) })
    }
  })
})

describe('arche plan ping', () => {
  it('sets, tests and removes the address of a watchman', async () => {
    const at = fresh()
    const calls: string[] = []
    const server = createServer((request, response) => {
      calls.push(request.url ?? '')
      response.statusCode = calls.length > 1 ? 404 : 200
      response.end()
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/abc`
    const plan = { id: crypto.randomUUID(), name: 'Docs', createdAt: '2026-03-02T12:00:00Z' }
    const described = {
      ...plan,
      source: { kind: 'folders', paths: ['/etc'] },
      method: { kind: 'archive', format: 'tar.gz.gpg' },
      store: { kind: 'medium' },
    }
    const file = join(at.folder, 'plans.json')
    writeFileSync(file, JSON.stringify({ arche: 'plans', version: 1, plans: [described] }))
    await good(at, ['plan', 'import', file])
    expect(await good(at, ['plan', 'ping', 'docs'])).toContain('pings nobody')
    expect(await good(at, ['plan', 'ping', 'docs', url, '--test'])).toContain('has answered')
    expect(calls).toEqual(['/abc'])
    expect(await good(at, ['mail', 'show'])).toContain(url)
    expect(await arche(at, ['plan', 'ping', 'docs', 'ftp://x/y'])).toMatchObject({ code: 2 })
    expect(await good(at, ['plan', 'ping', 'docs', '--off'])).toContain('pings nobody')
    expect(await arche(at, ['plan', 'ping', 'docs', url, '--off'])).toMatchObject({ code: 2 })
  })
})

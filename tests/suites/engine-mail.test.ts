// Mail and pings through the contract, with a real engine, worker, keychain, mail server and watchman.
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { MailSettings, MailState } from '../../core/api/mail.ts'
import type { Run } from '../../core/api/model.ts'
import type { Engine, EngineClient } from '../../core/engine/engine.ts'
import { endOf, openOn } from '../support/engine.ts'
import {
  authority,
  certificateFor,
  type MailServer,
  type MailServerOptions,
  startMailServer,
} from '../support/mail-server.ts'

const account = { user: 'me@example.org', password: 'mail pass é' }
const certificate = certificateFor('DNS:localhost,IP:127.0.0.1')

let root: string
let home: string
let engine: Engine
let client: EngineClient
let bugs: unknown[]

async function open(): Promise<void> {
  engine = await openOn(home, { onBug: (error) => bugs.push(error) })
  client = await engine.connect()
}

beforeEach(async () => {
  bugs = []
  root = await mkdtemp(join(tmpdir(), 'arche-mail-'))
  home = join(root, 'home')
  await open()
  await client.operator.set({ next: 'operator' })
})

afterEach(async () => {
  await engine.close()
  await rm(root, { recursive: true, force: true })
  expect(bugs).toEqual([])
})

async function serve(options: MailServerOptions = {}): Promise<MailServer> {
  const server = await startMailServer({ security: 'starttls', certificate, account, ...options })
  onTestFinished(() => server.close())
  return server
}

function settingsFor(port: number, more: Partial<MailSettings> = {}): MailSettings {
  return {
    host: 'localhost',
    port,
    security: 'starttls',
    account: account.user,
    authority: authority().cert,
    from: 'arche@example.org',
    recipients: [
      { address: 'anna@example.org', language: 'fr', events: ['error', 'warning', 'success', 'missed'], report: true },
    ],
    report: { day: 5, at: '12:00' },
    ...more,
  }
}

/** The first state of mail that fits, as a window sees it. */
async function mailState(fits: (mail: MailState) => boolean): Promise<MailState> {
  for await (const { changes } of await client.app.follow({}))
    if (changes.mail && fits(changes.mail)) return changes.mail
  throw new Error('the stream ended')
}

const ended = (id: string) => endOf(client, id)

async function backUp(ping?: string): Promise<Run> {
  await mkdir(join(root, 'docs'), { recursive: true })
  await mkdir(join(root, 'stick'), { recursive: true })
  await writeFile(join(root, 'docs', 'a.txt'), 'first')
  await client.key.create({ password: 'key password' })
  await client.medium.init({ medium: join(root, 'stick'), name: 'STICK' })
  const source = { kind: 'folders' as const, paths: [join(root, 'docs')], exclude: [] }
  const plan = await client.plan.save({ name: 'Docs', source, destinations: [{ place: { kind: 'medium' } }] })
  if (ping !== undefined) await client.mail.ping({ planId: plan.id, url: ping })
  return ended((await client.backup.start({ planId: plan.id, medium: join(root, 'stick') })).id)
}

describe('mail', () => {
  it('is set up with a password that is in the keychain only, and a backup is told', async () => {
    const server = await serve()
    const settings = settingsFor(server.port)
    await client.mail.save({ settings, password: account.password })
    expect((await client.app.state({})).mail).toMatchObject({ settings, passwordKept: true, waiting: 0 })
    await backUp()
    const [mail] = await server.seen(1)
    expect(mail).toMatchObject({ to: ['anna@example.org'], user: account.user, secure: true })
    expect(mail?.headers).toContain('Réussi\u00a0: Sauvegarde de «\u202fDocs\u202f»')
    expect(mail?.text).toContain('relu et comparé')
    await mailState(({ waiting, lastSent }) => waiting === 0 && lastSent !== undefined)
    for (const name of ['config.json', 'outbox.jsonl', 'history.jsonl'])
      expect(await readFile(join(home, name), 'utf8')).not.toMatch(/mail pass|bWFpbCBwYXNz/)
    expect(JSON.stringify(await client.app.state({}))).not.toContain('mail pass')
  })

  it('is guarded by the administrator password', async () => {
    await client.operator.lock({})
    const settings = settingsFor(25)
    const needed = { code: 'operator-needed' }
    await expect(client.mail.save({ settings })).rejects.toMatchObject(needed)
    await expect(client.mail.password({ password: 'x' })).rejects.toMatchObject(needed)
    await expect(client.mail.test({ settings })).rejects.toMatchObject(needed)
    await expect(client.mail.ping({ planId: crypto.randomUUID(), url: null })).rejects.toMatchObject(needed)
    await expect(client.mail.testPing({ planId: crypto.randomUUID() })).rejects.toMatchObject(needed)
  })

  it('is tested with settings that are not saved yet, each recipient by itself', async () => {
    const server = await serve({ refuse: { 'bob@example.org': { code: 550, text: 'nobody here' } } })
    const recipients = ['anna@example.org', 'bob@example.org'].map((address) => ({
      address,
      language: 'en' as const,
      events: [],
      report: false,
    }))
    const settings = settingsFor(server.port, { recipients })
    expect(await client.mail.test({ settings, password: account.password })).toEqual([
      { address: 'anna@example.org' },
      {
        address: 'bob@example.org',
        problem: {
          code: 'mail-recipient',
          details: { address: 'bob@example.org', answer: expect.stringMatching(/550.*nobody here/) },
        },
      },
    ])
    expect(server.received[0]?.headers).toContain('Test from')
    expect(await client.mail.test({ settings, password: 'wrong', to: 'anna@example.org' })).toMatchObject([
      { problem: { code: 'mail-denied' } },
    ])
    expect(await client.mail.test({ settings, to: 'anna@example.org' })).toMatchObject([
      { problem: { code: 'mail-password' } },
    ])
    await expect(client.mail.test({})).rejects.toMatchObject({ code: 'mail-unset' })
    expect((await client.app.state({})).mail.settings).toBeUndefined()
  })

  it('hands a kept password to no other server or account', async () => {
    const server = await serve()
    const other = await serve()
    const settings = settingsFor(server.port)
    await client.mail.save({ settings, password: account.password })
    const elsewhere = settingsFor(other.port)
    expect(await client.mail.test({ settings: elsewhere })).toMatchObject([{ problem: { code: 'mail-password' } }])
    expect(await client.mail.test({})).toEqual([{ address: 'anna@example.org' }])
    await client.mail.save({ settings: elsewhere })
    await client.mail.save({ settings })
    expect((await client.app.state({})).mail.passwordKept).toBe(false)
    await client.mail.password({ password: account.password })
    expect(await client.mail.test({})).toEqual([{ address: 'anna@example.org' }])
    await client.mail.password({ password: null })
    expect(await client.mail.test({})).toMatchObject([{ problem: { code: 'mail-password' } }])
  })

  it('refuses what cannot work', async () => {
    const broken = '-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----'
    const settings = settingsFor(25, { authority: broken })
    await expect(client.mail.save({ settings })).rejects.toMatchObject({
      code: 'bad-input',
      details: { reason: 'certificate' },
    })
    const { account: _, ...without } = settingsFor(25)
    await expect(client.mail.save({ settings: without, password: 'x' })).rejects.toMatchObject({ code: 'mail-unset' })
    await expect(client.mail.password({ password: 'x' })).rejects.toMatchObject({ code: 'mail-unset' })
    await expect(client.mail.save({ settings: settingsFor(25, { security: 'none' }) })).rejects.toThrow()
  })

  it('tells of a run that was killed, at the next start, and what waits shows', async () => {
    const server = await serve()
    await client.mail.save({ settings: settingsFor(server.port), password: account.password })
    await engine.close()
    await server.close()
    const killed = {
      ...{ id: crypto.randomUUID(), kind: 'backup', trigger: 'scheduled', subject: 'Nuit' },
      ...{ startedAt: '2026-03-02T12:00:00Z', warnings: 0, files: 0, bytes: 0, stored: 0, operations: [] },
    }
    await appendFile(join(home, 'history.jsonl'), `${JSON.stringify(killed)}\n`)
    await open()
    const { lastError } = await mailState(({ waiting, lastError: problem }) => waiting === 1 && problem !== undefined)
    expect(lastError).toMatchObject({ code: 'mail-unreachable' })
    const back = await serve({ port: server.port })
    await client.operator.unlock({ password: 'operator' })
    // Saying the password again tries at once.
    await client.mail.password({ password: account.password })
    const [mail] = await back.seen(1)
    expect(mail?.headers).toContain('Interrompu\u00a0: Sauvegarde de «\u202fNuit\u202f»')
    const { lastError: none } = await mailState(({ waiting }) => waiting === 0)
    expect(none).toBeUndefined()
  })

  it('is switched off: nothing waits and nothing is told any more', async () => {
    const server = await serve()
    await client.mail.save({ settings: settingsFor(server.port), password: account.password })
    await client.mail.save({ settings: null })
    const { mail } = await client.app.state({})
    expect(mail).toEqual({ passwordKept: false, waiting: 0, givenUp: 0, pings: [] })
    await backUp()
    expect(server.received).toEqual([])
  })
})

describe('a watchman', () => {
  it('is told of the start and the end, belongs to this computer, and stays when the plan is edited', async () => {
    const calls: string[] = []
    const server = createServer((request, response) => {
      calls.push(request.url ?? '')
      request.resume()
      response.end()
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/abc`
    await backUp(url)
    const { pings } = await mailState((mail) => mail.pings.length > 0 && calls.length === 2)
    expect(calls).toEqual(['/abc/start', '/abc'])
    expect(pings[0]?.problem).toBeUndefined()
    const [plan] = (await client.app.state({})).plans
    expect(plan?.ping).toBe(url)
    if (!plan) throw new Error('no plan')
    const { id, source, destinations } = plan
    expect(await client.plan.save({ id, name: 'Renamed', source, destinations })).toMatchObject({ ping: url })
    const { json } = await client.plan.export({})
    expect(json).not.toContain(url)
    await client.plan.import({ json })
    expect((await client.app.state({})).plans[0]?.ping).toBe(url)
    await client.mail.testPing({ planId: id })
    expect(calls).toHaveLength(3)
    expect(await client.mail.ping({ planId: id, url: null })).not.toHaveProperty('ping')
    await expect(client.mail.ping({ planId: crypto.randomUUID(), url })).rejects.toMatchObject({ code: 'not-found' })
  })
})

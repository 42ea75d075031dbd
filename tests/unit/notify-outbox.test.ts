// The queue of mails with a real server: down and then up, given up after days, told once, the weekly report once; by an injected clock.
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MailSettings } from '../../core/api/mail.ts'
import type { Language, Run } from '../../core/api/model.ts'
import { endOf, testLetter } from '../../core/notify/message.ts'
import type { Notice } from '../../core/notify/notice.ts'
import { type Notifier, openNotifier } from '../../core/notify/notify.ts'
import { temporaryFolder } from '../support/folder.ts'
import { type MailServer, type MailServerOptions, startMailServer } from '../support/mail-server.ts'

const minute = 60_000
const day = 24 * 60 * minute
const pauses = [minute, 5 * minute, 60 * minute]

let home: string
let now: number
let runs: Run[]
/** Notices that are none of runs. */
let past: Notice[]
let settings: MailSettings | undefined
let bugs: unknown[]
let server: MailServer | undefined
let notifier: Notifier

beforeEach(async () => {
  home = await temporaryFolder()
  now = Date.parse('2026-03-02T12:00:00Z')
  runs = []
  past = []
  bugs = []
  server = undefined
  settings = undefined
  notifier = await open()
})

afterEach(async () => {
  await notifier.close()
  await server?.close()
  expect(bugs).toEqual([])
})

function open({ patience = 5 * day, leave = 5_000 } = {}): Promise<Notifier> {
  return openNotifier({
    home,
    host: 'labo',
    now: () => now,
    settings: () => settings,
    plans: () => [],
    keys: () => [],
    password: async () => undefined,
    recentNotices: async () =>
      [...runs.filter(({ outcome }) => outcome !== undefined).map(endOf), ...past].toReversed(),
    recentRuns: async () => runs.toReversed(),
    onChange: () => undefined,
    onBug: (error) => bugs.push(error),
    limits: { delivery: { pauses, patience, leave } },
  })
}

async function reopen(): Promise<void> {
  await notifier.close()
  notifier = await open()
}

function settingsFor(port: number, more: Partial<MailSettings> = {}): MailSettings {
  return MailSettings.parse({
    host: '127.0.0.1',
    port,
    security: 'none',
    from: 'arche@example.org',
    recipients: [
      { address: 'anna@example.org', language: 'fr', events: ['error', 'missed'], report: true },
      { address: 'bob@example.org', language: 'en', events: ['error', 'warning', 'success'], report: false },
    ],
    ...more,
  })
}

async function save(next: MailSettings | undefined): Promise<void> {
  const before = settings
  settings = next
  await notifier.changed(before)
}

async function serve(options: MailServerOptions = {}): Promise<MailServer> {
  server = await startMailServer(options)
  return server
}

/** A port at which nobody listens. */
async function freePort(): Promise<number> {
  const gone = await startMailServer()
  await gone.close()
  return gone.port
}

let made = 0
function run(outcome: Run['outcome'], subject = 'Bureau'): Run {
  made += 1
  const endedAt = new Date(now).toISOString()
  return {
    id: `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`,
    kind: 'backup',
    trigger: 'scheduled',
    subject,
    startedAt: endedAt,
    endedAt,
    ...(outcome ? { outcome } : {}),
    warnings: 0,
    files: 1,
    bytes: 10,
    stored: 5,
    operations: [],
  }
}

/** As the history does it: it is there first, then it is told. */
function end(outcome: Run['outcome'], subject?: string): Run {
  const ended = run(outcome, subject)
  runs.push(ended)
  notifier.tell(endOf(ended))
  return ended
}

const subjects = (received: MailServer['received']) =>
  received.map(({ to, headers }) => `${to} ${/^Subject: (.*)$/m.exec(headers)?.[1]}`).sort()

describe('the end of a run', () => {
  it('is told to whom it concerns, in their language', async () => {
    const { port, seen } = await serve()
    await save(settingsFor(port))
    end('error')
    end('success', 'Labo')
    end('cancelled')
    end('missed', 'Nuit')
    expect(subjects(await seen(4))).toEqual([
      'anna@example.org [Arche] Manqué\u00a0: Sauvegarde de «\u202fNuit\u202f» sur labo',
      'anna@example.org [Arche] Échec\u00a0: Sauvegarde de «\u202fBureau\u202f» sur labo',
      'bob@example.org [Arche] Failed: Backup of “Bureau” on labo',
      'bob@example.org [Arche] Success: Backup of “Labo” on labo',
    ])
    await notifier.close()
    expect(notifier.state()).toMatchObject({ waiting: 0, lastSent: '2026-03-02T12:00:00.000Z' })
    expect((await stat(join(home, 'outbox.jsonl'))).mode & 0o777).toBe(0o600)
  })

  it('that nobody looked at is told at the next start, once', async () => {
    const { port, seen, received } = await serve()
    runs.push(run('error', 'before mail was set up'))
    await save(settingsFor(port))
    await notifier.close()
    runs.push(run('abandoned', 'Bureau'), run(undefined, 'still running'))
    notifier = await open()
    await notifier.look()
    await seen(2)
    for (let at = 0; at < 3; at += 1) {
      await reopen()
      await notifier.look()
    }
    notifier.tell(endOf(runs[1] as Run))
    await notifier.close()
    expect(received).toHaveLength(2)
    expect(received[0]?.headers).toContain('Bureau')
  })

  it('is one maker of notices: anything else that has an id, an event and words is told as well, once', async () => {
    const { port, seen, received } = await serve()
    const notice = {
      mail: {
        id: 'alarm-1',
        event: 'missed' as const,
        letter: (language: Language, host: string) => ({ ...testLetter(language, host), subject: `late on ${host}` }),
      },
    }
    past.push(notice)
    await save(settingsFor(port))
    notifier.tell(notice)
    past.push({ mail: { ...notice.mail, id: 'alarm-2' } })
    await reopen()
    await notifier.look()
    expect(subjects(await seen(1))).toEqual(['anna@example.org late on labo'])
    await reopen()
    await notifier.look()
    await notifier.close()
    expect(received).toHaveLength(1)
  })

  it('and what has passed is told again when it comes back, as another mail', async () => {
    const { port, seen, received } = await serve()
    await save(settingsFor(port))
    const letter = (language: Language, host: string) => testLetter(language, host)
    const mail = { id: 'alarm-1', event: 'missed' as const, letter }
    const told = async () => {
      for (let again = 0; again < 2; again += 1) notifier.tell({ mail })
      await reopen()
      notifier.tell({ mail })
      await notifier.look()
    }
    await told()
    expect(await seen(1)).toHaveLength(1)
    now += day
    notifier.tell({ over: 'alarm-1' })
    // Nobody was told of it, so it is nothing that could be over.
    notifier.tell({ over: 'alarm-2' })
    await reopen()
    await told()
    await seen(2)
    await reopen()
    expect(received).toHaveLength(2)
    const ids = received.map(({ headers }) => /^Message-ID: (.*)$/im.exec(headers)?.[1])
    expect(new Set(ids).size).toBe(2)
    expect(await readFile(join(home, 'outbox.jsonl'), 'utf8')).not.toContain('alarm-2')
  })

  it('is kept for nobody while mail is not set up, and there is no file', async () => {
    end('error')
    await notifier.look()
    await notifier.close()
    await expect(stat(join(home, 'outbox.jsonl'))).rejects.toThrow('ENOENT')
  })
})

describe('mail that cannot be sent', () => {
  it('waits, is shown with its reason, and is tried again after pauses that grow', async () => {
    const port = await freePort()
    await save(settingsFor(port))
    end('error')
    await notifier.look()
    const reason = { code: 'mail-unreachable', details: { reason: 'connection-refused' } }
    expect(notifier.state()).toMatchObject({ waiting: 2, lastError: reason })
    const back = await startMailServer({ port })
    server = back
    now += minute - 1
    await notifier.look()
    expect(back.connections).toBe(0)
    now += 1
    await notifier.look()
    expect(back.received).toHaveLength(2)
    expect(notifier.state()).toMatchObject({ waiting: 0 })
    expect(notifier.state().lastError).toBeUndefined()
  })

  it('survives the end of the program', async () => {
    const port = await freePort()
    await save(settingsFor(port))
    end('error')
    await notifier.look()
    await reopen()
    expect(notifier.state()).toMatchObject({ waiting: 2 })
    server = await startMailServer({ port })
    await notifier.look()
    expect(server.received.map(({ headers }) => /^Message-ID: (.*)$/m.exec(headers)?.[1])).toHaveLength(2)
    expect(server.received[0]?.headers).toContain('Date: Mon, 02 Mar 2026 12:00:00 +0000')
  })

  it('does not ask a dead server again for every mail', async () => {
    let connections = 0
    const { port } = await serve({
      server: {
        onConnect(_session, callback) {
          connections += 1
          callback(Object.assign(new Error('come back later'), { responseCode: 421 }))
        },
      },
    })
    await save(settingsFor(port))
    for (let at = 0; at < 5; at += 1) end('error')
    await notifier.look()
    expect(notifier.state()).toMatchObject({ waiting: 10, lastError: { code: 'mail-unreachable' } })
    const before = connections
    await notifier.look()
    expect(connections).toBe(before)
    now += 5 * minute
    await notifier.look()
    expect(connections).toBe(before + 1)
  })

  it('for one refused recipient does not hold up the others', async () => {
    const { port } = await serve({ refuse: { 'anna@example.org': { code: 550, text: 'unknown' } } })
    await save(settingsFor(port))
    end('error')
    await notifier.look()
    expect(server?.received.map(({ to }) => to)).toEqual([['bob@example.org']])
    expect(notifier.state()).toMatchObject({ waiting: 1 })
  })

  it('is given up after five days, with a note that stays for two weeks', async () => {
    const noReport = settingsFor(25).recipients.map((one) => ({ ...one, report: false }))
    await save(settingsFor(await freePort(), { recipients: noReport }))
    end('error')
    for (let at = 0; at < 6 * 24; at += 1) {
      await notifier.look()
      now += 60 * minute
    }
    expect(notifier.state()).toMatchObject({ waiting: 0, givenUp: 2 })
    await reopen()
    expect(notifier.state()).toMatchObject({ waiting: 0, givenUp: 2 })
    now += 15 * day
    expect(notifier.state()).toMatchObject({ givenUp: 0 })
  })

  it('is tried once more after weeks in which the computer was off', async () => {
    const port = await freePort()
    await save(settingsFor(port))
    end('error')
    await notifier.look()
    now += 30 * day
    await reopen()
    server = await startMailServer({ port })
    await notifier.look()
    expect(server.received.filter(({ headers }) => headers.includes('Bureau'))).toHaveLength(2)
    expect(notifier.state()).toMatchObject({ waiting: 0, givenUp: 0 })
  })

  it('goes to nobody who was removed, and nowhere once mail is switched off', async () => {
    const port = await freePort()
    await save(settingsFor(port))
    end('error')
    await notifier.look()
    const { port: other } = await serve()
    const only = settingsFor(other).recipients.filter(({ address }) => address.startsWith('bob'))
    await save(settingsFor(other, { recipients: only }))
    await notifier.look()
    expect(server?.received.map(({ to }) => to)).toEqual([['bob@example.org']])
    expect(notifier.state()).toMatchObject({ waiting: 0 })
    await save(undefined)
    end('error')
    await notifier.look()
    expect(server?.received).toHaveLength(1)
  })

  it('does not keep the program from ending', async () => {
    const never = new Promise<void>(() => undefined)
    await serve({ beforeAccept: () => never })
    await notifier.close()
    notifier = await open({ patience: day, leave: 50 })
    await save(settingsFor(server?.port ?? 0))
    end('error')
    await notifier.close()
    expect(notifier.state()).toMatchObject({ waiting: 2 })
  })
})

describe('the weekly report', () => {
  const friday = { day: 5, at: '12:00' }
  const reports = () => server?.received.filter(({ headers }) => /Rapport|report/.test(headers)) ?? []

  it('is sent to whom it concerns at its time, once', async () => {
    const { port } = await serve()
    await save(settingsFor(port, { report: friday }))
    await notifier.look()
    now = new Date(2026, 2, 6, 11, 59).getTime()
    await notifier.look()
    expect(reports()).toEqual([])
    now += minute
    await notifier.look()
    await notifier.look()
    await reopen()
    await notifier.look()
    expect(reports().map(({ to }) => to)).toEqual([['anna@example.org']])
  })

  it('comes once after a sleep of three weeks, and never twice when the clock goes back', async () => {
    const { port } = await serve()
    await save(settingsFor(port, { report: friday }))
    now = new Date(2026, 2, 23, 8, 0).getTime()
    await notifier.look()
    expect(reports()).toHaveLength(1)
    now = new Date(2026, 2, 20, 9, 0).getTime()
    await notifier.look()
    now = new Date(2026, 2, 20, 12, 30).getTime()
    await notifier.look()
    expect(reports()).toHaveLength(2)
    now = new Date(2026, 2, 27, 12, 30).getTime()
    await notifier.look()
    expect(reports()).toHaveLength(3)
  })

  it('at another time does not bring back the one of last week', async () => {
    const { port } = await serve()
    await save(settingsFor(port, { report: { day: 7, at: '12:00' } }))
    now = new Date(2026, 2, 7, 12, 0).getTime()
    await save(settingsFor(port, { report: friday }))
    await notifier.look()
    expect(reports()).toEqual([])
    now = new Date(2026, 2, 13, 12, 0).getTime()
    await notifier.look()
    expect(reports()).toHaveLength(1)
  })
})

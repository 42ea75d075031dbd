// Who is told what: e-mail about notices (notice.ts) and once a week, pings to a watchman. Others import this file, and makers of notices (message.ts).
// Guarantees: nothing here fails or delays a run: telling is noted durably at once and sent later; every notice is told once, also those that came up
// while nobody looked (runs found abandoned, missed); nobody is told of what was before mail was set up.
// Does not compute alarms: what is told is what the history holds, and what whoever has the alarms hands over.
import { createHash } from 'node:crypto'
import { Failure, type Problem, toProblem } from '../api/failure.ts'
import type { MailRecipient, MailSettings, MailState } from '../api/mail.ts'
import type { Run } from '../api/model.ts'
import type { Plan } from '../api/plan.ts'
import { type DeliveryLimits, openDelivery, usualDelivery } from './delivery.ts'
import { htmlOf, type Letter, subjectOf, textOf } from './letter.ts'
import { sendMail } from './mail.ts'
import { testLetter } from './message.ts'
import type { MailNotice, Notice } from './notice.ts'
import { type Mail, type Outbox, openOutbox } from './outbox.ts'
import type { PingLimits } from './ping.ts'
import { lastDue, reportLetter, weekOf } from './report.ts'
import { openWatchman } from './watchman.ts'

export interface NotifyMeans {
  readonly home: string
  /** Name of this computer. */
  readonly host: string
  readonly now: () => number
  settings(): MailSettings | undefined
  plans(): readonly Plan[]
  /** What is wrong with the keys, or soon will be. */
  keys(): readonly Problem[]
  /** The account's password; undefined: there is none. */
  password(settings: MailSettings): Promise<string | undefined>
  /** What people may not have been told yet, and what they have: newest first, a thousand or so. */
  recentNotices(): Promise<readonly Notice[]>
  /** For the report: newest first, a thousand or so. */
  recentRuns(): Promise<readonly Run[]>
  onChange(): void
  onBug(error: unknown): void
  readonly limits?: { readonly delivery?: DeliveryLimits; readonly ping?: PingLimits }
}

export interface TestResult {
  readonly address: string
  readonly problem?: Problem
}

export interface Notifier {
  /** What it tells of is durable: after a crash it is among the recent notices. */
  tell(notice: Notice): void
  /** Notices that may not have been told (mail), weekly reports, and what waits. Called now and then. */
  look(): Promise<void>
  /** The settings were other ones before. Durable once resolved. */
  changed(before: MailSettings | undefined): Promise<void>
  /** One mail to each of these at once, past the outbox. */
  test(settings: MailSettings, password: string | undefined, to: readonly MailRecipient[]): Promise<TestResult[]>
  /** One ping of success for a plan. Failure `ping-failed`. */
  testPing(plan: Plan): Promise<void>
  state(): Pick<MailState, 'waiting' | 'lastError' | 'lastSent' | 'givenUp' | 'pings'>
  close(): Promise<void>
}

/** For how long mails that were given up are shown, in ms. */
const shown = 14 * 24 * 3600 * 1000

export async function openNotifier(means: NotifyMeans): Promise<Notifier> {
  const { now, onBug } = means
  const outbox = await openOutbox(means.home)
  const watchman = openWatchman(means, means.limits?.ping)
  const telling = createTelling(means, outbox)
  const delivery = openDelivery({
    outbox,
    now,
    wanted: (mail) => means.settings()?.recipients.some(({ address }) => address === mail.to) ?? false,
    send: (mail, signal) => deliver(means, mail, signal),
    onChange: () => means.onChange(),
    onBug,
    limits: means.limits?.delivery ?? usualDelivery,
  })

  /** There may be notices that were not told: from before this was opened, or because they could not be noted. */
  let behind = true

  const recentMails = async () => (await means.recentNotices()).flatMap(({ mail }) => mail ?? [])

  async function catchUp(): Promise<void> {
    if (!behind || !means.settings() || !outbox.begun) return
    for (const notice of (await recentMails()).toReversed()) await telling.tell(notice)
    behind = false
  }

  /** Nobody waits for it, and nobody may suffer from it. */
  const busy = new Set<Promise<void>>()
  const aside = (work: () => Promise<void>): Promise<void> => {
    const done = work().catch((error: unknown) => {
      behind = true
      onBug(error)
    })
    busy.add(done)
    return done.finally(() => busy.delete(done))
  }

  return {
    tell({ ping, mail, over }) {
      if (ping) watchman.tell(ping)
      if (over !== undefined && outbox.hasTold(over)) void aside(() => outbox.over(over))
      if (!mail || !means.settings() || !outbox.begun || outbox.hasTold(mail.id)) return
      void aside(async () => {
        await telling.tell(mail)
        means.onChange()
        void delivery.send()
      })
    },
    async look() {
      await aside(async () => {
        await catchUp()
        await telling.report()
      })
      await delivery.send()
    },
    async changed(before) {
      const settings = means.settings()
      delivery.hurry()
      const told = before ? [] : (await recentMails()).map(({ id }) => id)
      const other = JSON.stringify(before?.report) !== JSON.stringify(settings?.report)
      // A new time for the report does not bring back the one that was due at that time last week.
      if (settings && (!before || other)) await outbox.begin(told, now())
      void delivery.send()
    },
    test: (settings, password, to) => sendTests(means, settings, password, to),
    testPing: watchman.test,
    state: () => ({
      waiting: outbox.waiting.length,
      givenUp: outbox.givenUpSince(now() - shown),
      pings: watchman.results(),
      ...(delivery.problem && outbox.waiting.length > 0 ? { lastError: delivery.problem } : {}),
      ...(outbox.lastSent === undefined ? {} : { lastSent: outbox.lastSent }),
    }),
    async close() {
      await Promise.all(busy)
      await Promise.all([delivery.close(), watchman.close()])
      await outbox.close()
    },
  }
}

/** What is put into the outbox: of a notice, and once a week. */
function createTelling({ host, now, settings: present, plans, keys, recentRuns }: NotifyMeans, outbox: Outbox) {
  const mailFor = (id: string, { address }: MailRecipient, letter: Letter): Mail => ({
    // What comes back is another mail; one that is sent again stays the same.
    id: `${id}.${createHash('sha256').update(`${address} ${now()}`).digest('hex').slice(0, 16)}`,
    to: address,
    queuedAt: new Date(now()).toISOString(),
    subject: subjectOf(letter),
    text: textOf(letter),
    html: htmlOf(letter),
  })

  async function tell({ id, event, letter }: MailNotice): Promise<void> {
    const settings = present()
    if (!settings || !outbox.begun || outbox.hasTold(id)) return
    const concerned = event ? settings.recipients.filter(({ events }) => events.includes(event)) : []
    const mails = concerned.map((one) => mailFor(id, one, letter(one.language, host)))
    await outbox.tell(id, mails)
  }

  async function report(): Promise<void> {
    const settings = present()
    if (!settings || !outbox.begun) return
    const due = lastDue(settings.report, now())
    if (due.at <= outbox.reportsFrom || outbox.hasReported(due.key)) return
    const period = { plans: plans(), keys: keys(), runs: await recentRuns(), ...weekOf(due, now()) }
    const mails = settings.recipients
      .filter((one) => one.report)
      .map((one) => mailFor(`report-${due.key}`, one, reportLetter(period, one.language, host)))
    await outbox.report(due.key, mails)
  }

  return { tell, report }
}

async function deliver(means: NotifyMeans, mail: Mail, signal: AbortSignal): Promise<void> {
  const settings = means.settings()
  if (!settings) throw new Failure('mail-unset')
  const password = await passwordOf(means, settings)
  const envelope = { to: mail.to, sender: `Arche (${means.host})`, date: new Date(mail.queuedAt) }
  await sendMail(settings, password, mail, envelope, { signal })
}

/** With an account, a password is needed. */
async function passwordOf(means: NotifyMeans, settings: MailSettings): Promise<string | undefined> {
  if (settings.account === undefined) return undefined
  const password = await means.password(settings)
  if (password === undefined) throw new Failure('mail-password', { account: settings.account }, { retryable: true })
  return password
}

async function sendTests(
  means: NotifyMeans,
  settings: MailSettings,
  password: string | undefined,
  to: readonly MailRecipient[],
): Promise<TestResult[]> {
  const date = new Date(means.now())
  const results: TestResult[] = []
  for (const { address, language } of to) {
    const letter = testLetter(language, means.host)
    const message = {
      id: `test-${date.getTime()}-${results.length}`,
      subject: subjectOf(letter),
      text: textOf(letter),
      html: htmlOf(letter),
    }
    try {
      const given = password ?? (await passwordOf(means, settings))
      await sendMail(settings, given, message, { to: address, sender: `Arche (${means.host})`, date })
      results.push({ address })
    } catch (error) {
      if (!(error instanceof Failure)) means.onBug(error)
      results.push({ address, problem: toProblem(error) })
    }
  }
  return results
}

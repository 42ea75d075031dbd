// `arche mail …`: who is told by e-mail, through which server; and `arche plan ping`, the address of a watchman.
// Guarantees: what was not named stays as it was; a password is asked for or given as every other, never as an argument.
// Does not send: the engine does.
import { Failure } from '../../api/failure.ts'
import {
  MailAddress,
  MailEvent,
  type MailRecipient,
  type MailSecurity,
  MailSettings,
  type MailState,
  PingUrl,
} from '../../api/mail.ts'
import { describe } from '../../api/text/text.ts'
import { visible } from '../../api/text/visible.ts'
import { finish } from '../finish.ts'
import { readGiven } from '../given-files.ts'
import { facts } from '../layout.ts'
import { planNamed } from '../names.ts'
import type { Output } from '../output.ts'
import { passwordMissing } from '../passwords.ts'
import type { Fact } from '../run-report.ts'
import type { Session } from '../session.ts'
import { UsageError } from '../usage.ts'

/** `false`: `--no-account`, `--no-ca`. */
export interface MailSetOptions {
  host?: string
  port?: string
  security?: MailSecurity
  account?: string | false
  ca?: string | false
  from?: string
  reportDay?: string
  reportAt?: string
}

export interface RecipientOptions {
  on?: string
  language?: 'fr' | 'en'
  report: boolean
}

const usualPorts = { starttls: 587, tls: 465, none: 25 } satisfies Record<MailSecurity, number>

export async function mailShow(session: Session): Promise<number> {
  const { output } = session
  const { plans } = await session.state()
  const mail = await knownMail(session)
  const lines = [...(mail.settings ? settingsFacts(mail.settings, mail, output) : []), ...stateFacts(mail, output)]
  for (const plan of plans)
    if (plan.ping !== undefined)
      lines.push([
        output.t('mail.terminal.ping', { name: visible(plan.name) }),
        pingWords(plan.ping, mail, plan.id, output),
      ])
  if (!mail.settings) output.say(output.t('mail.terminal.off'))
  if (lines.length > 0) for (const line of facts(lines)) output.say(line)
  return finish(session, 'mail show', { mail })
}

/** Waits until the keychain has told whether it holds the password. */
async function knownMail(session: Session): Promise<MailState> {
  const client = await session.client()
  const leaving = new AbortController()
  const signal = AbortSignal.any([leaving.signal, session.interrupts.signal])
  try {
    for await (const { changes } of await client.app.follow({}, { signal }))
      if (changes.mail && (!changes.mail.settings || changes.mail.passwordKept !== undefined)) return changes.mail
  } finally {
    leaving.abort()
  }
  throw new Failure('engine-gone')
}

function settingsFacts(settings: MailSettings, mail: MailState, { t }: Output): Fact[] {
  const { account, authority, report, recipients } = settings
  const kept = mail.passwordKept ? 'password-kept' : 'password-missing'
  const lines: Fact[] = [
    [
      t('mail.terminal.server'),
      `${visible(settings.host)}:${settings.port} (${t(`mail.security.${settings.security}`)})`,
    ],
    [t('mail.terminal.account'), account === undefined ? t('mail.terminal.no-account') : visible(account)],
  ]
  if (account !== undefined) lines.push([t('mail.terminal.password'), t(`mail.terminal.${kept}`)])
  if (authority !== undefined) lines.push([t('mail.terminal.authority'), t('mail.terminal.authority-own')])
  lines.push([t('mail.terminal.from'), settings.from])
  for (const recipient of recipients)
    lines.push([t('mail.terminal.recipient'), `${recipient.address}: ${tells(recipient, t)}`])
  if (recipients.length === 0) lines.push([t('mail.terminal.recipient'), t('mail.terminal.recipients-none')])
  const when = t('mail.terminal.report-when', { day: t(`mail.day.${report.day}`), at: report.at })
  lines.push([t('mail.terminal.report'), when])
  return lines
}

function stateFacts(mail: MailState, { t, time, language }: Output): Fact[] {
  const lines: Fact[] = []
  if (mail.waiting > 0) {
    const why = mail.lastError ? describe(mail.lastError, language).text : ''
    lines.push([t('mail.terminal.waiting'), [String(mail.waiting), why].filter(Boolean).join('\n')])
  }
  if (mail.lastSent !== undefined) lines.push([t('mail.terminal.last-sent'), time(mail.lastSent)])
  if (mail.givenUp > 0) lines.push([t('mail.terminal.given-up'), String(mail.givenUp)])
  return lines
}

function tells({ events, language, report }: MailRecipient, t: Output['t']): string {
  const names = [...events.map((event) => t(`mail.event.${event}`)), ...(report ? [t('mail.terminal.weekly')] : [])]
  return t('mail.terminal.tells', { events: names.join(', ') || t('mail.terminal.nothing'), language })
}

function pingWords(url: string, { pings }: MailState, planId: string, { language, time }: Output): string {
  const last = pings.find((one) => one.planId === planId)
  const said = last && (last.problem ? describe(last.problem, language).text : time(last.at))
  return [visible(url), ...(said ? [said] : [])].join('\n')
}

/** The settings there are; without them Failure `mail-unset`. */
async function present(session: Session): Promise<MailSettings> {
  const { settings } = (await session.state()).mail
  if (!settings) throw new Failure('mail-unset')
  return settings
}

export async function mailSet(session: Session, options: MailSetOptions): Promise<number> {
  const { output } = session
  const before = (await session.state()).mail.settings
  const settings = checked(await changed(before, options), options)
  const password = await newPassword(session, before, settings)
  await session.guarded((client) => client.mail.save({ settings, ...(password === undefined ? {} : { password }) }))
  output.say(output.t('mail.terminal.saved'))
  const next = settings.recipients.length === 0 ? 'next-recipient' : 'next-test'
  return finish(session, 'mail set', { settings }, output.t(`mail.terminal.${next}`))
}

async function changed(before: MailSettings | undefined, options: MailSetOptions): Promise<unknown> {
  const { security = before?.security ?? 'starttls' } = options
  const samePort = before && (options.security === undefined || before.port !== usualPorts[before.security])
  const port = options.port === undefined ? (samePort ? before.port : usualPorts[security]) : Number(options.port)
  const account = options.account === undefined ? before?.account : options.account || undefined
  const { day = 5, at = '12:00' } = before?.report ?? {}
  const authority =
    options.ca === undefined
      ? before?.authority
      : options.ca === false
        ? undefined
        : await readGiven(options.ca, 200_000)
  return {
    host: options.host ?? before?.host,
    port,
    security,
    ...(account === undefined ? {} : { account }),
    ...(authority === undefined ? {} : { authority }),
    from: options.from ?? before?.from,
    recipients: before?.recipients ?? [],
    report: { day: options.reportDay === undefined ? day : Number(options.reportDay), at: options.reportAt ?? at },
  }
}

/** Which option sets which part, for when it is wrong. */
const optionOf: Readonly<Record<string, string>> = {
  host: '--host',
  port: '--port',
  account: '--account',
  authority: '--ca',
  from: '--from',
  day: '--report-day',
  at: '--report-at',
}

function checked(settings: unknown, options: MailSetOptions): MailSettings {
  const parsed = MailSettings.safeParse(settings)
  if (parsed.success) return parsed.data
  const part = String(parsed.error.issues[0]?.path.at(-1) ?? 'account')
  const name = optionOf[part] ?? part
  const typed = Object.entries({ ...options, day: options.reportDay, at: options.reportAt, authority: options.ca })
  const value = typed.find(([key, given]) => key === part && given !== undefined)?.[1]
  if (value === undefined) throw new UsageError('missing-option', { name, command: 'arche mail set' })
  throw new UsageError('bad-value', { name, value: visible(String(value)), command: 'arche mail set' })
}

/** A password that was given or, for a new account, is typed. Without anybody to ask it comes later, by `arche mail password`. */
async function newPassword(
  session: Session,
  before: MailSettings | undefined,
  { account, host, port }: MailSettings,
): Promise<string | undefined> {
  if (account === undefined) return undefined
  const given = session.passwords.given('mail')
  const same = before && before.account === account && before.host === host && before.port === port
  if (given !== undefined || same || !session.ask.possible || (await session.state()).keychain.problem) return given
  return session.ask.password(session.output.t('terminal.password.mail-ask', { account: visible(account) }))
}

export async function mailOff(session: Session): Promise<number> {
  const { t } = session.output
  await present(session)
  if (!(await session.confirm(t('mail.terminal.off-ask')))) throw new Failure('cancelled')
  await session.guarded((client) => client.mail.save({ settings: null }))
  return finish(session, 'mail off', {}, t('mail.terminal.switched-off'))
}

export async function mailPassword(session: Session, { forget }: { forget?: boolean }): Promise<number> {
  const { t } = session.output
  const { account } = await present(session)
  if (account === undefined) throw new Failure('mail-unset')
  if (forget) {
    await session.guarded((client) => client.mail.password({ password: null }))
    return finish(session, 'mail password', {}, t('mail.terminal.password-gone'))
  }
  await session.unlock()
  const given = session.passwords.given('mail')
  if (given === undefined && !session.ask.possible) throw passwordMissing('mail', t)
  const password = given ?? (await session.ask.password(t('terminal.password.mail-ask', { account: visible(account) })))
  await session.guarded((client) => client.mail.password({ password }))
  return finish(session, 'mail password', {}, t('mail.terminal.password-now'))
}

/** Every recipient, or one; the first that failed decides how it ends. */
export async function mailTest(session: Session, address: string | undefined): Promise<number> {
  const { output } = session
  await present(session)
  const to = address === undefined ? undefined : addressOf(address)
  const password = session.passwords.given('mail')
  const results = await session.guarded((client) =>
    client.mail.test({ ...(to === undefined ? {} : { to }), ...(password === undefined ? {} : { password }) }),
  )
  const problems = results.flatMap(({ problem }) => (problem ? [problem] : []))
  for (const result of results)
    if (!result.problem) output.say(output.t('mail.terminal.test-good', { address: result.address }))
  const [first, ...others] = problems
  for (const problem of others) output.warning(problem)
  if (first) throw new Failure(first.code, first.details)
  return finish(session, 'mail test', { results })
}

function addressOf(typed: string): string {
  const parsed = MailAddress.safeParse(typed)
  if (parsed.success) return parsed.data
  throw new UsageError('bad-value', { name: 'address', value: visible(typed), command: 'arche mail' })
}

export async function recipientAdd(session: Session, typed: string, options: RecipientOptions): Promise<number> {
  const { t } = session.output
  const settings = await present(session)
  const address = addressOf(typed)
  const recipient: MailRecipient = {
    address,
    language: options.language ?? session.output.language,
    events: eventsOf(options.on),
    report: options.report,
  }
  const recipients = [...settings.recipients.filter((one) => one.address !== address), recipient]
  await session.guarded((client) => client.mail.save({ settings: { ...settings, recipients } }))
  const sentence = t('mail.terminal.recipient-saved', { address, what: tells(recipient, t) })
  return finish(session, 'mail recipient add', { recipient }, sentence)
}

const usualEvents: readonly MailEvent[] = ['error', 'warning', 'missed']

function eventsOf(typed: string | undefined): MailEvent[] {
  if (typed === undefined) return [...usualEvents]
  if (typed === 'none') return []
  if (typed === 'all') return [...MailEvent.options]
  return typed.split(',').map((word) => {
    const event = MailEvent.safeParse(word.trim())
    if (event.success) return event.data
    const choices = [...MailEvent.options, 'all', 'none'].join(', ')
    throw new UsageError('not-choice', { name: '--on', value: visible(word), choices })
  })
}

export async function recipientRemove(session: Session, typed: string): Promise<number> {
  const settings = await present(session)
  const recipients = settings.recipients.filter(({ address }) => address !== typed.trim())
  if (recipients.length === settings.recipients.length) throw new Failure('not-found', { name: typed })
  await session.guarded((client) => client.mail.save({ settings: { ...settings, recipients } }))
  const sentence = session.output.t('mail.terminal.recipient-removed', { address: visible(typed) })
  return finish(session, 'mail recipient remove', { address: typed }, sentence)
}

export interface PingOptions {
  off?: boolean
  test?: boolean
}

export async function planPing(
  session: Session,
  typed: string,
  url: string | undefined,
  { off, test }: PingOptions,
): Promise<number> {
  const { t } = session.output
  const plan = planNamed(typed, (await session.state()).plans)
  const [planId, name] = [plan.id, visible(plan.name)]
  if (off && (url !== undefined || test)) throw new UsageError('conflict', { name: '--off' })
  if (url !== undefined && !PingUrl.safeParse(url).success)
    throw new UsageError('bad-value', { name: 'url', value: visible(url), command: 'arche plan ping' })
  if (url !== undefined || off) await session.guarded((client) => client.mail.ping({ planId, url: url ?? null }))
  const now = off ? undefined : (url ?? plan.ping)
  if (now === undefined) return finish(session, 'plan ping', { planId }, t('mail.terminal.ping-off', { name }))
  session.output.say(t('mail.terminal.ping-saved', { name, url: visible(now) }))
  if (!test) return finish(session, 'plan ping', { planId, url: now })
  await session.guarded((client) => client.mail.testPing({ planId }))
  return finish(session, 'plan ping', { planId, url: now }, t('mail.terminal.ping-good', { name }))
}

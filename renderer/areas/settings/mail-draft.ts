// The mail settings as a form holds them, and the settings that they become. Pure.
// Guarantees: the same schema as everywhere decides what is possible; what is wrong is told field by field.
import { type MailRecipient, type MailSecurity, MailSettings, type ReportTime } from '../../../core/api/mail.ts'
import type { Language } from '../../../core/api/model.ts'

/** One more recipient; `id` tells rows apart while addresses are typed. */
export type RecipientDraft = MailRecipient & { id: number }

export interface MailDraft {
  host: string
  port: number | string
  security: MailSecurity
  account: string
  authority: string
  from: string
  recipients: RecipientDraft[]
  report: ReportTime
}

const usualPorts = { starttls: 587, tls: 465, none: 25 } satisfies Record<MailSecurity, number>

let ids = 0

export function newRecipient(language: Language): RecipientDraft {
  ids += 1
  return { id: ids, address: '', language, events: ['error', 'warning', 'missed'], report: true }
}

/** Of saved settings, or of none: one empty recipient. */
export function draftOf(settings: MailSettings | undefined, language: Language): MailDraft {
  return {
    host: settings?.host ?? '',
    port: settings?.port ?? usualPorts.starttls,
    security: settings?.security ?? 'starttls',
    account: settings?.account ?? '',
    authority: settings?.authority ?? '',
    from: settings?.from ?? '',
    recipients: settings?.recipients.map((one) => ({ ...newRecipient(language), ...one })) ?? [newRecipient(language)],
    report: settings?.report ?? { day: 5, at: '12:00' },
  }
}

/** What a person has typed: without the ids, which are other ones in every draft. */
export function typedIn(draft: MailDraft): object {
  return { ...draft, recipients: draft.recipients.map(({ id: _, ...recipient }) => recipient) }
}

/** Another kind of encryption; the usual port follows where the former usual one stood. */
export function withSecurity(draft: MailDraft, security: MailSecurity): MailDraft {
  const usual = Number(draft.port) === usualPorts[draft.security]
  return { ...draft, security, port: usual ? usualPorts[security] : draft.port }
}

/** Undefined while something is missing or impossible. */
export function settingsOf(draft: MailDraft): MailSettings | undefined {
  const { account, authority, port, recipients, ...rest } = draft
  const parsed = MailSettings.safeParse({
    ...rest,
    port: Number(port),
    recipients: recipients.map(({ id: _, ...one }) => one),
    ...(account.trim() === '' ? {} : { account: account.trim() }),
    ...(authority.trim() === '' ? {} : { authority }),
  })
  return parsed.success ? parsed.data : undefined
}

// Who is told what by e-mail, through which server; and the address that a plan pings. As schemas, like model.ts.
// Guarantees: no password and nothing that could break a mail's header passes; a password is never sent over an unencrypted connection.
// Does not say how the mail is sent: see core/notify.
import { z } from 'zod'
import { Language } from './language.ts'
import { Problem } from './problem.ts'

const Time = z.iso.datetime()

/** Address of a mailbox: no spaces, no control characters, no brackets or quotes; `root@localhost` is one too. At most 254 characters (RFC 5321). */
export const MailAddress = z
  .string()
  .trim()
  .max(254)
  .regex(/^[^\s\p{Cc}\p{Cf}@<>()[\],;:\\"]+@[^\s\p{Cc}\p{Cf}@<>()[\],;:\\"]+$/u)

/** Name or address of a server: IPv6 without brackets. */
const Host = z
  .string()
  .trim()
  .max(255)
  .regex(/^[^\s\p{Cc}/@<>"]+$/u)

export const MailEvent = z.enum(['error', 'warning', 'success', 'missed'])
export type MailEvent = z.infer<typeof MailEvent>

export const MailRecipient = z.object({
  address: MailAddress,
  language: Language,
  events: z.array(MailEvent).max(MailEvent.options.length),
  /** The weekly report too. */
  report: z.boolean(),
})
export type MailRecipient = z.infer<typeof MailRecipient>

/** `starttls`: encrypted after the greeting, or not at all. `tls`: from the first byte. `none`: for a relay of the own network, without account. */
export const MailSecurity = z.enum(['starttls', 'tls', 'none'])
export type MailSecurity = z.infer<typeof MailSecurity>

/** When the weekly report is sent: ISO day of the week (1 = Monday), local time. */
export const ReportTime = z.object({
  day: z.number().int().min(1).max(7),
  at: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
})
export type ReportTime = z.infer<typeof ReportTime>

/** The password of the account is in the keychain, never here. */
export const MailSettings = z
  .object({
    host: Host,
    port: z.number().int().min(1).max(65_535),
    security: MailSecurity,
    account: z
      .string()
      .min(1)
      .max(254)
      .regex(/^[^\p{Cc}]+$/u)
      .optional(),
    /** Certificates (PEM) that are trusted for this server instead of those that every program trusts. */
    authority: z
      .string()
      .max(200_000)
      .regex(/-----BEGIN CERTIFICATE-----/)
      .optional(),
    from: MailAddress,
    recipients: z.array(MailRecipient).max(50),
    report: ReportTime.default({ day: 5, at: '12:00' }),
  })
  .refine((mail) => mail.security !== 'none' || mail.account === undefined, { message: 'mail-account-clear' })
  .refine((mail) => new Set(mail.recipients.map(({ address }) => address)).size === mail.recipients.length, {
    message: 'mail-recipient-twice',
  })
export type MailSettings = z.infer<typeof MailSettings>

/** Where a plan's runs are reported to a watchman ("dead man's switch"): `URL/start`, `URL`, `URL/fail`. No user name or password in it. */
export const PingUrl = z
  .url({ protocol: /^https?$/ })
  .max(2000)
  .regex(/^https?:\/\/[^/?#@\s]+(?:[/?][^#\s]*)?$/i)

/** What windows and terminals see of it. */
export const MailState = z.object({
  /** Absent: nobody is told anything. */
  settings: MailSettings.optional(),
  /** The account's password is in the keychain (or was handed over by the system's service manager). Absent until the keychain has answered. */
  passwordKept: z.boolean().optional(),
  /** Mails that are not sent yet. */
  waiting: z.number().int().nonnegative(),
  /** Why the last attempt failed; absent after one that succeeded. */
  lastError: Problem.optional(),
  lastSent: Time.optional(),
  /** Mails that could not be sent for days and were given up in the last two weeks. */
  givenUp: z.number().int().nonnegative(),
  /** The last ping of each plan in this session of the engine. */
  pings: z.array(z.object({ planId: z.uuid(), at: Time, problem: Problem.optional() })),
})
export type MailState = z.infer<typeof MailState>

// A notice: something that people may be told, such as the end of a run, and the one thing that the notifier takes. Whoever has something to tell makes
// one (for runs: message.ts, for alarms: standing.ts); who gets it, when and how often it is tried is decided in notify.ts and watchman.ts, for all of them alike.
import type { MailEvent } from '../api/mail.ts'
import type { Language } from '../api/model.ts'
import type { Letter } from './letter.ts'
import type { PingKind } from './ping.ts'

export interface Notice {
  /** Absent: nothing that people read. */
  readonly mail?: MailNotice
  /** Absent: no watchman hears of it. */
  readonly ping?: PingNotice
  /** Id of what was told of by mail and has passed: it is told again if it comes back. */
  readonly over?: string
}

export interface MailNotice {
  /** Never the same for two things: what was told under an id is not told again, by no later start either. */
  readonly id: string
  /** Recipients of this event get it; undefined: nobody does, now or later. */
  readonly event: MailEvent | undefined
  /** `host`: name of this computer. */
  letter(language: Language, host: string): Letter
}

export interface PingNotice {
  /** Whose watchman. */
  readonly planId: string
  readonly kind: PingKind
  /** English: it goes to a program. */
  text(host: string): string
}

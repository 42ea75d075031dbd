// What is told of a run, as notices: in the recipient's language as a mail, and as a few lines for a watchman.
// Guarantees: says what happened, what it means for the data and what to do; no secrets, because histories hold none.
// Does not decide who is told: see notify.ts. The weekly report is in report.ts.
import { isLacking } from '../api/loss.ts'
import type { MailEvent } from '../api/mail.ts'
import type { Language, Run } from '../api/model.ts'
import { formatBytes, formatDuration, formatTime } from '../api/text/format.ts'
import { describe, translator } from '../api/text/text.ts'
import { visible } from '../api/text/visible.ts'
import type { Letter, Tone } from './letter.ts'
import type { Notice } from './notice.ts'
import type { PingKind } from './ping.ts'

/** Watchmen hear that a backup has begun, people do not. */
export function startOf(run: Run): Notice {
  return pingOf(run, 'start')
}

/** Of a run that has its outcome. */
export function endOf(run: Run): Notice {
  const event = eventOf(run)
  const kind = pingKindOf(run)
  return {
    mail: { id: run.id, event, letter: (language, host) => runLetter(run, event ?? 'error', language, host) },
    ...(kind && pingOf(run, kind)),
  }
}

/** Restores and verifications have no plan of their own that somebody watches. */
function pingOf(run: Run, kind: PingKind): Notice {
  const { planId } = run
  if (planId === undefined || run.kind !== 'backup') return {}
  return { ping: { planId, kind, text: (host) => pingText(run, host) } }
}

/** A run that was cancelled did not save anything: whoever watches should know. Skipped runs say nothing: another one was at work. */
function pingKindOf(run: Run): PingKind | undefined {
  const { outcome } = run
  if (outcome === undefined || outcome === 'skipped') return undefined
  // Something may be missing: whoever watches is there to be told.
  if (isLacking(run)) return 'fail'
  return outcome === 'success' || outcome === 'warning' ? 'success' : 'fail'
}

/** Under which event a run's end is told. A run that a person cancelled is told to nobody: they know. */
export function eventOf({ outcome }: Pick<Run, 'outcome'>): MailEvent | undefined {
  switch (outcome) {
    case 'success':
    case 'warning':
    case 'error':
    case 'missed':
      return outcome
    case 'abandoned':
      return 'error'
    case 'skipped':
      return 'missed'
    default:
      return undefined
  }
}

const tones = { success: 'good', warning: 'warn', error: 'bad', missed: 'bad' } satisfies Record<MailEvent, Tone>

/** `host`: name of this computer. */
export function runLetter(run: Run, event: MailEvent, language: Language, host: string): Letter {
  const t = translator(language)
  const names = { kind: t(`common.kind.${run.kind}`), subject: visible(run.subject), host: visible(host) }
  const outcome = run.outcome ?? 'error'
  const problem = run.failure && describe(run.failure, language)
  const end = isLacking(run) ? 'loss' : outcome
  const missing = isLacking(run) ? (run.losses ?? []).map((one) => describe(one, language).text) : []
  return {
    language,
    subject: t('mail.run.subject', {
      ...names,
      outcome: end === 'loss' ? t('mail.run.look') : t(`common.outcome.${outcome}`),
    }),
    tone: tones[event],
    headline: t(`mail.run.headline.${end}`, names),
    sentences: [...missing, t(`mail.run.meaning.${end}`), ...(problem ? [problem.text, problem.hint] : [])],
    facts: facts(run, language, host),
    remarks: [],
    footer: t('mail.footer', names),
  }
}

function facts(run: Run, language: Language, host: string): [string, string][] {
  const t = translator(language)
  const label = (name: string) => t(`mail.fact.${name}`)
  const list: [string, string][] = [
    [label('computer'), host],
    [label('task'), `${t(`common.kind.${run.kind}`)} (${t(`common.trigger.${run.trigger}`)})`],
    [label('plan'), run.subject],
    [label('started'), formatTime(run.startedAt, language)],
  ]
  if (run.endedAt !== undefined)
    list.push([label('ended'), formatTime(run.endedAt, language)], [label('took'), took(run)])
  if (run.medium) list.push([label('medium'), run.medium.name])
  if (run.artifact !== undefined) list.push([label('artifact'), run.artifact])
  if (run.files > 0)
    list.push([label('data'), t('mail.fact.amount', { count: run.files, size: formatBytes(run.bytes, language) })])
  if (run.stored > 0) list.push([label('stored'), formatBytes(run.stored, language)])
  if (run.warnings > 0) list.push([label('warnings'), String(run.warnings)])
  return list
}

function took({ startedAt, endedAt }: Run): string {
  return formatDuration((Date.parse(endedAt ?? startedAt) - Date.parse(startedAt)) / 1000)
}

export function testLetter(language: Language, host: string): Letter {
  const t = translator(language)
  const names = { host: visible(host) }
  return {
    language,
    subject: t('mail.test.subject', names),
    tone: 'good',
    headline: t('mail.test.headline'),
    sentences: [t('mail.test.text', names)],
    facts: [],
    remarks: [],
    footer: t('mail.footer', names),
  }
}

/** For a watchman, who keeps it beside the ping. English: it goes to a program. */
export function pingText(run: Run, host: string): string {
  const lines = [`${run.kind} of ${visible(run.subject)} on ${visible(host)}: ${run.outcome ?? 'started'}`]
  if (run.failure) lines.push(describe(run.failure, 'en').text)
  if (run.warnings > 0) lines.push(`warnings: ${run.warnings}`)
  if (run.stored > 0) lines.push(`stored: ${run.stored} bytes`)
  if (run.endedAt !== undefined) lines.push(`took: ${took(run)}`)
  return `${lines.join('\n')}\n`
}

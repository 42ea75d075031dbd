// The weekly report: when it is due, and what the last seven days were like, plan by plan.
// Guarantees: pure. A report is due once for each day it is set for: after a sleep of weeks once (the newest), after a change of the clock or the
// time zone never twice. A plan without any backup in the week is named, too. Does not send: see notify.ts.
import type { Problem } from '../api/failure.ts'
import { isLacking, isSaved, removedSince } from '../api/loss.ts'
import type { ReportTime } from '../api/mail.ts'
import type { Language, Run } from '../api/model.ts'
import type { Plan } from '../api/plan.ts'
import { formatBytes, formatTime } from '../api/text/format.ts'
import { describe, translator } from '../api/text/text.ts'
import { visible } from '../api/text/visible.ts'
import type { Letter, Tone } from './letter.ts'

const week = 7 * 24 * 3600 * 1000

export interface Due {
  /** The local day it stands for, `2026-03-06`: each is reported once. */
  readonly key: string
  /** In ms since 1970. */
  readonly at: number
}

/** The newest moment at which a report was due, at or before `now` (ms), in local time. */
export function lastDue({ day, at }: ReportTime, now: number): Due {
  const [hour = 0, minute = 0] = at.split(':').map(Number)
  const today = new Date(now)
  const back = (today.getDay() - (day % 7) + 7) % 7
  // By calendar days, not by 24 hours: a week with a change to summer time is shorter.
  const on = (daysBack: number) =>
    new Date(today.getFullYear(), today.getMonth(), today.getDate() - daysBack, hour, minute)
  const found = on(back).getTime() <= now ? on(back) : on(back + 7)
  const two = (value: number) => String(value).padStart(2, '0')
  const key = `${found.getFullYear()}-${two(found.getMonth() + 1)}-${two(found.getDate())}`
  return { key, at: found.getTime() }
}

export interface Week {
  /** What is wrong with the keys that backups are made for, or soon will be. */
  readonly keys?: readonly Problem[]
  readonly plans: readonly Pick<Plan, 'id' | 'name'>[]
  /** Newest first; at least those of the last two weeks. */
  readonly runs: readonly Run[]
  /** From when on: a week before the report was due, so that nothing falls between two reports. In ms. */
  readonly from: number
  readonly to: number
}

/** From a week before it was due until now, and at least the last seven days. */
export function weekOf(due: Due, now: number): Pick<Week, 'from' | 'to'> {
  return { from: Math.min(due.at, now) - week, to: now }
}

interface Line {
  readonly name: string
  readonly good: number
  readonly omissions: number
  readonly failed: number
  readonly missed: number
  readonly stored: number
  readonly last: Run | undefined
  readonly trouble: Run | undefined
  /** The newest backup, where it lacks something that nobody has looked at. */
  readonly lacking: Run | undefined
}

/** What became of a plan's backups; `last`: the newest good one of all times that are known, which is still there. */
function lineOf(name: string, all: readonly Run[], { from, to, runs: every }: Week): Line {
  const runs = all.filter((run) => within(run, from, to))
  const count = (...outcomes: Run['outcome'][]) => runs.filter((run) => outcomes.includes(run.outcome)).length
  const removed = removedSince(every)
  const good = (run: Run) => run.outcome === 'success' || run.outcome === 'warning'
  return {
    name,
    good: count('success'),
    omissions: count('warning'),
    failed: count('error', 'abandoned'),
    missed: count('missed', 'skipped'),
    stored: runs.filter(good).reduce((sum, run) => sum + run.stored, 0),
    last: all.find((run) => good(run) && !isLacking(run) && !removed.has(run)),
    lacking: [all.find(isSaved)].find((run) => run && isLacking(run)),
    trouble: runs.find((run) => run.failure !== undefined && run.outcome !== 'cancelled'),
  }
}

function within(run: Run, from: number, to: number): boolean {
  const time = Date.parse(run.endedAt ?? run.startedAt)
  return time > from && time <= to
}

function toneOf({ good, omissions, failed, missed, lacking }: Line): Tone {
  if (good + omissions === 0) return 'bad'
  return failed + missed + omissions > 0 || lacking ? 'warn' : 'good'
}

const worst: readonly Tone[] = ['bad', 'warn', 'good']

export function reportLetter(period: Week, language: Language, host: string): Letter {
  const t = translator(language)
  const lines = linesOf(period)
  const found = worst.find((one) => lines.some((line) => toneOf(line) === one)) ?? 'quiet'
  const tone = found === 'good' && period.keys?.length ? 'warn' : found
  const names = { host: visible(host), from: formatTime(new Date(period.from).toISOString(), language) }
  const others = period.runs.filter((run) => run.kind !== 'backup' && within(run, period.from, period.to))
  const failed = others.filter((run) => run.outcome === 'error' || run.outcome === 'abandoned').length
  return {
    language,
    subject: t(`mail.report.subject.${tone}`, names),
    tone,
    headline: t('mail.report.headline', names),
    sentences: [
      t(`mail.report.meaning.${tone}`),
      t('mail.report.period', { ...names, to: formatTime(new Date(period.to).toISOString(), language) }),
    ],
    facts:
      others.length === 0
        ? []
        : [[t('mail.report.others'), t('mail.report.others-count', { count: others.length, failed })]],
    table: {
      head: ['plan', 'backups', 'last', 'stored'].map((name) => t(`mail.report.column.${name}`)),
      rows: lines.map((line) => [
        line.name,
        countsOf(line, language),
        line.last ? formatTime(line.last.endedAt ?? line.last.startedAt, language) : t('mail.report.never'),
        formatBytes(line.stored, language),
      ]),
    },
    remarks: [
      ...(period.keys ?? []).map((problem) => describe(problem, language).text),
      ...lines.flatMap((line) => [...missingIn(line, language), ...remarkOf(line, language)]),
    ],
    footer: t('mail.footer', names),
  }
}

/** The plans there are, then what was backed up by plans that are gone. */
function linesOf(period: Week): Line[] {
  const backups = period.runs.filter((run) => run.kind === 'backup')
  const known = new Set(period.plans.map((plan) => plan.id))
  const gone = backups.filter((run) => !known.has(run.planId ?? '') && within(run, period.from, period.to))
  return [
    ...period.plans.map((plan) =>
      lineOf(
        plan.name,
        backups.filter((run) => run.planId === plan.id),
        period,
      ),
    ),
    ...[...new Set(gone.map((run) => run.subject))].map((subject) =>
      lineOf(
        subject,
        gone.filter((run) => run.subject === subject),
        period,
      ),
    ),
  ]
}

function countsOf(line: Line, language: Language): string {
  const t = translator(language)
  const parts = (['good', 'omissions', 'failed', 'missed'] as const)
    .filter((name) => line[name] > 0)
    .map((name) => t(`mail.report.count.${name}`, { count: line[name] }))
  return parts.join(', ') || t('mail.report.none')
}

function missingIn({ name, lacking }: Line, language: Language): string[] {
  const [loss] = lacking?.losses ?? []
  if (!lacking || !loss) return []
  const when = formatTime(lacking.startedAt, language)
  const { text } = describe(loss, language)
  return [translator(language)('mail.report.missing', { name: visible(name), when, text })]
}

/** Why something went wrong, the newest reason of each plan. */
function remarkOf({ name, trouble }: Line, language: Language): string[] {
  if (!trouble?.failure) return []
  const when = formatTime(trouble.endedAt ?? trouble.startedAt, language)
  return [
    translator(language)('mail.report.trouble', {
      name: visible(name),
      when,
      text: describe(trouble.failure, language).text,
    }),
  ]
}

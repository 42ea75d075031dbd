// `arche history`: what was done, newest first, all or what fits the options; with a run named, all that is known of it and its log.
// Guarantees: reads only. A run that a crash or a power cut ended shows as interrupted, never as a success.
import type { LogLine, Run } from '../../api/model.ts'
import type { Plan } from '../../api/plan.ts'
import { RunFilter } from '../../api/run-filter.ts'
import { formatTimeExact } from '../../api/text/format.ts'
import { runsAsCsv } from '../../api/text/runs-csv.ts'
import { describe } from '../../api/text/text.ts'
import { visible } from '../../api/text/visible.ts'
import type { Client } from '../connection.ts'
import { finish } from '../finish.ts'
import { logOf } from '../follow.ts'
import { facts, shorten, table } from '../layout.ts'
import { planNamed, runNamed, shortId } from '../names.ts'
import type { Output } from '../output.ts'
import { durationBetween, type Fact } from '../run-report.ts'
import type { Session } from '../session.ts'
import { UsageError } from '../usage.ts'

export interface HistoryOptions {
  limit: string
  plan?: string
  kind?: string[]
  outcome?: string[]
  since?: string
  until?: string
  find?: string
  csv?: true
}

export async function history(session: Session, typed: string | undefined, options: HistoryOptions): Promise<number> {
  const { output } = session
  const limit = limitOf(options.limit)
  const asked = Object.keys(options).find((name) => name !== 'limit')
  if (typed !== undefined && asked !== undefined) throw new UsageError('conflict', { name: `--${asked}` })
  if (options.csv && output.json) throw new UsageError('conflict', { name: '--csv' })
  const client = await session.client()
  if (typed !== undefined) return showRun(session, runNamed(typed, await client.run.history({ limit: 1000 })))
  const filter = filterOf(options, (await session.state()).plans)
  const runs = await pages(client, limit, filter)
  if (options.csv) output.say(runsAsCsv(runs).trimEnd())
  else if (runs.length === 0) output.say(output.t(`terminal.history.${asked === undefined ? 'none' : 'noneFits'}`))
  else for (const line of runTable(runs, output)) output.say(line)
  return finish(session, 'history', { runs })
}

function limitOf(typed: string): number {
  const limit = Number(typed)
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000_000)
    throw new UsageError('not-number', { name: '--limit', value: visible(typed) })
  return limit
}

function filterOf({ plan, kind, outcome, since, until, find }: HistoryOptions, plans: readonly Plan[]): RunFilter {
  return RunFilter.parse({
    ...(plan === undefined ? {} : { planId: planNamed(plan, plans).id }),
    ...(kind === undefined ? {} : { kinds: kind }),
    ...(outcome === undefined ? {} : { outcomes: outcome }),
    ...(since === undefined ? {} : { from: beginOf('--since', since) }),
    ...(until === undefined ? {} : { until: beginOf('--until', until, 1) }),
    ...(find === undefined ? {} : { words: find.slice(0, 500) }),
  })
}

/** When a day begins here, or the one that comes `later` days after it; a day as `YYYY-MM-DD`. */
function beginOf(name: string, typed: string, later = 0): string {
  const [, year = '', month = '', day = ''] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(typed) ?? []
  const date = new Date(Number(year), Number(month) - 1, Number(day))
  if (year === '' || date.getMonth() !== Number(month) - 1)
    throw new UsageError('not-day', { name, value: visible(typed) })
  date.setDate(date.getDate() + later)
  return date.toISOString()
}

async function pages(client: Client, limit: number, filter: RunFilter): Promise<Run[]> {
  const runs: Run[] = []
  for (let rest = limit; rest > 0; ) {
    const before = runs.at(-1)?.id
    const size = Math.min(rest, 1000)
    const page = await client.run.history({ limit: size, filter, ...(before === undefined ? {} : { before }) })
    runs.push(...page)
    rest = page.length < size ? 0 : rest - size
  }
  return runs
}

function outcomeOf(run: Run, output: Output): string {
  return output.t(`common.outcome.${run.outcome ?? 'running'}`)
}

function runTable(runs: readonly Run[], output: Output): string[] {
  const { t, bytes, time } = output
  const columns = [
    { title: t('terminal.column.run') },
    { title: t('terminal.column.started') },
    { title: t('terminal.column.task') },
    { title: t('terminal.column.plan') },
    { title: t('terminal.column.outcome') },
    { title: t('terminal.column.files'), align: 'right' as const },
    { title: t('terminal.column.size'), align: 'right' as const },
    { title: t('terminal.column.duration'), align: 'right' as const },
  ]
  const rows = runs.map((run) => [
    shortId(run.id),
    time(run.startedAt),
    t(`common.kind.${run.kind}`),
    shorten(visible(run.subject), 40),
    outcomeOf(run, output),
    String(run.files),
    bytes(run.bytes),
    durationBetween(run.startedAt, run.endedAt),
  ])
  return table(columns, rows)
}

async function showRun(session: Session, run: Run): Promise<number> {
  const { output } = session
  const { t, say } = output
  say(output.paint('bold', `${t(`common.kind.${run.kind}`)} — ${visible(run.subject)}`))
  for (const line of facts(runFacts(run, output))) say(line)
  if (run.failure) {
    const { text, hint } = describe(run.failure, output.language)
    say()
    say(text)
    say(hint)
  }
  if (run.operations.length > 0) say()
  for (const line of operationLines(run, output)) say(line)
  const log: LogLine[] = []
  for await (const line of logOf(await session.client(), run.id)) {
    if (log.length === 0) say(`\n${t('terminal.history.log')}`)
    log.push(line)
    say(logLine(line, output))
  }
  return finish(session, 'history', { run, log })
}

function runFacts(run: Run, output: Output): Fact[] {
  const { t, bytes, time } = output
  const lines: Fact[] = [
    [t('terminal.column.run'), run.id],
    [t('terminal.column.outcome'), outcomeOf(run, output)],
    [t('terminal.column.started'), `${time(run.startedAt)} (${t(`common.trigger.${run.trigger}`)})`],
  ]
  if (run.endedAt)
    lines.push([t('terminal.fact.ended'), `${time(run.endedAt)} (${durationBetween(run.startedAt, run.endedAt)})`])
  if (run.medium) lines.push([t('terminal.fact.medium'), `${visible(run.medium.name)} (${visible(run.medium.path)})`])
  if (run.artifact) lines.push([t('terminal.fact.archive'), visible(run.artifact)])
  if (run.sha256) lines.push(['SHA-256', run.sha256])
  lines.push([t('terminal.column.files'), String(run.files)])
  lines.push([
    t('terminal.column.size'),
    run.stored > 0
      ? t('terminal.history.stored', { size: bytes(run.bytes), stored: bytes(run.stored) })
      : bytes(run.bytes),
  ])
  lines.push([t('terminal.fact.warnings'), String(run.warnings)])
  if (run.lossesAccepted !== undefined) lines.push([t('keep.loss.acceptedOn'), time(run.lossesAccepted)])
  if (run.removed?.length) lines.push([t('keep.terminal.removed'), run.removed.map(visible).join('\n')])
  const { folders = [], removedAt } = run.safety ?? {}
  if (removedAt !== undefined)
    lines.push([t('terminal.fact.safety'), t('keep.window.safety.removed', { time: time(removedAt) })])
  else if (folders.length > 0) lines.push([t('terminal.fact.safety'), folders.map(visible).join('\n')])
  return lines
}

function operationLines(run: Run, output: Output): string[] {
  const { t, bytes, language } = output
  const columns = [
    { title: t('terminal.column.operation') },
    { title: t('terminal.column.started') },
    { title: t('terminal.column.duration'), align: 'right' as const },
    { title: t('terminal.column.size'), align: 'right' as const },
  ]
  const rows = run.operations.map((operation) => [
    t(`common.operation.${operation.name}`),
    formatTimeExact(operation.startedAt, language),
    durationBetween(operation.startedAt, operation.endedAt),
    operation.bytes > 0 ? bytes(operation.bytes) : '—',
  ])
  return rows.length === 0 ? [] : table(columns, rows)
}

function logLine(line: LogLine, output: Output): string {
  const mark = line.level === 'info' ? ' ' : output.t(`terminal.mark.${line.level}`)
  const words = line.problem ? describe(line.problem, output.language).text : visible(line.text ?? '')
  const operation = line.operation && !line.problem ? output.t(`common.operation.${line.operation}`) : ''
  return `${formatTimeExact(line.time, output.language)}  ${mark} ${[operation, words].filter((part) => part !== '').join(': ')}`
}

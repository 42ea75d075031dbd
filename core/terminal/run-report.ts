// How the end of a run is told: outcome, facts, what was left out file by file, the failure; and one JSON line.
// Guarantees: every warning of the run's log is listed; the exit code returned follows the table of exit-codes.ts.
// Does not know how the run was started.
import type { Problem } from '../api/failure.ts'
import type { Run } from '../api/model.ts'
import { formatDuration } from '../api/text/format.ts'
import { describe } from '../api/text/text.ts'
import { visible } from '../api/text/visible.ts'
import { exitOfRun } from './exit-codes.ts'
import { logOf } from './follow.ts'
import { facts } from './layout.ts'
import type { Output } from './output.ts'
import type { Session } from './session.ts'

export type Fact = readonly [label: string, value: string]

/** Prints warnings, then the result. `details` are the facts of this kind of run; `after` is said once they are printed, on success only. */
export async function reportRun(
  session: Session,
  command: string,
  run: Run,
  details: readonly Fact[],
  after?: () => void,
): Promise<number> {
  const { output } = session
  const { t } = output
  if (run.warnings > 0 || run.kind === 'backup') await listWarnings(session, run)
  const exitCode = exitOfRun(run)
  if (run.failure && run.outcome !== 'success' && run.outcome !== 'warning') {
    output.error({ ...run.failure, ...describe(run.failure, output.language) }, exitCode)
    output.note(t('terminal.run.more', { id: run.id.slice(0, 8) }))
    return exitCode
  }
  output.emit('result', { command, outcome: run.outcome, exitCode, run })
  output.say(headline(run, output))
  for (const line of facts([...details, ...timing(run, output)])) output.say(line)
  if (run.outcome === 'success' || run.outcome === 'warning') after?.()
  return exitCode
}

function headline(run: Run, output: Output): string {
  const styles = { success: 'green', warning: 'yellow' } as const
  const style = run.outcome === 'success' || run.outcome === 'warning' ? styles[run.outcome] : 'red'
  if (run.losses?.length)
    return output.paint('yellow', output.t('keep.loss.headline', { subject: visible(run.subject) }))
  const end = run.complete ? 'complete' : (run.outcome ?? 'abandoned')
  return output.paint(style, output.t(`terminal.headline.${run.kind}.${end}`, { subject: visible(run.subject) }))
}

/** Duration and rate of an ended run. */
function timing(run: Run, output: Output): Fact[] {
  if (!run.endedAt) return []
  const seconds = (Date.parse(run.endedAt) - Date.parse(run.startedAt)) / 1000
  const rate = seconds >= 1 && run.bytes > 0 ? ` (${output.bytes(run.bytes / seconds)}/s)` : ''
  return [[output.t('terminal.fact.duration'), `${durationBetween(run.startedAt, run.endedAt)}${rate}`]]
}

/** Time between two ISO times; no end yet: a dash. */
export function durationBetween(start: string, end: string | undefined): string {
  if (end === undefined) return '—'
  const seconds = (Date.parse(end) - Date.parse(start)) / 1000
  return seconds < 1 ? `<\u00a0${formatDuration(1)}` : formatDuration(seconds)
}

/** Notes of a log that a person who has just begun the run wants to know. */
const worthSaying = new Set<Problem['code']>(['exclude-unused', 'medium-left-out'])

async function listWarnings(session: Session, run: Run): Promise<void> {
  const { output } = session
  if (run.warnings > 0) output.note(output.t('terminal.run.warnings', { count: run.warnings }))
  for await (const line of logOf(await session.client(), run.id)) {
    if (line.level === 'warning' && line.problem) output.warning(line.problem)
    else if (line.problem && worthSaying.has(line.problem.code)) output.finding({ level: 'info', ...line.problem })
  }
}

// `arche plan restart`, and the question at the end of `arche restore`: the restart command of the plan whose data were restored.
// Guarantees: never run unasked; what it says is printed as it comes; its failure is the failure of the command (exit code), though what was
// restored stays in place.
import type { LogLine, Run } from '../../api/model.ts'
import type { Plan } from '../../api/plan.ts'
import { restartAfter } from '../../api/restart.ts'
import { visible } from '../../api/text/visible.ts'
import { exitCodes } from '../exit-codes.ts'
import { followRun } from '../follow.ts'
import { planNamed } from '../names.ts'
import { quoted } from '../quoted.ts'
import { reportRun } from '../run-report.ts'
import type { Session } from '../session.ts'
import { restartWords } from '../source-words.ts'
import { UsageError } from '../usage.ts'

/** `code`: of the restore, which stays where nothing is restarted. `wanted`: said beforehand; absent: asked. */
export async function offerRestart(
  session: Session,
  run: Run,
  code: number,
  wanted: boolean | undefined,
): Promise<number> {
  if (wanted === false || (run.outcome !== 'success' && run.outcome !== 'warning')) return code
  const { t, note, say, paint } = session.output
  const { plans, runs } = await session.state()
  const found = restartAfter(run, plans, [run, ...runs])
  if (!found) {
    if (wanted) note(t('terminal.restart.none'))
    return code
  }
  const { plan, restart } = found
  if (restart.kind === 'arche') {
    note(t('terminal.restart.arche'))
    return code
  }
  const command = visible(restart.command)
  say()
  if (!(wanted || (await agreed(session, t('terminal.restart.ask', { command }))))) {
    say(t('terminal.restart.how', { command: restartWords(restart, t) }))
    say(paint('bold', `  arche plan restart ${quoted(plan.name)}`))
    return code
  }
  const ended = await runRestart(session, plan)
  return ended === exitCodes.success ? code : ended
}

/** Nobody to ask is no: what was restored must not end in an error because of it. */
async function agreed(session: Session, question: string): Promise<boolean> {
  return session.yes || session.ask.possible ? session.confirm(question) : false
}

export async function planRestart(session: Session, typed: string): Promise<number> {
  const { plans } = await session.state()
  const plan = planNamed(typed, plans)
  if (plan.restart?.kind !== 'command') throw new UsageError('no-restart', { name: visible(plan.name) })
  return runRestart(session, plan)
}

async function runRestart(session: Session, plan: Plan): Promise<number> {
  const { t, say } = session.output
  const { id } = await session.guarded((client) => client.restart.start({ planId: plan.id }))
  const told = tellOutput(session, id)
  const run = await followRun(session, id, told)
  await told()
  return reportRun(session, 'plan restart', run, [], () => say(t('terminal.restart.reload')))
}

/** Prints what has been said since it was called last. */
function tellOutput(session: Session, id: string): () => Promise<void> {
  const { output, progress } = session
  let from = 0
  return async () => {
    const client = await session.client()
    for (;;) {
      const { lines, total } = await client.run.show({ id, from })
      from += lines.length
      for (const { text } of lines.filter(hasText)) {
        progress.end()
        output.say(`  ${visible(text)}`)
        output.emit('output', { text })
      }
      if (lines.length === 0 || from >= total) return
    }
  }
}

function hasText(line: LogLine): line is LogLine & { text: string } {
  return line.text !== undefined
}

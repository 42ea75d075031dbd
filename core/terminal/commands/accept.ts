// `arche plan accept`: a person says that what a plan's newest backup lacks is right to be missing.
// Guarantees: it is shown before it is asked about; what has changed meanwhile is refused by the engine.
import { Failure } from '../../api/failure.ts'
import { isSaved, toAccept } from '../../api/loss.ts'
import type { Run } from '../../api/model.ts'
import { visible } from '../../api/text/visible.ts'
import { finish } from '../finish.ts'
import { planNamed } from '../names.ts'
import type { Session } from '../session.ts'

/** Runs that are looked through. */
const most = 1000

export async function planAccept(session: Session, typed: string): Promise<number> {
  const { output } = session
  const { t } = output
  const plan = planNamed(typed, (await session.state()).plans)
  const name = visible(plan.name)
  const run = await waiting(session, plan.id)
  if (!run) return finish(session, 'plan accept', { id: plan.id, accepted: [] }, t('keep.loss.nothing', { name }))
  const losses = run.losses ?? (run.failure ? [run.failure] : [])
  for (const problem of losses) output.warning(problem)
  if (!(await session.confirm(t('keep.loss.ask')))) throw new Failure('cancelled')
  await session.guarded((client) => client.plan.accept({ planId: plan.id, runId: run.id }))
  const accepted = losses.map(({ code }) => code)
  return finish(session, 'plan accept', { id: plan.id, run: run.id, accepted }, t('keep.loss.done', { name }))
}

async function waiting(session: Session, planId: string): Promise<Run | undefined> {
  const runs = await (await session.client()).run.history({ limit: most })
  const backups = runs.filter((run) => run.kind === 'backup' && run.planId === planId)
  return toAccept({ backups, lastSaved: backups.find(isSaved) })
}

// `arche plan …`: the saved plans; shown, changed, taken to another computer and back, removed.
// Guarantees: removing a plan is asked about and removes no backup. Plans are made by `arche backup`.
import { Failure } from '../../api/failure.ts'
import type { Plan, PlanDraft, Restart } from '../../api/plan.ts'
import { loginOf } from '../../api/plan-source.ts'
import { visible } from '../../api/text/visible.ts'
import { finish } from '../finish.ts'
import { readGiven, writeNew } from '../given-files.ts'
import { facts, table } from '../layout.ts'
import { planNamed } from '../names.ts'
import type { Fact } from '../run-report.ts'
import type { Session } from '../session.ts'
import { restartWords, sourceFacts, sourceWords } from '../source-words.ts'
import { UsageError } from '../usage.ts'
import { rulesInWords } from './keep.ts'
import { packWords } from './pack.ts'

export async function planList(session: Session): Promise<number> {
  const { t, say } = session.output
  const { plans, known, runs } = await session.state()
  if (plans.length === 0) say(t('terminal.plan.none'))
  const columns = ['name', 'folders', 'medium', 'last-backup'].map((name) => ({ title: t(`terminal.column.${name}`) }))
  const rows = plans.map((plan) => {
    const last = runs.find(
      (run) =>
        run.kind === 'backup' && run.planId === plan.id && (run.outcome === 'success' || run.outcome === 'warning'),
    )
    const medium = known.find((one) => one.id === plan.store.id)
    return [
      visible(plan.name),
      sourceWords(plan.source, t),
      medium ? visible(medium.name) : t('terminal.plan.any-medium'),
      last ? session.output.time(last.startedAt) : '—',
    ]
  })
  if (plans.length > 0) for (const line of table(columns, rows)) say(line)
  return finish(session, 'plan list', { plans })
}

export async function planShow(session: Session, typed: string): Promise<number> {
  const { output } = session
  const { t, say, time } = output
  const { plans, known } = await session.state()
  const plan = planNamed(typed, plans)
  const medium = known.find((one) => one.id === plan.store.id)
  const lines: Fact[] = [
    ...sourceFacts(plan.source, t),
    [
      t('terminal.column.medium'),
      medium ? `${visible(medium.name)} (${visible(medium.path)})` : t('terminal.plan.any-medium'),
    ],
    ...(plan.restart ? [[t('terminal.fact.restart'), restartWords(plan.restart, t)] as const] : []),
    [t('keep.terminal.column-rules'), rulesInWords(plan.keep, t)],
    [t('terminal.fact.pack'), packWords(plan.method, t)],
    [t('terminal.column.created'), time(plan.createdAt)],
  ]
  say(output.paint('bold', visible(plan.name)))
  for (const line of facts(lines)) say(line)
  return finish(session, 'plan show', { plan })
}

/** Asks for the password of the plan's database and keeps it in the keychain. */
export async function planRemember(session: Session, typed: string): Promise<number> {
  const { plans, keychain } = await session.state()
  const plan = planNamed(typed, plans)
  const login = loginOf(plan.source)
  if (!login) throw new UsageError('no-database', { name: visible(plan.name) })
  if (keychain.problem) throw new Failure(keychain.problem.code, keychain.problem.details)
  await session.unlock()
  await session.withDatabasePassword(login, (databasePassword) =>
    session.guarded((client) => client.plan.remember({ id: plan.id, databasePassword })),
  )
  return finish(session, 'plan remember', { id: plan.id }, session.output.t('terminal.plan.now-remembered'))
}

export async function planForget(session: Session, typed: string): Promise<number> {
  const { plans } = await session.state()
  const plan = planNamed(typed, plans)
  if (!loginOf(plan.source)) throw new UsageError('no-database', { name: visible(plan.name) })
  await session.guarded((client) => client.plan.forget({ id: plan.id }))
  return finish(session, 'plan forget', { id: plan.id }, session.output.t('terminal.plan.forgotten'))
}

export interface PlanSetOptions {
  restartCommand?: string
  restartArche?: boolean
  restartNothing?: boolean
}

/** Changes what a saved plan does beside saving. */
export async function planSet(session: Session, typed: string, options: PlanSetOptions): Promise<number> {
  const restart = restartOf(options)
  const { plans } = await session.state()
  const { restart: _before, ...plan } = planNamed(typed, plans)
  const draft: PlanDraft = restart === 'nothing' ? plan : { ...plan, restart }
  const saved = await session.guarded((client) => client.plan.save(draft))
  return finish(
    session,
    'plan set',
    { plan: saved },
    session.output.t('terminal.plan.set', { name: visible(saved.name) }),
  )
}

function restartOf({ restartCommand, restartArche, restartNothing }: PlanSetOptions): Restart | 'nothing' {
  if (restartCommand !== undefined) return { kind: 'command', command: restartCommand }
  if (restartArche) return { kind: 'arche' }
  if (restartNothing) return 'nothing'
  throw new UsageError('nothing-to-change', { command: 'arche plan set' })
}

/** Plans as JSON, all or the named ones; to stdout or a new file. */
export async function planExport(
  session: Session,
  names: readonly string[],
  options: { out?: string },
): Promise<number> {
  const { output } = session
  const { plans } = await session.state()
  const ids = names.map((name) => planNamed(name, plans).id)
  const { json } = await (await session.client()).plan.export(ids.length > 0 ? { ids } : {})
  if (options.out === undefined || options.out === '-') {
    output.say(json.trimEnd())
    return finish(session, 'plan export', { json })
  }
  const path = await writeNew(session, options.out, json)
  return finish(session, 'plan export', { path }, output.t('terminal.plan.exported', { path: visible(path) }))
}

export async function planImport(session: Session, file: string): Promise<number> {
  const json = await readGiven(file, 10_000_000)
  const plans = await session.guarded((client) => client.plan.import({ json }))
  return finish(
    session,
    'plan import',
    { plans },
    session.output.t('terminal.plan.imported', { names: namesOf(plans) }),
  )
}

function namesOf(plans: readonly Plan[]): string {
  return plans.map((plan) => visible(plan.name)).join(', ') || '—'
}

export async function planRemove(session: Session, typed: string): Promise<number> {
  const { t } = session.output
  const { plans } = await session.state()
  const plan = planNamed(typed, plans)
  const name = visible(plan.name)
  if (!(await session.confirm(t('terminal.plan.remove-ask', { name })))) throw new Failure('cancelled')
  await session.guarded((client) => client.plan.remove({ id: plan.id }))
  return finish(session, 'plan remove', { id: plan.id }, t('terminal.plan.removed', { name }))
}

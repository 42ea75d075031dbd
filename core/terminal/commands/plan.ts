// `arche plan …`: the saved plans; shown, changed, taken to another computer and back, removed.
// Guarantees: removing a plan is asked about and removes no backup. Plans are made by `arche backup`.
import { Failure } from '../../api/failure.ts'
import { removedSince } from '../../api/loss.ts'
import type { Plan, PlanDraft, Restart } from '../../api/plan.ts'
import { changedParts, type PlanChange, replacing } from '../../api/plan-change.ts'
import { loginOf } from '../../api/plan-source.ts'
import type { PlanTrend } from '../../api/plan-trend.ts'
import { DayOutcome } from '../../api/protection-model.ts'
import { destinationLines, placesInWords } from '../../api/text/destination-text.ts'
import { packInWords } from '../../api/text/pack-text.ts'
import { describe, type Translate } from '../../api/text/text.ts'
import { visible } from '../../api/text/visible.ts'
import { finish } from '../finish.ts'
import { readGiven, writeNew } from '../given-files.ts'
import { facts, table } from '../layout.ts'
import { type Named, namedMedia, planNamed } from '../names.ts'
import type { Output } from '../output.ts'
import type { Fact } from '../run-report.ts'
import type { Session } from '../session.ts'
import { restartWords, sourceFacts, sourceWords } from '../source-words.ts'
import { UsageError } from '../usage.ts'
import { placeReady } from './copy.ts'

export async function planList(session: Session): Promise<number> {
  const { t, say } = session.output
  const state = await session.state()
  const { plans, runs } = state
  const known = namedMedia(state)
  if (plans.length === 0) say(t('terminal.plan.none'))
  const columns = ['name', 'folders', 'medium', 'last-backup'].map((name) => ({ title: t(`terminal.column.${name}`) }))
  const removed = removedSince(runs)
  const good = runs.filter(
    (run) => run.kind === 'backup' && (run.outcome === 'success' || run.outcome === 'warning') && !removed.has(run),
  )
  const rows = plans.map((plan) => {
    const last = good.find(({ planId }) => planId === plan.id)
    return [
      visible(plan.name),
      sourceWords(plan.source, t),
      placesInWords(plan, (id) => known.find((one) => one.id === id)?.name, t),
      last ? session.output.time(last.startedAt) : '—',
    ]
  })
  if (plans.length > 0) for (const line of table(columns, rows)) say(line)
  return finish(session, 'plan list', { plans })
}

export async function planShow(session: Session, typed: string): Promise<number> {
  const { output } = session
  const { t, say, time } = output
  const state = await session.state()
  const { plans, alarms } = state
  const known = namedMedia(state)
  const plan = planNamed(typed, plans)
  const trend = await (await session.client()).plan.trend({ id: plan.id })
  const days = daysInWords(trend, t)
  const missing = alarms.find(({ kind, planId }) => kind === 'loss' && planId === plan.id)?.losses ?? []
  const lines: Fact[] = [
    ...planParts(output, known)
      .slice(1)
      .flatMap((words) => words(plan)),
    [t('terminal.column.created'), time(plan.createdAt)],
    ...(days === '' ? [] : [[t('terminal.plan.days'), days] as const]),
    ...missing.map((one) => [t('keep.loss.waits'), describe(one, output.language).text] as const),
  ]
  say(output.paint('bold', visible(plan.name)))
  for (const line of facts(lines)) say(line)
  return finish(session, 'plan show', { plan, trend })
}

/** How many days of the last year had which result; nothing where there was none. */
function daysInWords({ days }: PlanTrend, t: Translate): string {
  const counted = DayOutcome.options.map((outcome) => ({
    outcome,
    count: days.filter((one) => one.outcome === outcome).length,
  }))
  return counted
    .flatMap(({ outcome, count }) => (count > 0 ? [t(`window.overview.days.${outcome}`, { count })] : []))
    .join(', ')
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
  /** Places: what receives the backups, then those that get copies. */
  to?: string[]
}

/** Changes what a saved plan does beside saving. */
export async function planSet(session: Session, typed: string, options: PlanSetOptions): Promise<number> {
  const restart = restartOf(options)
  if (restart === undefined && options.to === undefined)
    throw new UsageError('nothing-to-change', { command: 'arche plan set' })
  const { plans } = await session.state()
  const { restart: before, ...plan } = planNamed(typed, plans)
  const kept = restart ?? before
  const destinations = await destinationsOf(session, plan, options.to)
  const draft: PlanDraft = {
    ...plan,
    destinations,
    ...(kept === undefined || kept === 'nothing' ? {} : { restart: kept }),
  }
  const saved = await session.guarded((client) => client.plan.save(draft))
  return finish(
    session,
    'plan set',
    { plan: saved },
    session.output.t('terminal.plan.set', { name: visible(saved.name) }),
  )
}

/** The first receives the backups, the others get copies; one that the plan has already keeps its rules. Absent: as they are. */
async function destinationsOf(
  session: Session,
  { destinations }: Pick<Plan, 'destinations'>,
  typed: readonly string[] | undefined,
): Promise<PlanDraft['destinations']> {
  if (typed === undefined) return destinations
  const chosen: PlanDraft['destinations'] = []
  for (const one of typed) {
    const { id } = await placeReady(session, one)
    const same = destinations.find(({ place }) => place.id === id)
    chosen.push({ ...(same ? { id: same.id } : {}), place: { kind: 'medium', ...(id === undefined ? {} : { id }) } })
  }
  return chosen
}

function restartOf({ restartCommand, restartArche, restartNothing }: PlanSetOptions): Restart | 'nothing' | undefined {
  if (restartCommand !== undefined) return { kind: 'command', command: restartCommand }
  if (restartArche) return { kind: 'arche' }
  if (restartNothing) return 'nothing'
  return undefined
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

/** Shows what the file would change, asks where a plan that is here would not be what it was, and reads it. */
export async function planImport(session: Session, file: string): Promise<number> {
  const { output } = session
  const { t, say } = output
  const json = await readGiven(file, 10_000_000)
  const known = namedMedia(await session.state())
  const { changes, seen } = await (await session.client()).plan.compare({ json })
  for (const change of changes) for (const line of changeLines(change, output, known)) say(line)
  const replaced = replacing(changes)
  if (replaced.length > 0) {
    const names = namesOf(replaced.map(({ before, plan }) => before ?? plan))
    const question = t('terminal.plan.replace-ask', { count: replaced.length, names })
    if (!(await session.confirm(question))) throw new Failure('cancelled')
  }
  const plans = await session.guarded((client) => client.plan.import({ json, seen }))
  return finish(session, 'plan import', { plans }, t('terminal.plan.imported', { names: namesOf(plans) }))
}

/** A heading, then the facts that would be different: as they are, and as they would be. */
function changeLines(change: PlanChange, output: Output, known: readonly Named[]): string[] {
  const { plan, before } = change
  const { t } = output
  if (changedParts(change).length === 0) return []
  const words = planParts(output, known)
  const title = before ? 'terminal.plan.replaces' : 'terminal.plan.adds'
  const lines = words.flatMap((part): Fact[] => {
    const now = part(plan)
    if (!before) return now
    const was = part(before)
    const labels = new Set([...was, ...now].map(([label]) => label))
    return [...labels].flatMap((label): Fact[] => {
      const [old, fresh] = [was, now].map((side) => side.find(([name]) => name === label)?.[1] ?? '—')
      return old === fresh ? [] : [[label, t('terminal.plan.was', { was: old, now: fresh })]]
    })
  })
  return [output.paint('bold', t(title, { name: visible(before?.name ?? plan.name) })), ...facts(lines)]
}

/** The parts of a plan in words. */
function planParts({ t }: Output, known: readonly Named[]): ((plan: Plan) => Fact[])[] {
  return [
    (plan) => [[t('terminal.column.name'), visible(plan.name)]],
    (plan) => sourceFacts(plan.source, t),
    (plan) => [[t('terminal.fact.destinations'), destinationLines(plan, nameIn(known), t).join('\n')]],
    (plan) => [[t('terminal.fact.pack'), packInWords(plan.method, t)]],
    (plan) => [[t('terminal.fact.restart'), plan.restart ? restartWords(plan.restart, t) : '—']],
  ]
}

/** By name and path where a place is known here, else by id. */
function nameIn(known: readonly Named[]): (id: string) => string | undefined {
  return (id) => {
    const medium = known.find((one) => one.id === id)
    return medium && `${medium.name} (${medium.path})`
  }
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

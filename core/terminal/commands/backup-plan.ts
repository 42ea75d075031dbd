// Which plan a line of `arche backup` means: a saved one, one that is changed by the line, or a new one.
// Guarantees: the same folders, the same LabBook server, or the same databases use the same plan again; a plan that would save something else is changed only after
// a yes. Saves nothing.

import { sameDatabase } from '../../api/database.ts'
import { Failure } from '../../api/failure.ts'
import type { AppState } from '../../api/model.ts'
import type { Plan, PlanDraft, PlanSource } from '../../api/plan.ts'
import { databasesOf, leavesOut, loginOf, pathsOf } from '../../api/plan-source.ts'
import { visible } from '../../api/text/visible.ts'
import { absolute, exclusion, findPlan, planNamed } from '../names.ts'
import type { Session } from '../session.ts'
import { nameOfSource, sourceWords } from '../source-words.ts'
import { UsageError } from '../usage.ts'
import { type DatabaseOptions, databaseSourceOf } from './database-options.ts'
import { type PackOptions, packedAs } from './pack.ts'

export interface BackupOptions extends DatabaseOptions, PackOptions {
  /** The first receives the backup, the others get copies of it. */
  to?: string[]
  plan?: string
  exclude?: string[]
}

/** Plan to run: a saved one, or a draft to be saved first. */
export type Wanted = { saved: Plan } | { draft: PlanDraft }

/** With what the line says of its archives, which a plan keeps. */
export async function wantedPlan(
  session: Session,
  folders: readonly string[],
  options: BackupOptions,
  state: AppState,
): Promise<Wanted> {
  const wanted = await planFor(session, folders, options, state)
  const { format, compression } = options
  if (format === undefined && compression === undefined) return wanted
  const plan = 'saved' in wanted ? wanted.saved : wanted.draft
  return { draft: { ...plan, method: packedAs(plan.method, { format, compression }) } }
}

async function planFor(
  session: Session,
  folders: readonly string[],
  options: BackupOptions,
  state: AppState,
): Promise<Wanted> {
  const databases = databaseSourceOf(options)
  if (databases && (folders.length > 0 || options.exclude))
    throw new UsageError('conflict', { name: optionOf(options) })
  if (databases) return wantedSource(session, databases, options, state)
  if (folders.length > 0) {
    const paths = [...new Set(folders.map(absolute))]
    const source = { kind: 'folders' as const, paths, exclude: [], ...excluding(options.exclude) }
    return wantedSource(session, source, options, state)
  }
  if (options.plan === undefined) throw new UsageError('nothing-to-save')
  const plan = planNamed(options.plan, state.plans)
  if (!options.exclude) return { saved: plan }
  if (!leavesOut(plan.source)) throw new UsageError('conflict', { name: '--exclude' })
  return { draft: changed(plan, { ...plan.source, ...excluding(options.exclude) }) }
}

function excluding(typed: readonly string[] | undefined) {
  return typed && { exclude: typed.map(exclusion), excludeSyntax: 2 as const }
}

function optionOf({ labbook, databases }: DatabaseOptions): string {
  if (labbook !== undefined) return '--labbook'
  return databases ? '--databases' : '--all-databases'
}

async function wantedSource(
  session: Session,
  source: PlanSource,
  options: BackupOptions,
  { plans }: AppState,
): Promise<Wanted> {
  const earlier =
    options.plan === undefined ? plans.find((plan) => savesTheSame(plan.source, source)) : findPlan(options.plan, plans)
  if (!earlier) {
    const name = options.plan ?? freeName(nameOfSource(source, session.output.t), plans)
    return { draft: { name, source, destinations: [{ place: { kind: 'medium' } }] } }
  }
  const same = savesTheSame(earlier.source, source)
  if (same && !options.exclude) return { saved: earlier }
  if (!same) await agreeToChange(session, earlier)
  return { draft: changed(earlier, options.exclude ? source : leavingOutAs(earlier.source, source)) }
}

/** What was left out before still is. */
function leavingOutAs(before: PlanSource, source: PlanSource): PlanSource {
  return leavesOut(before) && leavesOut(source) ? { ...before, ...source, exclude: before.exclude } : source
}

function changed(plan: Plan, source: PlanSource): PlanDraft {
  return { ...plan, source }
}

async function agreeToChange(session: Session, plan: Plan): Promise<void> {
  const { t } = session.output
  const folders = sourceWords(plan.source, t)
  if (!(await session.confirm(t('terminal.backup.change-plan', { name: visible(plan.name), folders }))))
    throw new Failure('cancelled')
}

/** The same paths, and the same databases if there are any; what is left out does not count. */
function savesTheSame(one: PlanSource, other: PlanSource): boolean {
  const paths = new Set(pathsOf(one))
  return (
    one.kind === other.kind &&
    paths.size === new Set(pathsOf(other)).size &&
    pathsOf(other).every((path) => paths.has(path)) &&
    sameDatabase(loginOf(one), loginOf(other)) &&
    inNoOrder(databasesOf(one)) === inNoOrder(databasesOf(other))
  )
}

function inNoOrder(names: readonly string[] | string | undefined): string {
  return JSON.stringify(typeof names === 'object' ? [...new Set(names)].sort() : names)
}

/** Two folders of the same name in different places are two plans. */
function freeName(name: string, plans: readonly Plan[]): string {
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name} ${number}`
    if (!findPlan(candidate, plans)) return candidate
  }
}

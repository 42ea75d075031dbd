// Which plan a line of `arche backup` means: a saved one, one that is changed by the line, or a new one.
// Guarantees: the same folders, or the same LabBook server, use the same plan again; a plan that would save something else is changed only after
// a yes. Saves nothing.
import { Failure } from '../../api/failure.ts'
import type { AppState, LabbookSource, Plan, PlanDraft, PlanSource } from '../../api/model.ts'
import { databaseOf, pathsOf, sameDatabase } from '../../api/plan-source.ts'
import { visible } from '../../api/text/visible.ts'
import { absolute, exclusion, findPlan, nameOfFolders, planNamed } from '../names.ts'
import type { Session } from '../session.ts'
import { UsageError } from '../usage.ts'
import { databaseNamed, type ServerOptions } from './server-options.ts'

export interface BackupOptions extends ServerOptions {
  to?: string
  plan?: string
  exclude?: string[]
}

/** What will be run: a plan as it is, or one to be saved first. */
export type Wanted = { saved: Plan } | { draft: PlanDraft }

export async function wantedPlan(
  session: Session,
  folders: readonly string[],
  options: BackupOptions,
  state: AppState,
): Promise<Wanted> {
  const labbook = labbookOf(options)
  if (labbook && (folders.length > 0 || options.exclude)) throw new UsageError('conflict', { name: '--labbook' })
  if (labbook) return wantedSource(session, labbook, 'LabBook', options, state)
  if (folders.length > 0) {
    const paths = [...new Set(folders.map(absolute))]
    const exclude = options.exclude?.map(exclusion)
    const source = { kind: 'folders' as const, paths, exclude: exclude ?? [] }
    return wantedSource(session, source, nameOfFolders(paths), options, state)
  }
  if (options.plan === undefined) throw new UsageError('nothing-to-save')
  const plan = planNamed(options.plan, state.plans)
  if (!options.exclude) return { saved: plan }
  if (plan.source.kind !== 'folders') throw new UsageError('conflict', { name: '--exclude' })
  return { draft: changed(plan, { ...plan.source, exclude: options.exclude.map(exclusion) }) }
}

async function wantedSource(
  session: Session,
  source: PlanSource,
  name: string,
  options: BackupOptions,
  { plans }: AppState,
): Promise<Wanted> {
  const earlier =
    options.plan === undefined ? plans.find((plan) => savesTheSame(plan.source, source)) : findPlan(options.plan, plans)
  if (!earlier) return { draft: { name: options.plan ?? freeName(name, plans), source, store: { kind: 'medium' } } }
  const same = savesTheSame(earlier.source, source)
  if (same && !options.exclude) return { saved: earlier }
  if (!same) await agreeToChange(session, earlier)
  const kept = earlier.source.kind === 'folders' && source.kind === 'folders' && !options.exclude
  return { draft: changed(earlier, kept ? { ...earlier.source, ...source, exclude: excludedBy(earlier) } : source) }
}

function excludedBy({ source }: Plan): string[] {
  return source.kind === 'folders' ? source.exclude : []
}

function changed(plan: Plan, source: PlanSource): PlanDraft {
  return { id: plan.id, name: plan.name, source, store: plan.store }
}

async function agreeToChange(session: Session, plan: Plan): Promise<void> {
  const { t } = session.output
  const folders = pathsOf(plan.source).map(visible).join(', ')
  if (!(await session.confirm(t('terminal.backup.change-plan', { name: visible(plan.name), folders }))))
    throw new Failure('cancelled')
}

/** The same paths, and the same database if there is one; what is left out does not count. */
function savesTheSame(one: PlanSource, other: PlanSource): boolean {
  const paths = new Set(pathsOf(one))
  return (
    one.kind === other.kind &&
    paths.size === new Set(pathsOf(other)).size &&
    pathsOf(other).every((path) => paths.has(path)) &&
    sameDatabase(databaseOf(one), databaseOf(other))
  )
}

/** Two folders of the same name in different places are two plans. */
function freeName(name: string, plans: readonly Plan[]): string {
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name} ${number}`
    if (!findPlan(candidate, plans)) return candidate
  }
}

/** The LabBook server that the options describe; undefined when they describe none. */
function labbookOf(options: BackupOptions): LabbookSource | undefined {
  const command = 'arche backup'
  const database = databaseNamed(options, command)
  if (options.labbook === undefined && database === undefined) return undefined
  if (options.labbook === undefined) throw new UsageError('missing-option', { name: '--labbook', command })
  if (database === undefined) throw new UsageError('missing-option', { name: '--database', command })
  return { kind: 'labbook', storage: absolute(options.labbook), database }
}

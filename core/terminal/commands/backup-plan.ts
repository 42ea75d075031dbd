// Which plan a line of `arche backup` means: a saved one, one that is changed by the line, or a new one.
// Guarantees: the same folders, or the same LabBook server, use the same plan again; a plan that would save something else is changed only after
// a yes. Saves nothing.
import { userInfo } from 'node:os'
import { z } from 'zod'
import { Failure } from '../../api/failure.ts'
import { type AppState, type LabbookSource, type Plan, type PlanDraft, PlanSource } from '../../api/model.ts'
import { databaseOf, pathsOf, sameDatabase } from '../../api/plan-source.ts'
import { visible } from '../../api/text/visible.ts'
import { absolute, exclusion, findPlan, nameOfFolders, planNamed } from '../names.ts'
import type { Session } from '../session.ts'
import { UsageError } from '../usage.ts'

export interface BackupOptions {
  to?: string
  plan?: string
  exclude?: string[]
  labbook?: string
  database?: string
  dbUser?: string
  dbHost?: string
  dbPort?: string
  dbSocket?: string
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

const databaseOptions = {
  '--database': 'database',
  '--db-user': 'dbUser',
  '--db-host': 'dbHost',
  '--db-port': 'dbPort',
  '--db-socket': 'dbSocket',
} as const

/** The LabBook server that the options describe; undefined when they describe none. */
function labbookOf(options: BackupOptions): LabbookSource | undefined {
  const command = 'arche backup'
  if (options.labbook === undefined) {
    const alone = Object.values(databaseOptions).some((name) => options[name] !== undefined)
    if (alone) throw new UsageError('missing-option', { name: '--labbook', command })
    return undefined
  }
  if (options.database === undefined) throw new UsageError('missing-option', { name: '--database', command })
  if (options.dbSocket !== undefined && (options.dbHost ?? options.dbPort) !== undefined)
    throw new UsageError('conflict', { name: '--db-socket' })
  if (options.dbPort !== undefined && !/^\d{1,5}$/.test(options.dbPort))
    throw new UsageError('not-number', { name: '--db-port', value: visible(options.dbPort) })
  const parsed = PlanSource.safeParse({
    kind: 'labbook',
    storage: absolute(options.labbook),
    database: {
      name: options.database,
      user: options.dbUser ?? userInfo().username,
      ...(options.dbHost === undefined ? {} : { host: options.dbHost }),
      ...(options.dbPort === undefined ? {} : { port: Number(options.dbPort) }),
      ...(options.dbSocket === undefined ? {} : { socket: absolute(options.dbSocket) }),
    },
  })
  if (!parsed.success || parsed.data.kind !== 'labbook')
    throw new Failure('bad-input', { reason: parsed.error ? z.prettifyError(parsed.error) : '' })
  return parsed.data
}

// `arche backup`: the main job in one line. Everything that is missing (operator password, key, a ready medium) is offered on the way.
// Guarantees: nothing is changed before the folders and the medium have been looked at and found usable; the plan is kept under a name, and
// the same folders use the same plan again; what was left out is listed file by file.
// Does not archive anything: the engine does.

import type { BackupPreview } from '../../api/contract.ts'
import { Failure, type Finding } from '../../api/failure.ts'
import type { AppState, Medium, Plan, PlanDraft, Run } from '../../api/model.ts'
import { visible } from '../../api/text/visible.ts'
import { followRun, watchCall } from '../follow.ts'
import { facts } from '../layout.ts'
import { absolute, exclusion, findPlan, mediumRef, nameOfFolders, planNamed } from '../names.ts'
import { quoted } from '../quoted.ts'
import { type Fact, reportRun } from '../run-report.ts'
import type { Session } from '../session.ts'
import { UsageError } from '../usage.ts'
import { ensureKey } from './key.ts'
import { makeReady } from './medium.ts'

export interface BackupOptions {
  to?: string
  plan?: string
  exclude?: string[]
}

/** What will be run: a plan as it is, or one to be saved first. */
type Wanted = { saved: Plan } | { draft: PlanDraft; earlier: Plan | undefined }

export async function backup(session: Session, folders: readonly string[], options: BackupOptions): Promise<number> {
  const state = await session.state()
  const wanted = await wantedPlan(session, folders, options, state)
  const ref = options.to === undefined ? undefined : mediumRef(options.to, state)
  const preview = await estimate(session, wanted, ref)
  const findings = preview.findings.filter((finding) => !comesLater.has(finding.code))
  await session.consider(preparing(findings, preview), session.output.t('terminal.backup.go-on'))
  tellEstimate(session, wanted, preview)

  await session.unlock()
  await ensureKey(session)
  const medium = await ready(session, preview.medium, ref)
  const plan = 'saved' in wanted ? wanted.saved : await save(session, wanted, medium)
  const to = ref ?? medium?.path
  const started = await session.guarded((client) =>
    client.backup.start({ planId: plan.id, ...(to === undefined ? {} : { medium: to }) }),
  )
  const run = await followRun(session, started.id)
  return reportRun(session, 'backup', run, resultFacts(session, run), () => tellRestore(session, run))
}

/** Findings that this command offers to remove itself. */
const comesLater = new Set<Finding['code']>(['not-initialised', 'no-key', 'operator-unset'])

/**
 * That a medium is no removable one is asked about once, when it is initialised (with the same findings, so not before), and later only told.
 */
function preparing(findings: Finding[], preview: BackupPreview): Finding[] {
  const aboutDisk = (finding: Finding) => finding.level === 'warning' && finding.code.endsWith('-disk')
  if (preview.medium?.initialised === false) return findings.filter((finding) => !aboutDisk(finding))
  return findings.map((finding) => (aboutDisk(finding) ? { ...finding, level: 'info' } : finding))
}

async function wantedPlan(
  session: Session,
  folders: readonly string[],
  options: BackupOptions,
  state: AppState,
): Promise<Wanted> {
  if (folders.length === 0) {
    if (options.plan === undefined) throw new UsageError('nothing-to-save')
    const plan = planNamed(options.plan, state.plans)
    if (!options.exclude) return { saved: plan }
    return { draft: draftOf(plan, plan.source.paths, options.exclude), earlier: plan }
  }
  const paths = [...new Set(folders.map(absolute))]
  const earlier = options.plan === undefined ? planOf(paths, state.plans) : findPlan(options.plan, state.plans)
  if (!earlier) {
    const name = options.plan ?? freeName(nameOfFolders(paths), state.plans)
    return {
      draft: {
        name,
        source: { kind: 'folders', paths, exclude: (options.exclude ?? []).map(exclusion) },
        store: { kind: 'medium' },
      },
      earlier,
    }
  }
  if (samePaths(earlier.source.paths, paths) && !options.exclude) return { saved: earlier }
  if (!samePaths(earlier.source.paths, paths)) await agreeToChange(session, earlier)
  return { draft: draftOf(earlier, paths, options.exclude), earlier }
}

function draftOf(plan: Plan, paths: string[], exclude: string[] | undefined): PlanDraft {
  const source = { ...plan.source, paths, exclude: exclude?.map(exclusion) ?? plan.source.exclude }
  return { id: plan.id, name: plan.name, source, store: plan.store }
}

async function agreeToChange(session: Session, plan: Plan): Promise<void> {
  const { t } = session.output
  const folders = plan.source.paths.map(visible).join(', ')
  if (!(await session.confirm(t('terminal.backup.change-plan', { name: visible(plan.name), folders }))))
    throw new Failure('cancelled')
}

function samePaths(one: readonly string[], other: readonly string[]): boolean {
  const set = new Set(one)
  return set.size === new Set(other).size && other.every((path) => set.has(path))
}

function planOf(paths: readonly string[], plans: readonly Plan[]): Plan | undefined {
  return plans.find((plan) => samePaths(plan.source.paths, paths))
}

/** Two folders of the same name in different places are two plans. */
function freeName(name: string, plans: readonly Plan[]): string {
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name} ${number}`
    if (!findPlan(candidate, plans)) return candidate
  }
}

function estimate(session: Session, wanted: Wanted, medium: string | undefined): Promise<BackupPreview> {
  const plan = 'saved' in wanted ? wanted.saved.id : wanted.draft
  return watchCall(session, 'estimate', (client, signal) =>
    client.backup.preview({ plan, ...(medium === undefined ? {} : { medium }) }, { signal }),
  )
}

function tellEstimate(session: Session, wanted: Wanted, preview: BackupPreview): void {
  const { t, bytes, note } = session.output
  const { medium, expected } = preview
  const lines: Fact[] = [
    [t('terminal.fact.plan'), visible('saved' in wanted ? wanted.saved.name : wanted.draft.name)],
    [t('terminal.fact.to-save'), `${t('terminal.count.files', { count: preview.files })}, ${bytes(preview.bytes)}`],
  ]
  if (expected !== undefined)
    lines.push([t('terminal.fact.expected'), t('terminal.backup.expected', { size: bytes(expected) })])
  if (medium) {
    const free = medium.free === undefined ? '' : t('terminal.backup.free', { size: bytes(medium.free) })
    lines.push([t('terminal.fact.medium'), `${visible(medium.name)} (${visible(medium.path)})${free}`])
  }
  for (const line of facts(lines)) note(line)
}

/** The medium to write to, initialised. Without a medium the engine says why when the run starts. */
async function ready(
  session: Session,
  medium: Medium | undefined,
  ref: string | undefined,
): Promise<Medium | undefined> {
  if (!medium || medium.initialised) return medium
  session.output.note(session.output.t('terminal.backup.not-ready', { name: visible(medium.name) }))
  return makeReady(session, ref ?? medium.path)
}

/** A folder on a fixed disk is not found by looking at what is plugged in: the plan remembers it. */
function save(session: Session, wanted: { draft: PlanDraft }, medium: Medium | undefined): Promise<Plan> {
  const { draft } = wanted
  const bound = medium?.fixed && medium.id && draft.store.id === undefined
  const store = bound ? { kind: 'medium' as const, id: medium.id } : draft.store
  return session.guarded((client) => client.plan.save({ ...draft, store }))
}

function resultFacts(session: Session, run: Run): Fact[] {
  const { t, bytes } = session.output
  const lines: Fact[] = []
  if (run.artifact) lines.push([t('terminal.fact.archive'), visible(run.artifact)])
  if (run.medium) lines.push([t('terminal.fact.medium'), `${visible(run.medium.name)} (${visible(run.medium.path)})`])
  lines.push([
    t('terminal.fact.saved'),
    t('terminal.run.saved', {
      files: t('terminal.count.files', { count: run.files }),
      size: bytes(run.bytes),
      stored: bytes(run.stored),
    }),
  ])
  return lines
}

function tellRestore(session: Session, run: Run): void {
  const { t, say, paint } = session.output
  if (!run.medium) return
  say()
  say(t('terminal.backup.how-to-restore'))
  say(
    paint(
      'bold',
      `  arche restore latest --from ${quoted(run.medium.path)} --into ${t('terminal.arg.folder').toUpperCase()}`,
    ),
  )
}

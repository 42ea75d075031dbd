// `arche backup`: the main job in one line. Everything that is missing (a key, a ready medium) is offered on the way.
// Guarantees: nothing is changed before the folders and the medium have been looked at and found usable; the plan is kept under a name, and
// the same folders use the same plan again; what was left out is listed file by file.
// Does not archive anything: the engine does.

import type { BackupPreview } from '../../api/contract.ts'
import { placeIdsOf } from '../../api/destination.ts'
import { Failure, type Finding } from '../../api/failure.ts'
import { passesLabbook } from '../../api/labbook-password.ts'
import type { Medium, Run } from '../../api/model.ts'
import { type Method, type Plan, type PlanDraft, usualMethod } from '../../api/plan.ts'
import { isForLabbook, loginOf } from '../../api/plan-source.ts'
import { isEncrypted } from '../../api/recipe.ts'
import { packInWords } from '../../api/text/pack-text.ts'
import { visible } from '../../api/text/visible.ts'
import { followRun, watchCall } from '../follow.ts'
import { facts } from '../layout.ts'
import { mediumRef } from '../names.ts'
import { readyPlace } from '../place-secrets.ts'
import { quoted } from '../quoted.ts'
import { type Fact, reportRun } from '../run-report.ts'
import { choices, type Session } from '../session.ts'
import { type BackupOptions, type Wanted, wantedPlan } from './backup-plan.ts'
import { copyOn, placeReady } from './copy.ts'
import { ensureKey } from './key.ts'
import { makeReady } from './medium.ts'

export async function backup(session: Session, folders: readonly string[], options: BackupOptions): Promise<number> {
  const state = await session.state()
  const wanted = await wantedPlan(session, folders, options, state)
  const [goal, ...others] = options.to ?? []
  const ref = goal === undefined ? undefined : mediumRef(goal, state)
  const [first] = ('saved' in wanted ? wanted.saved : wanted.draft).destinations
  for (const place of ref === undefined && first ? placeIdsOf(first.place) : [ref]) await readyPlace(session, place)
  const { preview, password } = await withDatabasePassword(session, wanted, (given) =>
    estimate(session, wanted, ref, given),
  )
  const findings = preview.findings.filter((finding) => !comesLater.has(finding.code) && !isFine(session, finding))
  const known = 'saved' in wanted ? findings.map(toldOnly) : findings
  await session.consider(preparing(known, preview, session.yes), session.output.t('terminal.backup.go-on'))
  tellEstimate(session, wanted, preview)

  if (isEncrypted(methodOf(wanted).format)) await ensureKey(session, { labbook: isLabbook(wanted) })
  const medium = await ready(session, preview.medium, ref)
  const copies: Medium[] = []
  for (const other of others) copies.push(await placeReady(session, other))
  const plan = await planWith(session, wanted, medium, copies)
  const to = ref ?? medium?.path
  const started = await session.guarded((client) =>
    client.backup.start({ planId: plan.id, ...(to === undefined ? {} : { medium: to }), ...password }),
  )
  const run = await followRun(session, started.id)
  const exitCode = await reportRun(session, 'backup', run, resultFacts(session, run), () => tellRestore(session, run))
  const made = run.outcome === 'success' || run.outcome === 'warning'
  if (made && isNew(wanted)) tellRules(session, plan)
  return made ? Math.max(exitCode, await copyOn(session, plan.id)) : exitCode
}

function isLabbook(wanted: Wanted): boolean {
  return isForLabbook(('saved' in wanted ? wanted.saved : wanted.draft).source)
}

function isNew(wanted: Wanted): boolean {
  return 'draft' in wanted && wanted.draft.id === undefined
}

/** Nobody has said how long the backups of a new plan are kept: nothing is ever removed that nobody asked for. */
function tellRules({ output: { t, note } }: Session, { name }: Plan): void {
  note(t('keep.terminal.all-kept'))
  note(`  arche keep set ${quoted(name)}`)
}

function methodOf(wanted: Wanted): Method {
  return 'saved' in wanted ? wanted.saved.method : (wanted.draft.method ?? usualMethod)
}

/** That a plan does not encrypt is asked about when it is saved, and later only told: it may run by itself. */
function toldOnly(finding: Finding): Finding {
  return finding.code === 'unencrypted' ? { ...finding, level: 'info' } : finding
}

/** A key password that was given for this command is known to pass through LabBook. */
function isFine({ passwords }: Session, { code }: Finding): boolean {
  return code === 'labbook-password' && passesLabbook(passwords.given('key') ?? ' ')
}

/** Findings that this command offers to remove itself. */
const comesLater = new Set<Finding['code']>(['not-initialised', 'no-key'])

/**
 * That a medium is no removable one is asked about once, when it is initialised (with the same findings, so not before), and later only told.
 */
function preparing(findings: Finding[], preview: BackupPreview, yes: boolean): Finding[] {
  const aboutDisk = (finding: Finding) => finding.level === 'warning' && finding.code.endsWith('-disk')
  // Nobody will be asked: what forbids it then is told before anything is changed.
  const asked = ({ code }: Finding) => !yes && code !== 'medium-not-of-plan' && choices.has(code)
  if (preview.medium?.initialised === false) return findings.filter((finding) => !aboutDisk(finding) && !asked(finding))
  return findings.map((finding) => (aboutDisk(finding) ? { ...finding, level: 'info' } : finding))
}

interface Given {
  databasePassword?: string
}

function estimate(
  session: Session,
  wanted: Wanted,
  medium: string | undefined,
  password: Given,
): Promise<BackupPreview> {
  const plan = 'saved' in wanted ? wanted.saved.id : wanted.draft
  return watchCall(session, (client, signal, job) =>
    client.backup.preview({ plan, job, ...(medium === undefined ? {} : { medium }), ...password }, { signal }),
  )
}

/** Looks with the password that was given or is remembered; where the server wants another one, it is asked for and looked again. */
async function withDatabasePassword(
  session: Session,
  wanted: Wanted,
  look: (password: Given) => Promise<BackupPreview>,
): Promise<{ preview: BackupPreview; password: Given }> {
  const login = loginOf(('saved' in wanted ? wanted.saved : wanted.draft).source)
  const given = login && session.passwords.given('database')
  const first: Given = given === undefined ? {} : { databasePassword: given }
  let preview = await look(first)
  if (!login || given !== undefined || !isDenied(preview)) return { preview, password: first }
  const password = await session.withDatabasePassword(login, async (databasePassword) => {
    preview = await look({ databasePassword })
    const denied = preview.findings.find((finding) => finding.code === 'database-denied')
    if (denied) throw new Failure(denied.code, denied.details)
    return { databasePassword }
  })
  return { preview, password }
}

function isDenied({ findings }: BackupPreview): boolean {
  return findings.some((finding) => finding.code === 'database-denied')
}

function tellEstimate(session: Session, wanted: Wanted, preview: BackupPreview): void {
  const { t, bytes, note } = session.output
  const { medium, expected } = preview
  const lines: Fact[] = [
    [t('terminal.fact.plan'), visible('saved' in wanted ? wanted.saved.name : wanted.draft.name)],
    [t('terminal.fact.pack'), packInWords(methodOf(wanted), t)],
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

/** The plan as it will run: saved where it is new, where the line changes it, and where it gets more places for copies. */
async function planWith(
  session: Session,
  wanted: Wanted,
  medium: Medium | undefined,
  copies: readonly Medium[],
): Promise<Plan> {
  const plan = 'saved' in wanted ? wanted.saved : await save(session, wanted, medium)
  const known = plan.destinations.flatMap(({ place }) => placeIdsOf(place))
  const added = copies.flatMap(({ id }) => (id === undefined || known.includes(id) ? [] : [id]))
  if (added.length === 0) return plan
  const places = added.map((id) => ({ place: { kind: 'medium' as const, id } }))
  const saved = await session.guarded((client) =>
    client.plan.save({ ...plan, destinations: [...plan.destinations, ...places] }),
  )
  const names = copies.filter(({ id }) => id !== undefined && added.includes(id)).map(({ name }) => visible(name))
  session.output.note(session.output.t('copy.terminal.added', { plan: visible(plan.name), names: names.join(', ') }))
  return saved
}

/** A folder on a fixed disk, or a place in the network, is not found by looking at what is plugged in: the plan remembers it. */
function save(session: Session, wanted: { draft: PlanDraft }, medium: Medium | undefined): Promise<Plan> {
  const { draft } = wanted
  const [first, ...copies] = draft.destinations
  const free = first !== undefined && placeIdsOf(first.place).length === 0
  const bound = free && (medium?.fixed || medium?.kind) && medium.id !== undefined
  const destinations = bound
    ? [{ ...first, place: { kind: 'medium' as const, id: medium.id } }, ...copies]
    : draft.destinations
  return session.guarded((client) => client.plan.save({ ...draft, destinations }))
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
  if (run.removed?.length) lines.push([t('keep.terminal.removed'), run.removed.map(visible).join('\n')])
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

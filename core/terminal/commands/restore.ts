// `arche restore`: a backup, or chosen files of it, to another folder or to where it came from; and `--undo` to take a restore back.
// Guarantees: nothing is written before the person has seen what would be, and said yes; replacing more than a hundred files takes a typed word; replaced
// files are kept aside and the way back is told.
// Does not write files: the engine does.
import type { Existing, Inspection, RestorePreview } from '../../api/contract.ts'
import { Failure } from '../../api/failure.ts'
import type { Artifact, Run } from '../../api/model.ts'
import { confirmationOf } from '../../api/restore-confirmation.ts'
import { visible } from '../../api/text/visible.ts'
import { followRun, watchCall } from '../follow.ts'
import { facts } from '../layout.ts'
import { absolute, pathInArchive, runNamed, shortId } from '../names.ts'
import { quoted } from '../quoted.ts'
import { type Fact, reportRun } from '../run-report.ts'
import type { Session } from '../session.ts'
import { UsageError } from '../usage.ts'
import { artifactNamed, artifactsOn, artifactTable, inspect, type OnMedium } from './list.ts'
import { fromMedium } from './medium.ts'
import { offerRestart } from './restart.ts'
import type { RestoreOptions } from './restore-options.ts'
import {
  agreedOnServer,
  confirmServer,
  keptFacts,
  recoverAll,
  serverFacts,
  startUndo,
  type WantedServer,
  wantedServer,
} from './restore-server.ts'

export async function restore(session: Session, typed: string | undefined, options: RestoreOptions): Promise<number> {
  if (options.undo !== undefined) return undo(session, options.undo, options)
  if (options.recover) return recoverAll(session)
  const server = wantedServer(options, await session.state())
  const medium = await fromMedium(session, options.from)
  const found = await artifactsOn(session, medium)
  const artifact = typed === undefined ? await chosen(session, found) : artifactNamed(typed, found.artifacts)
  const inspection = await inspect(session, medium, artifact, false)
  const preview = server
    ? await agreedToReplace(session, artifact, inspection, server)
    : await agreed(session, artifact, inspection, options)
  const started = await session.guarded((client) => client.restore.start({ preview: preview.id }))
  const run = await followRun(session, started.id)
  const code = await reportRun(session, 'restore', run, resultFacts(session, run, preview), () =>
    tellUndo(session, run),
  )
  return offerRestart(session, run, code, options.restart)
}

/** Limit of choices at a prompt; older backups are given by name. */
const offered = 30

/** None was named: which there are, and the one that a person chooses, or how to say it. */
async function chosen(session: Session, { medium, artifacts }: OnMedium): Promise<Artifact> {
  const { output, ask } = session
  if (artifacts.length === 0) throw new Failure('no-backups', { name: medium.name })
  if (ask.possible) {
    const names = artifacts.slice(0, offered).map((one) => ({
      value: one.name,
      name: `${output.time(one.time)}  ${visible(one.subject)}  ${output.bytes(one.size)}  ${visible(one.name)}`,
    }))
    return artifactNamed(await ask.select(output.t('terminal.restore.which'), names), artifacts)
  }
  for (const line of artifactTable(artifacts, output)) output.say(line)
  throw new UsageError('archive-needed', { medium: quoted(medium.path) })
}

/** What will be done, after the person has seen it and said yes. */
async function agreed(
  session: Session,
  artifact: Artifact,
  inspection: Inspection,
  options: RestoreOptions,
): Promise<RestorePreview> {
  const only = (options.only ?? []).map((path) => pathInArchive(path, inspection.roots))
  const into = options.into === undefined ? undefined : absolute(options.into)
  const look = (existing: Existing) =>
    session.guarded(() =>
      watchCall(session, (client, signal, job) =>
        client.restore.preview(
          { inspection: inspection.id, only, existing, job, ...(into === undefined ? {} : { into }) },
          { signal },
        ),
      ),
    )
  let existing: Existing = options.existing ?? 'replace'
  let preview = await look(existing)
  tellPreview(session, artifact, preview)
  if (preview.conflicts.count > 0 && options.existing === undefined) {
    existing = await chooseExisting(session, preview)
    if (existing !== 'replace') preview = await look(existing)
  }
  await confirmRestore(session, preview, existing)
  return preview
}

async function agreedToReplace(
  session: Session,
  artifact: Artifact,
  inspection: Inspection,
  server: WantedServer,
): Promise<RestorePreview> {
  const preview = await agreedOnServer(session, inspection, server)
  tellPreview(session, artifact, preview)
  await confirmServer(session, preview)
  return preview
}

function tellPreview(session: Session, artifact: Artifact, preview: RestorePreview): void {
  const { t, bytes, time, note } = session.output
  const lines: Fact[] = [
    [t('terminal.fact.backup'), `${visible(artifact.subject)}, ${time(artifact.time)}`],
    [t('terminal.fact.to-restore'), amountOf(session, preview)],
    ...serverFacts(session, preview),
  ]
  if (preview.destinations.length > 0)
    lines.push([t('terminal.fact.where'), preview.destinations.map(visible).join('\n')])
  if (preview.free !== undefined) lines.push([t('terminal.fact.free'), bytes(preview.free)])
  for (const line of facts(lines)) note(line)
  const { count, first } = preview.conflicts
  if (count === 0) return
  note(t('terminal.restore.conflicts', { files: t('terminal.count.files', { count }) }))
  for (const path of first.slice(0, 10)) note(`  ${visible(path)}`)
  if (count > 10) note(`  ${t('terminal.restore.more', { count: count - Math.min(10, first.length) })}`)
}

/** Some archives do not say what they hold before they are read. */
function amountOf({ output: { t, bytes } }: Session, preview: RestorePreview): string {
  if (preview.files === undefined || preview.bytes === undefined) return t('terminal.restore.not-counted')
  return `${t('terminal.count.files', { count: preview.files })}, ${bytes(preview.bytes)}`
}

async function chooseExisting(session: Session, preview: RestorePreview): Promise<Existing> {
  const { output, ask } = session
  if (!ask.possible) throw new UsageError('choose-existing', { count: preview.conflicts.count })
  const names = ['keep-both', 'skip', 'replace'] as const
  return ask.select(
    output.t('terminal.restore.choose-existing'),
    names.map((value) => ({ value, name: output.t(`common.existing.${value}`) })),
  )
}

async function confirmRestore(session: Session, preview: RestorePreview, existing: Existing): Promise<void> {
  const { t } = session.output
  const { by, files: count } = confirmationOf([preview], existing)
  const findings = preview.findings.filter((finding) => finding.code !== 'replaces-files')
  const question = t('terminal.restore.go-on')
  const warned = findings.some((finding) => finding.level === 'warning')
  await session.consider(findings, question)
  if (by === 'nothing') {
    if (!warned && !(await session.confirm(question, true))) throw new Failure('cancelled')
    return
  }
  const files = t('terminal.count.files', { count })
  if (by === 'yes') {
    if (!(await session.confirm(t('terminal.restore.replace', { files })))) throw new Failure('cancelled')
    return
  }
  if (session.yes) return
  if (!session.ask.possible) throw new UsageError('confirmation')
  const word = t('terminal.restore.word')
  if (!(await session.ask.typed(t('terminal.restore.type', { word, files }), word))) throw new Failure('cancelled')
}

function resultFacts(session: Session, run: Run, preview?: RestorePreview): Fact[] {
  const { t, bytes } = session.output
  const lines: Fact[] = []
  if (run.artifact) lines.push([t('terminal.fact.archive'), visible(run.artifact)])
  if (preview && preview.destinations.length > 0)
    lines.push([t('terminal.fact.into'), preview.destinations.map(visible).join('\n')])
  lines.push([
    t('terminal.fact.restored'),
    t('terminal.run.restored', { files: t('terminal.count.files', { count: run.files }), size: bytes(run.bytes) }),
  ])
  if (run.safety && run.safety.folders.length > 0)
    lines.push([t('terminal.fact.safety'), run.safety.folders.map(visible).join('\n')])
  if (run.kept && run.kept.length > 0) lines.push([t('terminal.fact.kept'), run.kept.map(visible).join('\n')])
  return [...lines, ...keptFacts(session, run)]
}

function tellUndo(session: Session, run: Run): void {
  if (!run.safety || run.safety.undone || run.safety.removedAt !== undefined) return
  const { t, say, paint } = session.output
  say()
  say(t('terminal.restore.how-to-undo'))
  say(paint('bold', `  arche restore --undo ${shortId(run.id)}`))
}

async function undo(session: Session, typed: string, options: RestoreOptions): Promise<number> {
  const { t, time, note } = session.output
  const client = await session.client()
  const runs = await client.run.history({ limit: 1000 })
  const wanted = runNamed(
    typed,
    runs,
    ({ kind, safety }) =>
      kind === 'restore' &&
      safety !== undefined &&
      !safety.undone &&
      !safety.superseded &&
      safety.removedAt === undefined,
  )
  note(t('terminal.undo.what', { subject: visible(wanted.subject), time: time(wanted.startedAt) }))
  if (!(await session.confirm(t('terminal.undo.ask')))) throw new Failure('cancelled')
  const run = await followRun(session, await startUndo(session, wanted))
  const code = await reportRun(session, 'restore', run, resultFacts(session, run))
  return offerRestart(session, run, code, options.restart)
}

// `arche backup delete`: backups that a person names are removed from a medium.
// Guarantees: what goes, what that frees and what speaks against it is shown first; where no good backup would be left, a word is typed, and `--yes` is
// no answer to that. `latest` is no name here: which one that is may change while one reads.
import type { RemovalPreview } from '../../api/contract-artifact.ts'
import { blocking, Failure } from '../../api/failure.ts'
import type { Artifact } from '../../api/model.ts'
import { visible } from '../../api/text/visible.ts'
import { followRun } from '../follow.ts'
import { reportRun } from '../run-report.ts'
import type { Session } from '../session.ts'
import { UsageError } from '../usage.ts'
import { artifactNamed, artifactsOn, artifactTable } from './list.ts'
import { fromMedium } from './medium.ts'

export async function backupDelete(session: Session, typed: readonly string[], from: string): Promise<number> {
  const { t, bytes } = session.output
  const medium = await fromMedium(session, from)
  const { artifacts } = await artifactsOn(session, medium)
  const names = [...new Set(typed.map((one) => named(one, artifacts)))]
  const client = await session.client()
  const preview = await client.artifact.previewRemoval(
    { medium, artifacts: names },
    { signal: session.interrupts.signal },
  )
  const last = await agreed(session, preview)
  const { id } = await session.guarded((guarded) => guarded.artifact.remove({ preview: preview.id, last }))
  const run = await followRun(session, id)
  return reportRun(session, 'backup delete', run, [
    [t('keep.terminal.removed'), (run.removed ?? []).map(visible).join('\n') || '—'],
    [t('keep.terminal.freed'), bytes(run.bytes)],
  ])
}

function named(typed: string, artifacts: readonly Artifact[]): string {
  if (typed === 'latest') throw new UsageError('latest-removed')
  return artifactNamed(typed, artifacts).name
}

/** True when it was agreed that no good backup is left. */
async function agreed(session: Session, { artifacts, freed, findings }: RemovalPreview): Promise<boolean> {
  const { output, ask } = session
  const { t, note, bytes } = output
  note(t('keep.terminal.delete-goes'))
  for (const line of artifactTable(artifacts, output)) note(`  ${line}`)
  const failure = blocking(findings)
  if (failure) throw failure
  const last = findings.find(({ code }) => code === 'delete-last')
  for (const finding of findings) if (finding !== last || ask.possible) output.finding(finding)
  if (last && !ask.possible) throw new Failure(last.code, last.details)
  const word = t('keep.terminal.delete-word')
  const yes = last
    ? await ask.typed(t('keep.terminal.delete-type', { word }), word)
    : await session.confirm(t('keep.terminal.ask', { count: artifacts.length, size: bytes(freed) }))
  if (!yes) throw new Failure('cancelled')
  return last !== undefined
}

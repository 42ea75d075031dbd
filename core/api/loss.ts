// Whether a plan waits for a person, because its newest backup lacks something that earlier ones had; and which backups are gone. Pure, from what
// history says.
// Guarantees: follows from the newest backup alone: one that is whole again ends it, and so does a person who has looked and accepted it.
// Does not find what is missing: see guard/rules.ts.
import type { Run } from './model.ts'
import type { Alarm } from './schedule.ts'

/** The backup exists and was read back, even if its run was cut off later. */
export function isSaved(run: Run): boolean {
  return run.kind === 'backup' && run.artifact !== undefined && run.sha256 !== undefined
}

/** The backup has losses that nobody has accepted. */
export function isLacking({ losses = [], lossesAccepted }: Run): boolean {
  return losses.length > 0 && lossesAccepted === undefined
}

/** Nothing was saved, because there was nothing where the plan had files. */
export function isRefused({ kind, failure, lossesAccepted }: Run): boolean {
  return kind === 'backup' && failure?.code === 'sources-empty' && lossesAccepted === undefined
}

/** Backups that a later run removed from their medium. `runs` newest first. */
export function removedSince(runs: readonly Run[]): Set<Run> {
  const names = new Set<string>()
  const found = new Set<Run>()
  for (const run of runs) {
    for (const name of run.removed ?? []) names.add(`${run.medium?.id}/${name}`)
    if (run.kind === 'backup' && names.has(`${run.medium?.id}/${run.artifact}`)) found.add(run)
  }
  return found
}

/** Such runs looked at nothing. */
const idle: ReadonlySet<string> = new Set(['skipped', 'missed', 'cancelled'])

/** The run that a person is to look at and may accept. `backups`: of one plan, newest first; `lastSaved`: the newest that exists. */
export function toAccept({
  backups,
  lastSaved,
}: {
  backups: readonly Run[]
  lastSaved?: Run | undefined
}): Run | undefined {
  const last = backups.find(({ outcome }) => outcome !== undefined && !idle.has(outcome))
  if (last && isRefused(last)) return last
  return lastSaved && isLacking(lastSaved) ? lastSaved : undefined
}

/** An alarm about a run that a person may accept. */
export function isAcceptable(alarm: Alarm): alarm is Alarm & { runId: string } {
  return alarm.runId !== undefined && (alarm.kind === 'loss' || alarm.problem?.code === 'sources-empty')
}

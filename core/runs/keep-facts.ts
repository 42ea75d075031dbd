// What history knows of the backups that lie on a medium: which ones a plan has made, and which were last found damaged.
// Guarantees: reads history page by page, no further back than needed; the newest word on a backup counts. A backup that history does not know
// (another computer's, LabBook's own, one whose run was cut off before it was read back) is not in the answer.
import type { Run } from '../api/model.ts'
import { backwards, type History } from './history.ts'
import type { KeepFacts, Made } from './keep.ts'

/** `names`: the backups that lie on the medium. */
export async function keepFacts(
  history: Pick<History, 'latest'>,
  { planId, mediumId }: { planId: string; mediumId: string },
  names: readonly string[],
): Promise<KeepFacts> {
  const sought = new Set(names)
  const made: Made[] = []
  /** The newest word on each: true for good. */
  const found = new Map<string, boolean>()
  if (sought.size === 0) return { made, bad: [] }
  for await (const run of backwards(history)) {
    if (run.medium?.id !== mediumId) continue
    for (const [name, good] of verdicts(run)) if (!found.has(name)) found.set(name, good)
    const one = run.kind === 'backup' ? madeBy(run) : undefined
    if (one && sought.delete(one.name) && run.planId === planId) made.push(one)
    if (sought.size === 0) break
  }
  return { made, bad: names.filter((name) => found.get(name) === false) }
}

/** A run has its backup's name from the moment that it was read back, even if it was killed later. */
function madeBy({ artifact, sha256, stored, startedAt }: Run): Made | undefined {
  if (artifact === undefined || sha256 === undefined) return undefined
  return { name: artifact, sha256, size: stored, time: Date.parse(startedAt) }
}

const ended = new Set(['success', 'warning'])

function verdicts(run: Run): [name: string, good: boolean][] {
  const bad = foundBad(run).map((name): [string, boolean] => [name, false])
  return [...bad, ...foundGood(run).map((name): [string, boolean] => [name, true])]
}

function foundGood(run: Run): readonly string[] {
  if (!ended.has(run.outcome ?? '')) return []
  if (run.kind === 'verify') return run.verified ?? []
  return run.kind === 'backup' && run.artifact !== undefined ? [run.artifact] : []
}

/** What a verification or a restore stumbled over. */
function foundBad({ kind, failure, artifact }: Run): readonly string[] {
  if (kind === 'backup' || (failure?.code !== 'damaged' && failure?.code !== 'truncated')) return []
  const { name = artifact ?? [] } = failure.details
  return [name].flat().map(String)
}

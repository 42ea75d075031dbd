// What history knows of the backups that lie on a medium: which ones a plan has made, and which were last found damaged.
// Guarantees: reads history page by page, no further back than needed; the newest word on a backup counts. A backup that history does not know
// (another computer's, LabBook's own, one whose run was cut off before it was read back) is not in the answer.
import { isLacking } from '../api/loss.ts'
import type { Run } from '../api/model.ts'
import { backwards, type History } from '../history/history.ts'
import type { RemovalFacts } from './by-hand.ts'
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
    const one = madeBy(run)
    if (one && sought.delete(one.name) && run.planId === planId) made.push(one)
    if (sought.size === 0) break
  }
  return { made, bad: names.filter((name) => found.get(name) === false) }
}

/**
 * What a removal by hand is weighed by: who made what lies on the medium, what was found damaged, and the newest good backup of each plan concerned
 * on another medium. Reads all of the history where one of the backups was not made here.
 */
export async function removalFacts(
  history: Pick<History, 'latest'>,
  mediumId: string,
  { names, chosen }: { names: readonly string[]; chosen: readonly string[] },
): Promise<RemovalFacts> {
  const sought = new Set(names)
  const made = new Map<string, Made & { planId?: string }>()
  const elsewhere = new Map<string, { medium: string; time: string }>()
  /** The newest word on each backup, by medium and name: false when it is damaged, or gone. */
  const word = new Map<string, boolean>()
  const note = ({ planId, startedAt, madeAt = startedAt }: Run, medium: { id: string; name: string }, one: Made) => {
    const plan = planId === undefined ? {} : { planId }
    if (medium.id === mediumId && sought.delete(one.name)) made.set(one.name, { ...one, ...plan })
    const stands = medium.id !== mediumId && !one.lacking && word.get(`${medium.id}/${one.name}`) !== false
    if (stands && planId !== undefined && (elsewhere.get(planId)?.time ?? '') < madeAt)
      elsewhere.set(planId, { medium: medium.name, time: madeAt })
  }
  for await (const run of backwards(history)) {
    const { id, name = '' } = run.medium ?? {}
    if (id === undefined) continue
    for (const [artifact, good] of [...gone(run), ...verdicts(run)]) {
      const key = `${id}/${artifact}`
      if (!word.has(key)) word.set(key, good)
    }
    const one = madeBy(run)
    if (one) note(run, { id, name }, one)
    if (sought.size === 0 && chosen.every((name) => elsewhere.has(made.get(name)?.planId ?? ''))) break
  }
  return { made, bad: new Set(names.filter((name) => word.get(`${mediumId}/${name}`) === false)), elsewhere }
}

function gone({ removed = [] }: Run): [name: string, good: boolean][] {
  return removed.map((name) => [name, false])
}

/** A run has its backup's name from the moment that it was read back, even if it was killed later. */
function madeBy(run: Run): Made | undefined {
  const { kind, artifact, sha256, stored, startedAt, madeAt = startedAt } = run
  if ((kind !== 'backup' && kind !== 'copy') || artifact === undefined || sha256 === undefined) return undefined
  const lacking = isLacking(run) ? { lacking: true } : {}
  return { name: artifact, sha256, size: stored, time: Date.parse(madeAt), ...lacking }
}

const ended = new Set(['success', 'warning'])

function verdicts(run: Run): [name: string, good: boolean][] {
  const bad = foundBad(run).map((name): [string, boolean] => [name, false])
  return [...bad, ...foundGood(run).map((name): [string, boolean] => [name, true])]
}

function foundGood(run: Run): readonly string[] {
  if (!ended.has(run.outcome ?? '')) return []
  if (run.kind === 'verify') return run.verified ?? []
  const made = run.kind === 'backup' || run.kind === 'copy'
  return made && run.artifact !== undefined ? [run.artifact] : []
}

/** What a verification or a restore stumbled over. */
function foundBad({ kind, failure, artifact }: Run): readonly string[] {
  if (kind === 'backup' || kind === 'copy' || (failure?.code !== 'damaged' && failure?.code !== 'truncated')) return []
  const { name = artifact ?? [] } = failure.details
  return [name].flat().map(String)
}

// What a person should know before backups are removed by hand: pure, from what lies on the medium and what history knows.
// Guarantees: told whenever nothing that is known to be good would be left of what a backup belongs to, on this medium or anywhere; what is not
// certain counts against removing: only a backup that was read back stands for another, and never one that lacks what the other had.
// Forbids nothing and removes nothing (prune.ts): those that are pinned are refused by who asks.
import type { Finding } from '../api/failure.ts'
import type { Artifact } from '../api/model.ts'
import { type Judged, judge, type Made } from './keep.ts'

export interface RemovalFacts {
  /** Backups on the medium that this computer has made, by name. */
  readonly made: ReadonlyMap<string, Made & { readonly planId?: string }>
  /** Those whose latest check here found them damaged. */
  readonly bad: ReadonlySet<string>
  /** Plan → its newest backup on another medium that was good and has not been removed, as far as history knows. */
  readonly elsewhere: ReadonlyMap<string, { readonly medium: string; readonly time: string }>
}

interface Removal {
  /** All that lies on the medium. */
  readonly artifacts: readonly Artifact[]
  readonly chosen: ReadonlySet<string>
  readonly facts: RemovalFacts
  /** Its name. */
  readonly medium: string
}

/** `delete-last` is the one that a person agrees to in so many words. */
export function weighRemoval({ artifacts, chosen, facts, medium }: Removal): Finding[] {
  const going = artifacts.filter(({ name }) => chosen.has(name))
  const copies = going.filter(({ beforeRestoreOf }) => beforeRestoreOf !== undefined)
  const backups = artifacts.filter((artifact) => !copies.includes(artifact))
  const foreign = going.filter((artifact) => !copies.includes(artifact) && !facts.made.has(artifact.name))
  const families = new Map<string, Artifact[]>()
  for (const artifact of backups) {
    const kin = kinOf(artifact, facts)
    families.set(kin, [...(families.get(kin) ?? []), artifact])
  }
  const findings = [...families.values()].flatMap((family) => ofFamily(family, { chosen, facts, medium }))
  if (foreign.length > 0) findings.push(warning('delete-foreign', { names: foreign.map(({ name }) => name) }))
  if (copies.length > 0) findings.push(warning('delete-safety-copy', { names: copies.map(({ name }) => name) }))
  return findings
}

/** Backups of the same plan can stand for each other; of those made elsewhere nothing but their name is known. */
function kinOf({ name, subject }: Artifact, { made }: RemovalFacts): string {
  const own = made.get(name)
  return own?.planId ?? `${own ? 'own' : 'foreign'} ${subject}`
}

function ofFamily(family: readonly Artifact[], { chosen, facts, medium }: Omit<Removal, 'artifacts'>): Finding[] {
  const all = family.map((artifact) => judge(artifact, facts.made.get(artifact.name), facts.bad))
  const going = all.filter(({ artifact }) => chosen.has(artifact.name))
  const [first] = going
  if (!first) return []
  const { subject, name } = first.artifact
  const whole = going.some(({ lacking }) => !lacking)
  const staying = all.filter((one) => !chosen.has(one.artifact.name))
  const good = staying.filter((one) => isGood(one, facts) && !(whole && one.lacking))
  if (good.length === 0) {
    const other = facts.elsewhere.get(facts.made.get(name)?.planId ?? '')
    if (!other) return [warning('delete-last', { subject, name: medium })]
    return [warning('delete-last-here', { subject, name: medium, elsewhere: other.medium, time: other.time })]
  }
  const latest = Math.max(...going.map(({ time }) => time))
  const newer = staying.filter(({ time }) => time > latest)
  const unchecked = newer.length > 0 && !newer.some((one) => good.includes(one))
  return unchecked ? [warning('delete-unchecked', { subject, name: medium })] : []
}

/** Somebody has read it back: whoever made it, who then noted its checksum, or a verification here. */
function isGood({ artifact, state }: Judged, { bad }: RemovalFacts): boolean {
  if (state !== 'foreign') return state === 'good'
  return !bad.has(artifact.name) && (artifact.sha256 !== undefined || artifact.verifiedAt !== undefined)
}

function warning(code: Finding['code'], details: Finding['details']): Finding {
  return { level: 'warning', code, details }
}

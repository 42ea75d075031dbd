// What history knows of the backups on a medium: when each was made, when it was last found good, which restore a copy is from.
// Guarantees: "verified" is said of the very bytes that were read: same medium, same size, same file, and no later check found them bad. A medium
// without a marker is known by its place only, so there the file must not have been changed since, by its own account.
import { resolve } from 'node:path'
import { fitsName, parseArtifactName } from '../api/backup-name.ts'
import type { Artifact, Checked, Medium, Run } from '../api/model.ts'
import { newestFirst } from '../targets/shelf.ts'
import type { Found } from '../targets/target.ts'

/** With what these runs (newest first) say of them; newest first. */
export function remembered(runs: readonly Run[], medium: Medium, found: readonly Found[]): Artifact[] {
  const backups = new Map<string, Run>()
  const copies = new Map<string, string>()
  for (const run of runs) {
    if (run.kind === 'backup' && run.artifact !== undefined && !backups.has(run.artifact))
      backups.set(run.artifact, run)
    const copy = run.safety?.copy
    if (copy && run.artifact !== undefined && resolve(copy.path) === resolve(medium.path))
      copies.set(copy.artifact, run.artifact)
  }
  const verdicts = verdictsOn(medium, runs)
  return newestFirst(
    found.map((file) => {
      const { mtime: _, changed: __, timeNoted: ___, ...artifact } = file
      const time = startOf(backups.get(file.name), file)
      const verifiedAt = goodAt(verdicts.get(file.name) ?? [], file)
      const beforeRestoreOf = copies.get(file.name)
      return {
        ...artifact,
        ...(time === undefined ? {} : { time }),
        ...(verifiedAt === undefined ? {} : { verifiedAt }),
        ...(beforeRestoreOf === undefined ? {} : { beforeRestoreOf }),
      }
    }),
  )
}

/** Where nothing is noted on the medium: when the run that made this very backup began. */
function startOf(run: Run | undefined, { name, size, timeNoted }: Found): string | undefined {
  const parsed = parseArtifactName(name)
  if (!run || timeNoted || !parsed || run.stored !== size) return undefined
  return fitsName(parsed, Date.parse(run.startedAt)) ? run.startedAt : undefined
}

/** Facts about a backup from the record of one run. */
interface Verdict {
  readonly good: boolean
  readonly at: string
  /** The bytes that it speaks of; undefined for runs of older versions. */
  readonly bytes: Partial<Omit<Checked, 'name' | 'good'>> | undefined
  /** The medium was known by its place only. */
  readonly byPlace: boolean
}

/** By name, newest first. */
function verdictsOn(medium: Medium, runs: readonly Run[]): Map<string, Verdict[]> {
  const verdicts = new Map<string, Verdict[]>()
  for (const run of runs) {
    const same = run.medium && sameMedium(run.medium, medium)
    if (!same || run.endedAt === undefined) continue
    const byPlace = run.medium?.id === undefined
    for (const [name, good, bytes] of saidBy(run)) {
      const verdict = { good, at: run.endedAt, bytes, byPlace }
      const list = verdicts.get(name)
      if (list) list.push(verdict)
      else verdicts.set(name, [verdict])
    }
  }
  return verdicts
}

/** A medium that has got its marker since is still the one at its place. */
function sameMedium(then: NonNullable<Run['medium']>, now: Medium): boolean {
  return then.id === undefined ? resolve(then.path) === resolve(now.path) : then.id === now.id
}

function saidBy(run: Run): [name: string, good: boolean, bytes: Verdict['bytes']][] {
  const { kind, artifact, checked, failure, outcome } = run
  const ended = outcome === 'success' || outcome === 'warning'
  if (checked) return checked.map(({ name, good, ...bytes }) => [name, good, bytes])
  if (kind === 'backup' || kind === 'copy')
    return ended && artifact !== undefined ? [[artifact, true, { size: run.stored, ...sha256Of(run) }]] : []
  if (failure?.code === 'damaged' || failure?.code === 'truncated')
    return [failure.details.name ?? artifact ?? []].flat().map((name) => [String(name), false, undefined])
  return kind === 'verify' && ended ? (run.verified ?? []).map((name) => [name, true, undefined]) : []
}

function sha256Of({ sha256 }: Run): { sha256?: string } {
  return sha256 === undefined ? {} : { sha256 }
}

/** The newest verdict on these bytes, if it is good. */
function goodAt(verdicts: readonly Verdict[], file: Found): string | undefined {
  const last = verdicts.find((verdict) => speaksOf(verdict, file))
  return last?.good ? last.at : undefined
}

function speaksOf({ good, bytes, byPlace }: Verdict, file: Found): boolean {
  // Of an older version: whatever it found bad stays bad, and its praise counts where the medium is known for certain.
  if (!bytes) return !good || !byPlace
  if (bytes.size !== file.size || differ(bytes.sha256, file.sha256)) return false
  if (byPlace) return bytes.changed !== undefined && Math.abs(bytes.changed - (file.changed ?? 0)) < 1
  return bytes.mtime === undefined || sameTime(bytes.mtime, file.mtime)
}

function differ(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other
}

/** FAT keeps two seconds exactly, and local time: read in another zone it is off by whole quarters of an hour. */
function sameTime(one: number, other: number): boolean {
  const apart = Math.abs(one - other)
  const quarter = 900_000
  return apart <= 26 * 4 * quarter && Math.min(apart % quarter, quarter - (apart % quarter)) <= 2000
}

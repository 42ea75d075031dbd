// A backup as a list tells it: what its name, the store and the files beside it say of it.
import { type ArtifactName, fitsName, madeAt } from '../api/backup-name.ts'
import type { Stat } from '../stores/store.ts'
import type { Around } from './beside.ts'
import type { Found } from './target.ts'

export function described(parsed: ArtifactName, { name, size, mtime, changed }: Stat, around: Around): Found {
  const { sums, made, pinned, notes } = around
  const sha256 = sums.get(name)
  const note = notes.get(name)
  return {
    name,
    subject: parsed.name,
    time: new Date(madeAt(parsed, made.get(name), mtime)).toISOString(),
    size,
    format: parsed.format,
    ...(parsed.pack && { pack: parsed.pack }),
    ...(sha256 ? { sha256 } : {}),
    ...(pinned.has(name) ? { pinned: true } : {}),
    ...(note === undefined ? {} : { note }),
    mtime,
    ...(changed === undefined ? {} : { changed }),
    ...(fitting(parsed, made.get(name)) ? { timeNoted: true } : {}),
  }
}

function fitting(parsed: ArtifactName, made: number | undefined): boolean {
  return made !== undefined && fitsName(parsed, made)
}

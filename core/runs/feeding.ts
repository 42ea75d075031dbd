// Names of backups for the catalogue of this computer: from the run that makes or reads them to where the catalogue looks for them.
// Guarantees: only names of what is whole; whatever is wrong with them is a note and costs the search alone.
import { parseArtifactName } from '../api/backup-name.ts'
import type { ArchiveEntry } from '../api/model.ts'
import { Feed, type Feeding } from '../catalogue/feed.ts'
import type { Held } from '../catalogue/row.ts'
import { reasonOf } from '../targets/contents-beside.ts'
import type { RunContext } from './context.ts'

export interface Fed extends Pick<Held, 'name' | 'size'> {
  /** In ms since 1970; absent: as its name says. */
  readonly made?: number | undefined
  /** Where it was made; absent: it does not say. */
  readonly host?: string | undefined
  /** What stands in `origin` is not known for archives of other programs. */
  readonly roots?: Held['roots'] | undefined
}

export interface Names {
  add(entry: ArchiveEntry): void
  /** The backup is whole. */
  done(backup: Fed): void
}

/** Undefined: nobody wants to know them. */
export function namesFor(feeding: Feeding | undefined, ctx: Pick<RunContext, 'temp' | 'report'>): Names | undefined {
  if (!feeding) return undefined
  const feed = new Feed(feeding, ctx.temp)
  return {
    add: (entry) => feed.add(entry),
    done({ name, size, made, host = '', roots = [] }) {
      const parsed = parseArtifactName(name)
      if (!parsed) return
      try {
        const owner = { subject: parsed.name, host }
        feed.done({ name, size, made: made ?? parsed.time.getTime(), roots: roots.map(rootOf) }, owner)
      } catch (error) {
        ctx.report.note?.({ code: 'search-unwritten', details: { name, reason: reasonOf(error) } })
      }
    },
  }
}

function rootOf({ name, origin }: Held['roots'][number]): Held['roots'][number] {
  return { name, origin }
}

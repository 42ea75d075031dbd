// The 3-2-1 rule: three copies, on two kinds of storage, one of them elsewhere; and one that was tried. Pure, from what history knows of each plan.
import type { AppState } from './model.ts'
import type { PlanRow } from './protection-model.ts'

/** Where a copy is: the original on this computer, a drive, a folder of another disk or a share, an account of a server. */
export type Storage = 'computer' | 'drive' | 'folder' | 'server'

export const rules = ['copies', 'kinds', 'elsewhere', 'tried'] as const
export type Rule = (typeof rules)[number]

export interface Copies {
  /** The original counts. */
  readonly copies: number
  /** A folder may lie on the disk of this computer: it is no other kind for certain. */
  readonly kinds: readonly Storage[]
  /** Away from this computer: on a server, or on a drive that is not plugged in. */
  readonly elsewhere: number
  /** When a backup was last restored from, or opened and read to its end. */
  readonly triedAt: string | undefined
  /** What of the rule is kept. */
  readonly kept: Readonly<Record<Rule, boolean>>
}

type Known = Pick<AppState, 'media' | 'places'>

const day = 24 * 3600 * 1000
/** A trial says nothing of what has become of a drive in a longer time. */
const trialCounts = 183 * day

/** `now` in ms since 1970. */
export function copiesOf({ places: ids = [], triedAt }: PlanRow, { media, places = [] }: Known, now: number): Copies {
  const kindOf = (id: string): Storage => {
    const kind = places.find((one) => one.id === id)?.store.kind
    return kind === 'sftp' ? 'server' : (kind ?? 'drive')
  }
  const here = new Set(media.map(({ id }) => id))
  const stored = ids.map((id) => ({ kind: kindOf(id), here: here.has(id) }))
  const kinds = [...new Set<Storage>(['computer', ...stored.map(({ kind }) => kind)])]
  const elsewhere = stored.filter((one) => one.kind === 'server' || (one.kind === 'drive' && !one.here)).length
  const copies = 1 + ids.length
  const tried = triedAt !== undefined && now - Date.parse(triedAt) < trialCounts
  return {
    copies,
    kinds,
    elsewhere,
    triedAt,
    kept: {
      copies: copies >= 3,
      kinds: kinds.some((kind) => kind === 'drive' || kind === 'server'),
      elsewhere: elsewhere > 0,
      tried,
    },
  }
}

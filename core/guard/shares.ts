// What became of the files of an earlier backup, as shares of the sample that both summaries have. Pure.
// Guarantees: only files are counted whose hashes both samples would hold, so that a share of the sample stands for one of all.
import { type ContentKind, emptyMark, kindOf, unmarked } from '../lib/content-mark.ts'
import type { FolderSummary, Sampled, Summary } from './summary.ts'

export interface Share {
  readonly hits: number
  readonly of: number
}

export function shareOf({ hits, of }: Share): number {
  return of === 0 ? 0 : hits / of
}

type Chosen = (folder: FolderSummary, index: number) => boolean

/** Earlier files, and what stands in their places now. */
interface Met {
  readonly old: Sampled
  readonly now: Sampled | undefined
}

function met(before: Summary, now: Summary, chosen: Chosen): Met[] {
  const limit = Math.min(before.files.limit, now.files.limit)
  const here = new Map(now.files.entries.map((entry) => [entry.key, entry]))
  return before.files.entries
    .filter(({ key, folder }) => key < limit && chosen(before.folders[folder] as FolderSummary, folder))
    .map((old) => ({ old, now: here.get(old.key) }))
}

const content = ({ mark, size }: Sampled) => `${mark} ${size}`

/** Contents that stand in a place now in which they did not stand before: rotated logs, files put elsewhere. */
function arrived(before: Summary, now: Summary): Set<string> {
  const old = new Map(before.files.entries.map((entry) => [entry.key, content(entry)]))
  const come = now.files.entries.filter(
    (entry) => entry.mark !== unmarked && entry.size > 0 && old.get(entry.key) !== content(entry),
  )
  return new Set(come.map(content))
}

/** Of the files of these folders that are no longer in them: the share that stands in another one now and did not before. */
export function shareMoved(before: Summary, now: Summary, chosen: Chosen): number {
  const limit = Math.min(before.names.limit, now.names.limit)
  const own = labels(before)
  const then = places(before, own)
  const here = places(now, labels(now))
  let missing = 0
  let found = 0
  for (const [key, folder] of before.names.entries) {
    if (key >= limit || !chosen(before.folders[folder] as FolderSummary, folder)) continue
    const standing = here.get(key)
    if (standing?.includes(own[folder] as string)) continue
    missing += 1
    if (standing?.some((place) => !then.get(key)?.includes(place))) found += 1
  }
  return missing === 0 ? 0 : found / missing
}

/** Each folder under a name that is the same in other summaries. */
function labels({ folders, roots }: Summary): string[] {
  return folders.map(({ root, name }) => `${roots[root]?.origin}\0${name}`)
}

/** Where a name with its size stands. */
function places({ names }: Summary, folders: readonly string[]): Map<number, string[]> {
  const all = new Map<number, string[]>()
  for (const [key, folder] of names.entries) {
    const standing = all.get(key)
    if (standing) standing.push(folders[folder] as string)
    else all.set(key, [folders[folder] as string])
  }
  return all
}

/** Files that are gone, while one stands there whose name goes on after theirs. */
export function shareRenamed(before: Summary, now: Summary, chosen: Chosen): Share {
  const stems = new Set(now.stems.entries)
  const known = new Set(before.stems.entries)
  const all = met(before, now, chosen).filter(({ old }) => old.key < Math.min(now.stems.limit, before.stems.limit))
  const hits = all.filter(({ old, now: there }) => !there && stems.has(old.key) && !known.has(old.key)).length
  return { hits, of: all.length }
}

/** Files that are gone, neither moved nor standing under another name. */
export function shareGone(before: Summary, now: Summary, chosen: Chosen): Share {
  const all = met(before, now, chosen)
  const missing = all.filter(({ now: there }) => !there)
  if (missing.length === 0) return { hits: 0, of: all.length }
  const come = arrived(before, now)
  const gone = missing.filter(({ old }) => !come.has(content(old)))
  return { hits: Math.round(gone.length * (1 - shareMoved(before, now, chosen))), of: all.length }
}

/** Files with content whose content is another one, and has not merely gone to another place or been added to. */
export function shareChanged(before: Summary, now: Summary, chosen: Chosen): Share {
  const come = arrived(before, now)
  const all = met(before, now, chosen).filter(
    ({ old, now: there }) => there && old.size > 0 && isSeen(old) && isSeen(there),
  )
  const hits = all.filter(({ old, now: there }) => {
    if (!there || come.has(content(old))) return false
    return there.mark !== old.mark || there.size < old.size
  }).length
  return { hits, of: all.length }
}

function isSeen({ mark }: Sampled): boolean {
  return mark !== unmarked
}

const sound: ReadonlySet<ContentKind> = new Set<ContentKind>(['plain', 'packed'])

/** Files with sound content, ever seen in that place, that have this kind now; and the folder with the most of them. */
export function spoiled(
  before: Summary,
  now: Summary,
  chosen: Chosen,
  kind: 'random' | 'blank',
): Share & { readonly worst: Share | undefined } {
  const had = ({ was, size }: Sampled) => sound.has(was) || (kind === 'blank' && was === 'unknown' && size > 0)
  const all = met(before, now, chosen).filter(({ old, now: there }) => there && had(old) && isSeen(there))
  const isHit = ({ now: there }: Met) => there !== undefined && (kindOf(there.mark) === kind || isEmptied(there, kind))
  const byFolder = new Map<number, { hits: number; of: number }>()
  for (const one of all) {
    const share = byFolder.get(one.old.folder) ?? { hits: 0, of: 0 }
    byFolder.set(one.old.folder, { hits: share.hits + (isHit(one) ? 1 : 0), of: share.of + 1 })
  }
  const [worst] = [...byFolder.values()].sort((one, other) => other.hits - one.hits)
  return { hits: all.filter(isHit).length, of: all.length, worst }
}

function isEmptied({ size, mark }: Sampled, kind: ContentKind): boolean {
  return kind === 'blank' && size === 0 && mark === emptyMark
}

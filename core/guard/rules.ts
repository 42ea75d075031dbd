// Does a new backup lack what the plan's earlier ones had? Pure: the loss guard's rules, over summaries.
// Guarantees: what only one of both was to save is not compared (a plan may be edited); everyday life is no finding, see each rule's reason;
// a loss in small steps is found like one at once, because counts are held against their highest lately. A finding is never taken back by time:
// what is remembered (memory.ts) changes only with a backup that nothing speaks against, or that a person has accepted.
import type { FailureCode, Problem } from '../api/failure.ts'
import { type Memory, peakOf } from './memory.ts'
import { shareChanged, shareGone, shareMoved, shareOf, shareRenamed, spoiled } from './shares.ts'
import { type Amount, type DumpSummary, type FolderSummary, isLasting, type Summary, sumOf } from './summary.ts'

type LossCode = Extract<FailureCode, `loss-${string}`>

/** Limit of losses that a run lists; retention is held back by these as by all of them. */
const mostTold = 20

/** Both summaries of a plan, and what they have in common. */
interface Pair {
  readonly before: Summary
  readonly now: Summary
  readonly memory: Memory
  /** Index in `before.roots` → in `now.roots`, for those that both have. */
  readonly roots: ReadonlyMap<number, number>
  /** The same is left out on purpose: fewer files mean that files are missing. */
  readonly sameScope: boolean
}

/** What is missing in `now`, the worst first; none without an earlier backup. Details: paths and names, counts, shares in percent. */
export function compare(memory: Memory, now: Summary): Problem[] {
  const before = memory.good
  if (!before) return []
  const roots = new Map<number, number>()
  for (const [at, { origin }] of before.roots.entries()) {
    const found = now.roots.findIndex((root) => root.origin === origin)
    if (found >= 0) roots.set(at, found)
  }
  const sameScope = JSON.stringify(before.exclude) === JSON.stringify(now.exclude)
  const pair: Pair = { before, now, memory, roots, sameScope }
  const vanished = [...emptied(pair), ...unmounted(pair), ...folders(pair)]
  const fewer = vanished.length > 0 ? [] : [...fewerFiles(pair), ...fewerBytes(pair)]
  const gone = vanished.length + fewer.length > 0
  return [...vanished, ...dumps(pair), ...fewer, ...unreadable(pair), ...contents(pair, gone)].slice(0, mostTold)
}

function loss(code: LossCode, details: Problem['details'], { before }: Pair): Problem {
  return { code, details: { ...details, time: new Date(before.time).toISOString(), name: before.artifact } }
}

const originOf = ({ before }: Pair, root: number): string => before.roots[root]?.origin ?? ''

function pathOf(pair: Pair, { root, name }: FolderSummary): string {
  const origin = originOf(pair, root)
  return name ? `${origin === '/' ? '' : origin}/${name}` : origin
}

/** A source that had files has none: whatever it was, the newest backup cannot stand for it. Moved to another source: not lost. */
function emptied(pair: Pair): Problem[] {
  const { before, now, roots } = pair
  return [...roots].flatMap(([root, at]) => {
    const old = before.roots[root] as Amount
    if (old.files === 0 || (now.roots[at] as Amount).files > 0) return []
    if (shareMoved(before, now, (folder) => folder.root === root) >= 0.9) return []
    const path = originOf(pair, root)
    const code = isUnmounted(pair, path) ? 'loss-not-mounted' : 'loss-source-emptied'
    return [loss(code, { path, files: old.files, bytes: old.bytes }, pair)]
  })
}

/**
 * A twentieth of the plan, and five files: a clean-up of less is everyday life, and the counts of the whole find it when it goes on. One file
 * more or less of very few says nothing.
 */
function matters({ before }: Pair, { files, bytes }: Amount): boolean {
  const all = sumOf(before.roots)
  return files >= 5 && (files >= all.files / 20 || bytes >= all.bytes / 20)
}

/** Where another file system was, there is a folder without it. Directly below a source any loss counts; deeper, mounts come and go. */
function unmounted(pair: Pair): Problem[] {
  const { before, now } = pair
  return before.mounts.flatMap((old) => {
    const found = now.mounts.find(({ path }) => path === old.path)
    if (!old.mounted || !found || found.mounted || old.files === 0 || found.files > old.files / 2) return []
    const root = before.roots.find(({ origin }) => old.path.startsWith(`${origin === '/' ? '' : origin}/`))
    if (!root) return []
    const deep = old.path.slice(root.origin.length + 1).includes('/')
    if (deep && !matters(pair, old)) return []
    return [loss('loss-not-mounted', { path: old.path, files: old.files, bytes: old.bytes }, pair)]
  })
}

/** A folder at the first level is gone, or at most a fifth of its files is left, in one step or since its peak; not when they were moved. */
function folders(pair: Pair): Problem[] {
  const { before, now, roots, memory, sameScope } = pair
  if (!sameScope) return []
  return before.folders.flatMap((old, index) => {
    const root = roots.get(old.root)
    if (root === undefined || old.name === null || !isLasting(old)) return []
    const origin = originOf(pair, old.root)
    // What does not even lie in the root any more was told as such.
    if ((now.roots[root] as Amount).files === 0) return []
    if (isUnmounted(pair, pathOf(pair, old))) return []
    const left = now.folders.find((folder) => folder.root === root && folder.name === old.name)
    const most = peakOf(memory, origin, old.name) ?? old
    const files = left?.files ?? 0
    if (files > most.files / 5 || most.files - files < 4 || !matters(pair, { ...most, files: most.files })) return []
    if (files > old.files / 5 && !isLessAlso(pair, old.root, most.files - files)) return []
    if (shareMoved(before, now, (_, at) => at === index) >= 0.7) return []
    const code = left || old.name === '' ? 'loss-folder-emptied' : 'loss-folder-vanished'
    return [loss(code, { path: pathOf(pair, old), files: most.files, bytes: most.bytes, left: files }, pair)]
  })
}

function isUnmounted({ before, now }: Pair, path: string): boolean {
  const mounted = ({ mounts }: Summary) => mounts.find((mount) => mount.path === path)?.mounted
  return mounted(before) === true && mounted(now) === false
}

/** What a folder has lost over time was not merely put elsewhere: the root has become smaller by most of it. */
function isLessAlso({ before, now, roots, memory }: Pair, root: number, lost: number): boolean {
  const origin = before.roots[root]?.origin ?? ''
  const at = roots.get(root) ?? 0
  return (peakOf(memory, origin)?.files ?? 0) - (now.roots[at]?.files ?? 0) >= 0.6 * lost
}

/** Without folders that are made to be emptied. */
function lasting({ folders: all }: Summary, root: number): { files: number; bytes: number } {
  return sumOf(all.filter((folder) => folder.root === root && isLasting(folder)))
}

interface Held {
  readonly path: string
  readonly most: Amount
  readonly left: Amount
}

/** Each root, and all of them together, as they are and as they were at their peak. */
function held(pair: Pair): Held[] {
  const { now, roots, memory } = pair
  const each = [...roots].map(([root, at]): Held => {
    const path = originOf(pair, root)
    return { path, most: peakOf(memory, path) ?? lasting(pair.before, root), left: lasting(now, at) }
  })
  if (each.length < 2) return each
  const path = each.map((one) => one.path).join(', ')
  return [...each, { path, most: sumOf(each.map(({ most }) => most)), left: sumOf(each.map(({ left }) => left)) }]
}

/** Half of the files are gone, at least five: nobody clears up that much without remembering it. */
function fewerFiles(pair: Pair): Problem[] {
  const { before, now, sameScope } = pair
  if (!sameScope) return []
  const found = held(pair).filter(({ path, most, left }) => {
    if (left.files > most.files / 2 || most.files - left.files < 5) return false
    const root = before.roots.findIndex(({ origin }) => origin === path)
    return root < 0 || shareMoved(before, now, (folder) => folder.root === root) < 0.7
  })
  return found.slice(0, 1).map(({ path, most, left }) => fewer('loss-fewer-files', path, most, left, pair))
}

function fewer(code: LossCode, path: string, most: Amount, left: Amount, pair: Pair): Problem {
  return loss(code, { path, files: most.files, left: left.files, bytes: most.bytes, leftBytes: left.bytes }, pair)
}

/** Nine tenths of the bytes are gone, at least a megabyte: logs that were rotated and compressed keep more. */
function fewerBytes(pair: Pair): Problem[] {
  if (!pair.sameScope) return []
  const found = held(pair).find(
    ({ most, left }) => left.bytes <= most.bytes / 10 && most.bytes - left.bytes >= 1024 * 1024,
  )
  return found ? [fewer('loss-fewer-bytes', found.path, found.most, found.left, pair)] : []
}

/**
 * Dumps: a database that is no longer there though all of them are to be saved; one without tables or rows that had some; one with half of its
 * tables, or half of its bytes (64 KiB at least: rows come and go).
 */
function dumps(pair: Pair): Problem[] {
  const { before, now, memory } = pair
  if (before.server !== now.server) return []
  const here = new Map(now.dumps.map((dump) => [dump.path, dump]))
  return before.dumps.flatMap((old) => {
    const dump = here.get(old.path)
    const details = { database: databaseOf(old), tables: old.tables, bytes: old.bytes }
    if (!dump) return now.databases || old.tables === 0 ? [] : [loss('loss-database-vanished', details, pair)]
    const most = memory.peaks.dumps[old.path] ?? old
    const none = (old.tables > 0 && dump.tables === 0) || (old.inserts > 0 && dump.inserts === 0)
    if (none) return [loss('loss-database-emptied', details, pair)]
    const half = dump.tables <= most.tables / 2 && most.tables - dump.tables >= 2
    const less = dump.bytes <= most.bytes / 2 && most.bytes - dump.bytes >= 64 * 1024
    if (!half && !less) return []
    const left = { left: dump.tables, leftBytes: dump.bytes }
    return [loss('loss-dump-shrunk', { ...details, tables: most.tables, bytes: most.bytes, ...left }, pair)]
  })
}

function databaseOf({ path }: DumpSummary): string {
  return (
    path
      .split('/')
      .at(-1)
      ?.replace(/\.sql$/, '') ?? path
  )
}

/** A quarter cannot be read, or a tenth where that is ten, and twice as many as before: another user, a disk that fails. */
function unreadable(pair: Pair): Problem[] {
  const { before, now } = pair
  const { files } = sumOf(now.roots)
  const share = now.leftOut / Math.max(1, files + now.leftOut)
  const much = (now.leftOut >= 3 && share >= 0.25) || (now.leftOut >= 10 && share >= 0.1)
  if (!much || now.leftOut < 2 * before.leftOut) return []
  return [loss('loss-unreadable', { count: now.leftOut, files }, pair)]
}

/**
 * What became of the files that were there, by a sample. In the order of how sure it is: names with a new ending for half of them; contents that
 * look encrypted for a fifth, or for half of one folder; contents that are nothing but the same byte for half; all others changed in place
 * (six of ten, twenty files) or replaced (eight of ten), unless that is usual for this plan. Times and rights are not looked at: restoring,
 * upgrades, `chmod -R` and a change of the clock touch them all.
 */
function contents(pair: Pair, gone: boolean): Problem[] {
  const { before, now, memory, roots, sameScope } = pair
  const compared = (folder: FolderSummary) => roots.has(folder.root) && isLasting(folder)
  const percent = ({ hits, of }: { hits: number; of: number }) => ({
    percent: Math.round((100 * hits) / Math.max(1, of)),
  })
  const told = (code: LossCode, share: { hits: number; of: number }) => [loss(code, percent(share), pair)]

  const renamed = shareRenamed(before, now, compared)
  if (renamed.hits >= 5 && shareOf(renamed) >= 0.5) return told('loss-renamed', renamed)
  const random = spoiled(before, now, compared, 'random')
  const worst = random.worst
  if (random.hits >= 3 && shareOf(random) >= 0.2) return told('loss-scrambled', random)
  if (worst && worst.hits >= 8 && shareOf(worst) >= 0.5) return told('loss-scrambled', worst)
  const blank = spoiled(before, now, compared, 'blank')
  if (blank.hits >= 5 && shareOf(blank) >= 0.5) return told('loss-blanked', blank)
  const changed = shareChanged(before, now, compared)
  if (changed.hits >= 20 && isUnusual(shareOf(changed), 0.6, memory.usual.changed))
    return told('loss-mass-change', changed)
  const replaced = shareGone(before, now, compared)
  const most = sameScope && !gone && replaced.hits >= 20
  return most && isUnusual(shareOf(replaced), 0.8, memory.usual.gone) ? told('loss-replaced', replaced) : []
}

function isUnusual(share: number, least: number, usual: number): boolean {
  return share >= least && share > 1.5 * usual
}

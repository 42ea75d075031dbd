// What history says about each plan, kept at hand: its last backups, what was done about each due time, and when each medium last got one.
// Guarantees: complete once it has seen every line of the history in order, and never behind it; memory does not grow with the history.
// Decides nothing: see decide.ts and api/alarms.ts.
import { backupsKept, isGood } from '../api/alarms.ts'
import { isLacking, isSaved } from '../api/loss.ts'
import type { Run } from '../api/model.ts'
import { better, dayOutcomeOf, daysOfBackup, rowLength } from '../api/plan-row.ts'
import type { DayOutcome } from '../api/protection-model.ts'

/** Limit of backups, and of due times, that are kept for a plan. */
const kept = { backups: backupsKept, dues: 200 }

/** Run that dealt with a due time, or with several from `from` to `due` (ms since 1970). */
export interface Dealt {
  readonly due: number
  readonly from: number
  /** When this was noted, or begun. */
  readonly at: number
  readonly run: Run
}

export interface Account {
  /** Newest start first. */
  readonly backups: readonly Run[]
  /** Newest first, in the order in which they were dealt with; a due time that was tried again is there several times. */
  readonly dealt: readonly Dealt[]
  /** However old it is; it has not been removed, as far as history knows. */
  readonly lastGood: Run | undefined
  /** The newest that exists, however its run went on. */
  readonly lastSaved: Run | undefined
  /** Medium id → end of the last good backup on it. */
  readonly media: ReadonlyMap<string, string>
  /** Place id → the copies that were made there, or tried. */
  readonly copies: ReadonlyMap<string, Copies>
  /** Place id → its backups and copies there, as far as history knows; the oldest first, some hundreds at the most. */
  readonly lying: ReadonlyMap<string, readonly Lying[]>
  /** Quarter of an hour (ms since 1970) → the best of the backups that began in it, or were due and missed, within some two weeks before the last. */
  readonly quarters: ReadonlyMap<number, DayOutcome>
  /** End of the last restore from one of its backups, or of the last verification that opened one. */
  readonly triedAt: string | undefined
}

/** A backup on a place: when it was made, in ms since 1970, and its bytes. */
export interface Lying {
  readonly name: string
  readonly time: number
  readonly size: number
  /** Id of what put it there. */
  readonly run: string
}

/** The copies of a plan's backups on one place. */
export interface Copies {
  /** The newest good one that is there, as far as history knows. */
  readonly good: Run | undefined
  /** Since then, or the first ones; newest first, some at the most. */
  readonly tries: readonly Run[]
}

export interface Ledger {
  of(planId: string): Account
  /** A line of the history: a new run, or the newest state of one. */
  note(run: Run): void
  /** The last good backup of every plan, and the newest that exists. */
  lastGoods(): Run[]
}

interface Open extends Account {
  readonly backups: Run[]
  readonly dealt: Dealt[]
  readonly media: Map<string, string>
  readonly copies: Map<string, Copies>
  readonly lying: Map<string, readonly Lying[]>
  readonly quarters: Map<number, DayOutcome>
  lastGood: Run | undefined
  lastSaved: Run | undefined
  triedAt: string | undefined
  /** Ids of backups and copies whose file was removed since, the latest: a later line about one of them brings nothing back. */
  readonly gone: Set<string>
}

const fresh = (): Open => ({
  backups: [],
  dealt: [],
  lastGood: undefined,
  lastSaved: undefined,
  media: new Map(),
  copies: new Map(),
  lying: new Map(),
  quarters: new Map(),
  triedAt: undefined,
  gone: new Set(),
})

const empty: Account = fresh()

export function createLedger(): Ledger {
  const accounts = new Map<string, Open>()
  /** By run: what it has removed, as far as that was noted. */
  const removals = new Map<string, ReadonlySet<string>>()
  /** Each of its lines says it anew; what was put there again since is not concerned. */
  const fresher = (id: string, removed: readonly string[]) => {
    const noted = removals.get(id)
    removals.set(id, new Set(removed))
    for (const oldest of [...removals.keys()].slice(0, Math.max(0, removals.size - removersKept)))
      removals.delete(oldest)
    return new Set(removed.filter((name) => !noted?.has(name)))
  }
  return {
    of: (planId) => accounts.get(planId) ?? empty,
    note(run) {
      if (run.removed && run.medium?.id !== undefined) {
        const names = fresher(run.id, run.removed)
        for (const account of accounts.values()) forget(account, run.medium.id, names)
      }
      const opened = openedBy(run)
      if (opened.size > 0) for (const account of accounts.values()) noteTrial(account, run, opened)
      if ((run.kind !== 'backup' && run.kind !== 'copy') || run.planId === undefined) return
      const account = accounts.get(run.planId) ?? fresh()
      accounts.set(run.planId, account)
      lay(account, run)
      mark(account, run)
      if (run.kind === 'copy') addCopy(account, run)
      else add(account, run)
    },
    lastGoods: () =>
      [...accounts.values()].flatMap(({ lastGood, lastSaved }) => [lastSaved ?? [], lastGood ?? []].flat()),
  }
}

/** Zones change their offsets by whole quarters of an hour, so each lies in one day wherever. */
const quarter = 15 * 60_000
/** For how long days are told, and one more for zones, in quarters. */
const quartersKept = (rowLength + 2) * 96

function mark({ quarters }: Open, run: Run): void {
  const outcome = run.kind === 'backup' ? dayOutcomeOf(run) : undefined
  if (outcome === undefined) return
  for (const time of daysOfBackup(run, rowLength)) {
    const at = Math.floor(time / quarter) * quarter
    quarters.set(at, better(quarters.get(at), outcome))
  }
  if (quarters.size > quartersKept)
    for (const [oldest] of [...quarters].sort(([one], [other]) => one - other).slice(0, 96)) quarters.delete(oldest)
}

/** How many backups on a place are kept. */
const lyingKept = 400

/** It is there from the moment that it was read back. A later line about it moves it nowhere, and does not bring back what was removed. */
function lay(account: Open, { id, medium, artifact, sha256, stored, startedAt, madeAt = startedAt }: Run): void {
  if (medium?.id === undefined || artifact === undefined || sha256 === undefined || account.gone.has(id)) return
  const there = account.lying.get(medium.id) ?? []
  const one = { name: artifact, time: Date.parse(madeAt), size: stored, run: id }
  const at = there.findIndex(({ name }) => name === artifact)
  account.lying.set(medium.id, at < 0 ? [...there, one].slice(-lyingKept) : there.with(at, one))
}

/** How many tries of a copy are kept. */
const triesKept = 20

function addCopy(account: Open, run: Run): void {
  const place = run.medium?.id
  if (place === undefined || account.gone.has(run.id)) return
  const { good, tries } = account.copies.get(place) ?? { good: undefined, tries: [] }
  const others = tries.filter(({ id }) => id !== run.id)
  // It is there from the moment that it was read back, even if its run was cut off while old ones were removed.
  if (isCopied(run)) account.copies.set(place, { good: newer(good, run), tries: [] })
  else if (good?.id !== run.id) account.copies.set(place, { good, tries: [run, ...others].slice(0, triesKept) })
}

/** Of an older backup that somebody copies by hand nothing newer there becomes older. */
function newer(one: Run | undefined, other: Run): Run {
  return one && one.id !== other.id && (one.madeAt ?? '') > (other.madeAt ?? '') ? one : other
}

/** The copy exists and was read back. */
function isCopied({ artifact, sha256 }: Run): boolean {
  return artifact !== undefined && sha256 !== undefined
}

/** Names of the backups that a run has shown to be of use: restored from, or decrypted and read to the end. */
function openedBy({ kind, outcome, artifact, checked = [] }: Run): ReadonlySet<string> {
  if (kind === 'verify') return new Set(checked.flatMap(({ name, good, opened }) => (good && opened ? [name] : [])))
  const restored = kind === 'restore' && (outcome === 'success' || outcome === 'warning')
  return new Set(restored && artifact !== undefined ? [artifact] : [])
}

function noteTrial(account: Open, run: Run, opened: ReadonlySet<string>): void {
  const own = [...account.lying.values()].some((there) => there.some(({ name }) => opened.has(name)))
  const at = run.endedAt ?? run.startedAt
  // A later line about an older trial, as when its safety copy goes, takes nothing back.
  if (own && at > (account.triedAt ?? '')) account.triedAt = at
}

/** Of how many runs the removals are remembered. */
const removersKept = 100

/** How many are remembered that are gone: more than a person or a rule lets go before later lines about them have come. */
const goneKept = 1000

/** What was removed is the last good one no more. One that lacks something is still looked at by a person, so it stays the last that was saved. */
function forget(account: Open, mediumId: string, names: ReadonlySet<string>): void {
  const { backups, copies, lying, lastGood, lastSaved, gone } = account
  const isGone = (run: Run) => run.medium?.id === mediumId && run.artifact !== undefined && names.has(run.artifact)
  const there = lying.get(mediumId) ?? []
  const left = there.filter(({ name }) => !names.has(name))
  if (left.length < there.length) lying.set(mediumId, left)
  const good = copies.get(mediumId)?.good
  if (good && isGone(good)) copies.set(mediumId, { good: undefined, tries: [] })
  const known = [...backups, lastGood, lastSaved, good].flatMap((run) => (run && isGone(run) ? [run.id] : []))
  const went = there.flatMap(({ name, run }) => (names.has(name) ? [run] : []))
  for (const id of [...known, ...went]) gone.add(id)
  for (const id of [...gone].slice(0, Math.max(0, gone.size - goneKept))) gone.delete(id)
  if (lastGood && isGone(lastGood)) account.lastGood = backups.find((run) => isGood(run) && !gone.has(run.id))
  if (lastSaved && isGone(lastSaved) && !isLacking(lastSaved)) account.lastSaved = savedOf(account)
}

function savedOf({ backups, gone }: Open): Run | undefined {
  return backups.find((run) => isSaved(run) && !gone.has(run.id))
}

function add(account: Open, run: Run): void {
  const known = account.backups.find((other) => other.id === run.id)
  if (isSaved(run) && !(known && isSaved(known) && account.lastSaved?.id !== run.id)) account.lastSaved = run
  // Of one that is older than those that are kept nothing later makes it the newest.
  if (known || !account.gone.has(run.id)) put(account.backups, run, (other) => other.id === run.id, kept.backups)
  if (account.gone.has(run.id)) {
    // It was waited for a person to look at what it lacked; that done, one that is still there counts.
    if (account.lastSaved === run && !isLacking(run)) account.lastSaved = savedOf(account)
    return
  }
  if (run.dueAt !== undefined) {
    const due = Date.parse(run.dueAt)
    const entry = {
      due,
      from: run.dueFrom === undefined ? due : Date.parse(run.dueFrom),
      at: Date.parse(run.startedAt),
      run,
    }
    put(account.dealt, entry, (other) => other.run.id === run.id, kept.dues)
  }
  // The order of the history counts, not the times in it: a clock may have been ahead. A later fact about an older one changes nothing.
  if (!isGood(run) || (known && isGood(known) && account.lastGood?.id !== run.id)) return
  account.lastGood = run
  if (run.medium?.id !== undefined) account.media.set(run.medium.id, run.endedAt ?? run.startedAt)
}

/** Replaces the entry that is the same, else adds it in front; the oldest goes where there are too many. */
function put<T>(list: T[], entry: T, same: (other: T) => boolean, most: number): void {
  const at = list.findIndex(same)
  if (at >= 0) list[at] = entry
  else list.unshift(entry)
  if (list.length > most) list.pop()
}

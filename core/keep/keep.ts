// Which backups of a plan stay on a medium and which may go: pure, from what lies there, the plan's rules, the pins and what history knows.
// Guarantees: a backup goes only when this plan made it on this medium (history knows its name, size and checksum), it is good, not pinned, and
// no rule keeps it; never the newest good one; nothing at all when the newest one is not verified or may lack what earlier ones had (api/loss.ts),
// or when the clock stands before a backup. One that lacks something never takes the place of one that has it.
// Age is only believed where no gap of more than 100 days lies between, and never leaves fewer than three. Removes nothing (prune.ts).

import { keepRules } from '../api/keep-rules.ts'
import type { Artifact } from '../api/model.ts'
import type { Keep, KeepReason, RemoveReason } from '../api/plan.ts'

/** A backup that this plan has made on the medium, as history noted it. */
export interface Made {
  readonly name: string
  readonly sha256: string
  readonly size: number
  /** When it was begun, in ms since 1970: unlike the local time in its name, the same in every time zone. */
  readonly time: number
  /** It lacks what earlier ones had, and no person has said that this is right. */
  readonly lacking?: boolean
}

/** What the history of this computer knows of a plan's backups on a medium. */
export interface KeepFacts {
  readonly made: readonly Made[]
  /** Backups of any origin whose latest check here found them damaged. */
  readonly bad: readonly string[]
  /** The plan's newest backup, on whatever medium, while it is `lacking`. */
  readonly held?: string
}

export interface PrunePlan {
  readonly keep: readonly { readonly name: string; readonly reasons: readonly KeepReason[] }[]
  readonly remove: readonly { readonly name: string; readonly reason: RemoveReason }[]
  /** Why nothing may go, whatever the rules say, and the backup that is the reason. */
  readonly heldBack?: HeldBack
}

export interface HeldBack {
  readonly reason: 'loss' | 'clock-back' | 'newest-unverified'
  readonly name: string
}

type State = 'good' | 'foreign' | 'damaged' | 'unverified'

export interface Judged<A extends Artifact = Artifact> {
  readonly artifact: A
  readonly state: State
  readonly time: number
  readonly lacking: boolean
}

const day = 24 * 3600 * 1000

/** The name of a backup may be some seconds ahead of the clock that made it. */
const ahead = 60_000

/** The local time in a foreign backup's name may be that of any time zone (UTC+14 to UTC-12). */
const zones = 26 * 3600 * 1000

/** Age rules always keep at least this many of the newest. */
const fewest = 3

/** A longer silence than this may be a clock that is wrong: what lies before it is not removed for its age. */
const longestGap = 100 * day

export interface PruneInput {
  readonly artifacts: readonly Artifact[]
  /** Absent: everything stays. */
  readonly keep: Keep | undefined
  readonly pins: ReadonlySet<string>
  /** Being read at this moment, by a verification perhaps: they stay, and take the place of no other one. */
  readonly inUse?: ReadonlySet<string>
  readonly facts: KeepFacts
  /** Milliseconds since 1970. */
  readonly now: number
  /** IANA name of the time zone in which days, weeks, months and years are counted. */
  readonly zone: string
}

export function planPrune({ artifacts, keep, pins, inUse, facts, now, zone }: PruneInput): PrunePlan {
  const own = new Map(facts.made.map((made) => [made.name, made]))
  const bad = new Set(facts.bad)
  const judged = artifacts.map((artifact) => judge(artifact, own.get(artifact.name), bad))
  const good = judged.filter((one) => one.state === 'good' && !inUse?.has(one.artifact.name)).sort(newestFirst)
  const heldBack = keep ? holdBack(judged, facts, now) : undefined
  const reasons = keep && !heldBack ? bothRules(good, keep, now, zone) : new Map<string, KeepReason[]>()
  const newest = [good[0], good.find(({ lacking }) => !lacking)].map((one) => one?.artifact.name)
  const stay: { name: string; reasons: KeepReason[] }[] = []
  const go: { name: string; reason: RemoveReason }[] = []
  for (const { artifact, state, lacking } of judged) {
    const { name } = artifact
    const why = state === 'good' ? whole(keep, heldBack?.reason, reasons.get(name)) : [state]
    if (pins.has(name) || inUse?.has(name)) why.push('pinned')
    if (why.length === 0 && newest.includes(name)) why.push('newest')
    if (why.length > 0 && lacking && keep && !heldBack) why.push('lacking')
    if (why.length > 0) stay.push({ name, reasons: why })
    else go.push({ name, reason: removeReason(keep) })
  }
  return { keep: stay, remove: go, ...(heldBack ? { heldBack } : {}) }
}

/** False: nothing goes but for want of room (room.ts). */
function counts(keep: Keep): boolean {
  return keepRules.some((rule) => keep[rule] !== undefined)
}

function whole(
  keep: Keep | undefined,
  heldBack: HeldBack['reason'] | undefined,
  byRule: readonly KeepReason[] | undefined,
): KeepReason[] {
  if (!keep) return ['all']
  if (heldBack) return [heldBack]
  return counts(keep) ? [...(byRule ?? [])] : ['room']
}

/** What is known of a backup that lies on the medium. `own`: what history noted of it. */
export function judge<A extends Artifact>(artifact: A, own: Made | undefined, bad: ReadonlySet<string>): Judged<A> {
  if (!own) return { artifact, state: 'foreign', time: Date.parse(artifact.time), lacking: false }
  const lacking = own.lacking ?? false
  const { size, sha256 } = artifact
  const other = size !== own.size || (sha256 !== undefined && sha256 !== own.sha256)
  if (other || bad.has(artifact.name)) return { artifact, state: 'damaged', time: own.time, lacking }
  return { artifact, state: sha256 === undefined ? 'unverified' : 'good', time: own.time, lacking }
}

function newestFirst(one: Judged, other: Judged): number {
  return other.time - one.time || (other.artifact.name < one.artifact.name ? -1 : 1)
}

/** What speaks against removing anything: a newest one that may lack what only older ones have, a backup from the future, or a newest one that nobody has read back. */
export function holdBack(judged: readonly Judged[], facts: KeepFacts, now: number): HeldBack | undefined {
  if (facts.held !== undefined) return { reason: 'loss', name: facts.held }
  const future = judged.find(({ state, time }) => time > now + (state === 'foreign' ? zones : ahead))
  if (future) return { reason: 'clock-back', name: future.artifact.name }
  const subjects = new Set(judged.filter(({ state }) => state !== 'foreign').map(({ artifact }) => artifact.subject))
  const newest = judged.filter(({ artifact }) => subjects.has(artifact.subject)).sort(newestFirst)[0]
  if (!newest || newest.state === 'good') return undefined
  const { name, sha256 } = newest.artifact
  // The line in the list of checksums is written after reading back, by whichever computer made the backup.
  const verified = newest.state === 'foreign' && sha256 !== undefined && !facts.bad.includes(name)
  return verified ? undefined : { reason: 'newest-unverified', name }
}

/** Those that lack something stand beside the others: they take no place of one that has it, and are thinned out like them. */
function bothRules(good: readonly Judged[], keep: Keep, now: number, zone: string): Map<string, KeepReason[]> {
  const all = byRules(good, keep, now, zone)
  const whole = good.filter(({ lacking }) => !lacking)
  if (whole.length === good.length) return all
  for (const [name, reasons] of byRules(whole, keep, now, zone))
    all.set(name, [...new Set([...(all.get(name) ?? []), ...reasons])])
  return all
}

/** `good` newest first. A name without reasons is kept by no rule. */
function byRules(good: readonly Judged[], keep: Keep, now: number, zone: string): Map<string, KeepReason[]> {
  const reasons = new Map<string, KeepReason[]>()
  const note = (kept: readonly Judged[], reason: KeepReason) => {
    for (const { artifact } of kept) reasons.set(artifact.name, [...(reasons.get(artifact.name) ?? []), reason])
  }
  if (keep.last !== undefined) note(good.slice(0, keep.last), 'last')
  if (keep.days !== undefined) {
    const oldest = now - keep.days * day
    note(
      good.filter(({ time }) => time >= oldest),
      'days',
    )
    note(good.slice(0, fewest), 'few')
    note(good.slice(unbroken(good, now)), 'clock-gap')
  }
  const local = calendar(zone)
  for (const rule of ['daily', 'weekly', 'monthly', 'yearly'] as const) {
    const count = keep[rule]
    if (count !== undefined)
      note(
        newestOfEach(good, count, (time) => local(time)[rule]),
        rule,
      )
  }
  return reasons
}

/** How many of the newest follow each other, and the present, without a gap that only a wrong clock or a long silence explains. */
function unbroken(good: readonly Judged[], now: number): number {
  let later = now
  for (const [at, { time }] of good.entries()) {
    if (later - time > longestGap) return at
    later = time
  }
  return good.length
}

/** The newest of each of the latest `count` periods that have a backup; with fewer periods also the oldest, which grows into one. */
function newestOfEach(good: readonly Judged[], count: number, periodOf: (time: number) => string): Judged[] {
  const kept = new Map<string, Judged>()
  for (const one of good) {
    const period = periodOf(one.time)
    if (kept.has(period)) continue
    if (kept.size === count) return [...kept.values()]
    kept.set(period, one)
  }
  const oldest = good.at(-1)
  const found = [...kept.values()]
  return oldest && kept.size < count && !found.includes(oldest) ? [...found, oldest] : found
}

type Periods = Readonly<Record<'daily' | 'weekly' | 'monthly' | 'yearly', string>>

/** The local day, ISO week, month and year of a time. */
function calendar(zone: string): (time: number) => Periods {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  })
  return (time) => {
    const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]))
    const { year = 0, month = 0, day: date = 0 } = parts
    return {
      daily: `${year}-${month}-${date}`,
      weekly: isoWeek(year, month, date),
      monthly: `${year}-${month}`,
      yearly: String(year),
    }
  }
}

/** A week belongs to the year that its Thursday is in (ISO 8601). */
function isoWeek(year: number, month: number, date: number): string {
  const midnight = Date.UTC(year, month - 1, date)
  const thursday = midnight + (3 - ((new Date(midnight).getUTCDay() + 6) % 7)) * day
  const its = new Date(thursday).getUTCFullYear()
  return `${its}-W${Math.floor((thursday - Date.UTC(its, 0, 1)) / (7 * day)) + 1}`
}

function removeReason(keep: Keep | undefined): RemoveReason {
  const { last, days, untilFull: _, ...periods } = keep ?? {}
  const counted = Object.values(periods).some((count) => count !== undefined)
  const kinds = [last !== undefined, days !== undefined, counted].filter(Boolean).length
  if (kinds !== 1) return 'no-rule'
  if (counted) return 'thinned'
  return last === undefined ? 'too-old' : 'too-many'
}

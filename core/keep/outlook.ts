// For how many more backups of a plan a place has room, and when it will be full, if it will: pure, from what the plan has there, its rules, its pace
// and the growth of its backups, simulated into the next weeks.
// Guarantees: what the rules will let go is taken into account, by the rules themselves (keep.ts); nothing is foretold from fewer than three backups,
// or of a plan that has stopped. Knows only what this plan has there: what others put on the place shows in the free bytes.
import type { Artifact } from '../api/model.ts'
import type { Keep } from '../api/plan.ts'
import { planPrune } from './keep.ts'

/** A good backup of the plan. `time` in ms since 1970, when it was made; `size` in bytes. */
export interface Made {
  readonly name: string
  readonly time: number
  readonly size: number
}

export interface Prospect {
  /** What it has on the place. */
  readonly lying: readonly Made[]
  /** Its latest backups there, those included that are gone by now: they tell pace and growth. */
  readonly made: readonly Made[]
  readonly keep: Keep | undefined
  /** Bytes. */
  readonly free: number
  /** What the last one was expected to have that did not fit, if that is the latest news. */
  readonly expected?: number | undefined
  readonly now: number
  readonly zone: string
}

export interface Outlook {
  /** Bytes of the next backup, about. */
  readonly next: number
  /** For so many more there is room as it is. */
  readonly room: number
  /** When the first one will not fit, in ms since 1970. Absent: not in the next weeks, or not known. */
  readonly full?: number
}

const day = 24 * 3600 * 1000

/** So far is looked ahead, in days; further for a plan whose backups are rarer, but no more backups than `mostSteps`. */
const horizon = 30
const mostSteps = 200

/** Pace and growth are those of so many backups. */
const recent = 10

/** No shorter time tells a pace: three backups in an hour are somebody who tries. In days. */
const shortest = 2

/** Undefined without any backup. */
export function outlook(prospect: Prospect): Outlook | undefined {
  const made = prospect.made.toSorted((one, other) => other.time - one.time).slice(0, recent)
  const [last] = made
  if (!last) return undefined
  const next = Math.max(1, prospect.expected ?? last.size)
  const found = { next, room: Math.max(0, Math.floor(prospect.free / next)) }
  const pace = paceOf(made, prospect.now)
  if (pace === undefined || prospect.keep?.untilFull) return found
  const full = fullAt(prospect, { pace, next, growth: growthOf(made), last })
  return full === undefined ? found : { ...found, full }
}

/** Milliseconds between two backups; undefined where that cannot be told, or where none has been made for long. */
function paceOf(made: readonly Made[], now: number): number | undefined {
  const [last, oldest] = [made[0], made.at(-1)]
  if (!last || !oldest || made.length < 3 || last.time - oldest.time < shortest * day) return undefined
  const pace = (last.time - oldest.time) / (made.length - 1)
  return now - last.time > 3 * pace + 7 * day ? undefined : pace
}

/** Bytes by which a backup is larger than the one before: the middle of what was seen, and never less than nothing. */
function growthOf(made: readonly Made[]): number {
  const steps = made.slice(1).map(({ size }, at) => (made[at]?.size ?? size) - size)
  const sorted = steps.sort((one, other) => one - other)
  return Math.max(0, sorted[Math.floor(sorted.length / 2)] ?? 0)
}

interface Course {
  readonly pace: number
  readonly next: number
  readonly growth: number
  readonly last: Made
}

function fullAt({ lying, keep, free, now, zone }: Prospect, { pace, next, growth, last }: Course): number | undefined {
  const steps = Math.min(mostSteps, Math.max(3, Math.ceil((horizon * day) / pace)))
  const largest = next + growth * steps
  if (free >= largest * steps) return undefined
  let room = free
  let there = lying.map(({ name, time, size }) => ({ name, time, size }))
  for (let step = 0; step < steps; step += 1) {
    const time = Math.max(now, last.time + pace) + step * pace
    const size = next + growth * step
    if (size > room) return time
    room -= size
    there.push({ name: `next ${step}`, time, size })
    if (!keep) continue
    const gone = new Set(removedAt(there, keep, time, zone))
    room += there.reduce((sum, one) => sum + (gone.has(one.name) ? one.size : 0), 0)
    there = there.filter(({ name }) => !gone.has(name))
  }
  return undefined
}

const sha256 = 'known'

function removedAt(there: readonly Made[], keep: Keep, now: number, zone: string): string[] {
  const artifacts = there.map(
    ({ name, time, size }): Artifact => ({
      name,
      subject: '',
      time: new Date(time).toISOString(),
      size,
      sha256,
      format: '3.0',
    }),
  )
  const facts = { made: there.map((one) => ({ ...one, sha256 })), bad: [] }
  return planPrune({ artifacts, keep, pins: new Set(), facts, now, zone }).remove.map(({ name }) => name)
}

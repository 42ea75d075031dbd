// When a schedule is due: pure arithmetic on the wall clock of a time zone, for the engine, its alarms and whoever shows a preview.
// Guarantees: a wall time that does not exist (clocks put forward) is due at the next moment that does, one that exists twice only the first
// time; nothing is due twice and no due time is lost. Rules of zones are those of the JavaScript engine (IANA, through Intl).
// Starts nothing and knows no plan.
import type { Schedule } from './schedule.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** A calendar day as the milliseconds of its midnight, were it in UTC. */
type Day = number

/**
 * The first due time after the moment `after` (ms since 1970, as the result) on the wall clock of `zone` (IANA name). Undefined: no time
 * decides, but the arrival of a medium.
 */
export function nextDue(when: Schedule, after: number, zone: string): number | undefined {
  if (when.kind === 'medium') return undefined
  // From the day before, whose last due time may lie beyond midnight, to beyond the longest month.
  const first = dayOf(after, zone) - day
  for (let date = first; date <= first + 64 * day; date += day) {
    const found = duesOf(when, date, zone).find((due) => due > after)
    if (found !== undefined) return found
  }
  return undefined
}

/** The due times that belong to a calendar day, rising. */
function duesOf(when: Exclude<Schedule, { kind: 'medium' }>, date: Day, zone: string): number[] {
  switch (when.kind) {
    case 'daily':
      return isSkipped(date, zone) ? [] : [momentOf(date, when.at, zone)]
    case 'weekly':
      return when.days.includes(weekday(date)) ? [momentOf(date, when.at, zone)] : []
    case 'monthly':
      return isDayOfMonth(date, when.day) ? [momentOf(date, when.at, zone)] : []
    case 'hours':
      return isSkipped(date, zone) ? [] : everyFew(when, date, zone)
  }
}

/** Real hours from `from` to the next day's; a last stretch that a change of clocks made much shorter than usual is left out. */
function everyFew({ every, from }: { every: number; from: string }, date: Day, zone: string): number[] {
  const start = momentOf(date, from, zone)
  const tomorrow = isSkipped(date + day, zone) ? date + 2 * day : date + day
  const end = momentOf(tomorrow, from, zone)
  const least = ((24 % every || every) * hour) / 2
  const dues = [start]
  for (let due = start + every * hour; due <= end - least && due < end; due += every * hour) dues.push(due)
  return dues
}

/** The moment of a wall time (`HH:MM`) of a day; where the clock jumps over it, the moment after the jump. */
function momentOf(date: Day, at: string, zone: string): number {
  const [hours = 0, minutes = 0] = at.split(':').map(Number)
  const wall = date + hours * hour + minutes * minute
  const before = offsetAt(wall - day, zone)
  const after = offsetAt(wall + day, zone)
  const fitting = [wall - before, wall - after].filter((moment) => offsetAt(moment, zone) === wall - moment)
  return fitting.length > 0 ? Math.min(...fitting) : jump(wall - after, wall - before, zone)
}

/** The moment between two at which the offset changes. */
function jump(from: number, to: number, zone: string): number {
  const old = offsetAt(from, zone)
  let low = from
  let high = to
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetAt(middle, zone) === old) low = middle
    else high = middle
  }
  return high
}

/** A day that a zone left out altogether when it moved across the date line. */
function isSkipped(date: Day, zone: string): boolean {
  return dayOf(momentOf(date, '12:00', zone), zone) !== date
}

function weekday(date: Day): number {
  return new Date(date).getUTCDay() || 7
}

/** In a shorter month its last day stands for those that it does not have. */
function isDayOfMonth(date: Day, wanted: number): boolean {
  const found = new Date(date).getUTCDate()
  return found === wanted || (found >= 28 && found < wanted && new Date(date + day).getUTCDate() === 1)
}

/** The calendar day of a moment. */
export function dayOf(moment: number, zone: string): Day {
  return Math.floor((moment + offsetAt(moment, zone)) / day) * day
}

/** Minutes since midnight on the wall clock. */
export function minuteOf(moment: number, zone: string): number {
  return Math.floor((moment + offsetAt(moment, zone) - dayOf(moment, zone)) / minute)
}

/** How finely offsets are remembered: since 1972 zones change theirs at a full quarter of an hour of UTC (IANA time zone database). */
const quarter = 15 * minute
const mostRemembered = 20_000

interface Clock {
  readonly format: Intl.DateTimeFormat
  readonly offsets: Map<number, number>
}
const clocks = new Map<string, Clock>()

/** Milliseconds that the wall clock is ahead of UTC. */
function offsetAt(moment: number, zone: string): number {
  const clock = clocks.get(zone) ?? newClock(zone)
  const from = Math.floor(moment / quarter) * quarter
  const known = clock.offsets.get(from)
  if (known !== undefined) return known
  const [month = 0, date = 0, year = 0, hours = 0, minutes = 0, seconds = 0] = clock.format
    .format(from)
    .split(/\D+/)
    .map(Number)
  const offset = Date.UTC(year, month - 1, date, hours, minutes, seconds) - from
  if (clock.offsets.size >= mostRemembered) clock.offsets.clear()
  clock.offsets.set(from, offset)
  return offset
}

function newClock(zone: string): Clock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const clock = { format, offsets: new Map<number, number>() }
  clocks.set(zone, clock)
  return clock
}

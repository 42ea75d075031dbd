// Numbers, sizes and times as people of a language write them. Pure; the same in window, terminal and mail.
// Guarantees: local times are those of the zone that is in force when they are asked for.
import type { Language } from '../model.ts'

/** Making one of Intl's formats takes a thousand times as long as using it, and a screen uses hundreds. */
function once<T>(make: (language: Language) => T): (language: Language) => T {
  const made = new Map<Language, T>()
  return (language) => {
    const known = made.get(language)
    if (known !== undefined) return known
    const format = make(language)
    made.set(language, format)
    return format
  }
}

/** For local times: a format that is kept would keep its zone too, so it speaks of UTC and is given a moment that reads there as here. */
function localFormat(options: Intl.DateTimeFormatOptions): (moment: Date, language: Language) => string {
  const format = once(
    (language) => new Intl.DateTimeFormat(language, { ...options, hourCycle: 'h23', timeZone: 'UTC' }),
  )
  return (moment, language) => format(language).format(new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000))
}

const numbers = once((language) => new Intl.NumberFormat(language))
const rounded = once((language) => new Intl.NumberFormat(language, { maximumFractionDigits: 0 }))
const toTenths = once((language) => new Intl.NumberFormat(language, { maximumFractionDigits: 1 }))
const relative = once((language) => new Intl.RelativeTimeFormat(language, { numeric: 'auto' }))

export function formatNumber(value: number, language: Language): string {
  return numbers(language).format(value)
}

const units = {
  en: ['B', 'kB', 'MB', 'GB', 'TB', 'PB'],
  fr: ['o', 'ko', 'Mo', 'Go', 'To', 'Po'],
} satisfies Record<Language, string[]>

/** Decimal units (1 MB = 1,000,000 bytes), as on the packaging of media: "1.4 GB", "1,4 Go". */
export function formatBytes(bytes: number, language: Language): string {
  let value = Math.max(0, bytes)
  let unit = 0
  while (value >= 999.5 && unit < units.en.length - 1) {
    value /= 1000
    unit += 1
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1
  const number = (digits === 0 ? rounded : toTenths)(language).format(value)
  return `${number}\u00a0${units[language][unit]}`
}

/** Seconds as "3 s", "2 min 05 s", "1 h 12 min". */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const two = (value: number) => String(value).padStart(2, '0')
  if (whole < 60) return `${whole}\u00a0s`
  if (whole < 3600) return `${Math.floor(whole / 60)}\u00a0min ${two(whole % 60)}\u00a0s`
  return `${Math.floor(whole / 3600)}\u00a0h ${two(Math.floor((whole % 3600) / 60))}\u00a0min`
}

const dateAndTime = localFormat({ dateStyle: 'medium', timeStyle: 'medium' })

/** An ISO time in the local zone: "2 Mar 2026, 12:00:05". */
export function formatTime(iso: string, language: Language): string {
  return dateAndTime(new Date(iso), language)
}

const day = 24 * 3600 * 1000

const minutes = { hour: '2-digit', minute: '2-digit' } as const
const clock = localFormat(minutes)
const thisYear = localFormat({ weekday: 'short', day: 'numeric', month: 'short', ...minutes })
const anyYear = localFormat({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', ...minutes })

/** A moment near the present, in the local zone, without seconds: "tomorrow 12:00", "Fri, Nov 27, 12:00"; `now` in ms. */
export function formatMoment(iso: string, language: Language, now: number): string {
  const moment = new Date(iso)
  const days = Math.round((midnight(moment) - midnight(new Date(now))) / day)
  if (Math.abs(days) <= 1) return `${relative(language).format(days, 'day')} ${clock(moment, language)}`
  return (moment.getFullYear() === new Date(now).getFullYear() ? thisYear : anyYear)(moment, language)
}

/** Beginning of the local day; days with a change of clock are 23 or 25 hours long, hence the rounding above. */
function midnight(moment: Date): number {
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate()).getTime()
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86400],
  ['month', 30 * 86400],
  ['week', 7 * 86400],
  ['day', 86400],
  ['hour', 3600],
  ['minute', 60],
]

/** "3 hours ago", "il y a 3 heures"; `now` in ms. */
export function formatRelative(iso: string, language: Language, now: number): string {
  const seconds = (Date.parse(iso) - now) / 1000
  const format = relative(language)
  for (const [unit, length] of steps) {
    if (Math.abs(seconds) >= length) return format.format(Math.trunc(seconds / length), unit)
  }
  return format.format(Math.trunc(seconds), 'second')
}

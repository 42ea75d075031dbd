// Numbers, sizes and times as people of a language write them. Pure; the same in window, terminal and mail.
// Guarantees: local times are those of the zone that is in force when they are asked for; dates are in the order of the system's region, hours go to 24.
import type { Language } from '../model.ts'

/** Where the system's region is one of the other language: the day comes first nearly everywhere. */
const usual: Record<Language, string> = { en: 'en-GB', fr: 'fr' }

let region: string | undefined

/** The region that dates are written for, such as `en-US`; undefined: the one of the system. */
export function followRegion(locale: string | undefined): void {
  region = locale
  for (const forget of made) forget()
}

/** The region's kind of the language. Without a region (`C`, `POSIX`) the system names the United States. */
function localeOf(language: Language): string {
  const locale = region ?? new Intl.DateTimeFormat().resolvedOptions().locale
  const [named = '', country] = locale.split('-')
  return named === language && country && !locale.includes('posix') ? `${named}-${country}` : usual[language]
}

const made: (() => void)[] = []

/** Making one of Intl's formats takes a thousand times as long as using it, and a screen uses hundreds. */
function once<T>(make: (language: Language) => T): (language: Language) => T {
  const formats = new Map<Language, T>()
  made.push(() => formats.clear())
  return (language) => {
    const known = formats.get(language)
    if (known !== undefined) return known
    const format = make(language)
    formats.set(language, format)
    return format
  }
}

/** For local times: a format that is kept would keep its zone too, so it speaks of UTC and is given a moment that reads there as here. */
function localFormat(options: Intl.DateTimeFormatOptions): (moment: Date, language: Language) => string {
  const format = once(
    (language) => new Intl.DateTimeFormat(localeOf(language), { ...options, hourCycle: 'h23', timeZone: 'UTC' }),
  )
  return (moment, language) => {
    const parts = format(language).formatToParts(new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000))
    return parts.map(({ type, value }) => (type === 'day' ? dayOfMonth(value, language) : value)).join('')
  }
}

/** French has an ordinal for the first of a month only, which Intl does not write. */
function dayOfMonth(day: string, language: Language): string {
  return language === 'fr' && day === '1' ? '1er' : day
}

const numbers = once((language) => new Intl.NumberFormat(language))
const rounded = once((language) => new Intl.NumberFormat(language, { maximumFractionDigits: 0 }))
const toTenths = once((language) => new Intl.NumberFormat(language, { maximumFractionDigits: 1 }))
const relative = once((language) => new Intl.RelativeTimeFormat(language, { numeric: 'always' }))
const nearDay = once((language) => new Intl.RelativeTimeFormat(language, { numeric: 'auto' }))

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

const dateAndTime = localFormat({ dateStyle: 'medium', timeStyle: 'short' })
const toSeconds = localFormat({ dateStyle: 'medium', timeStyle: 'medium' })

/** An ISO time in the local zone: "2 Mar 2026, 12:00". */
export function formatTime(iso: string, language: Language): string {
  return dateAndTime(new Date(iso), language)
}

/** For logs: "2 Mar 2026, 12:00:05". */
export function formatTimeExact(iso: string, language: Language): string {
  return toSeconds(new Date(iso), language)
}

const dayAndMonth = localFormat({ day: 'numeric', month: 'short' })
const dayAndYear = localFormat({ day: 'numeric', month: 'short', year: 'numeric' })

/** The local day: "28 Nov", in another year "28 Nov 2025"; `now` in ms. */
export function formatDay(iso: string, language: Language, now: number): string {
  const moment = new Date(iso)
  return (moment.getFullYear() === new Date(now).getFullYear() ? dayAndMonth : dayAndYear)(moment, language)
}

const day = 24 * 3600 * 1000

const clock = localFormat({ hour: '2-digit', minute: '2-digit' })
const thisYear = localFormat({ weekday: 'short', day: 'numeric', month: 'short' })
const anyYear = localFormat({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' })

const at = { en: 'at', fr: 'à' } satisfies Record<Language, string>

/** A moment near the present, in the local zone, without seconds: "tomorrow at 12:00", "Fri 27 Nov at 12:00"; `now` in ms. */
export function formatMoment(iso: string, language: Language, now: number): string {
  const moment = new Date(iso)
  const days = daysBetween(now, moment)
  const sameYear = moment.getFullYear() === new Date(now).getFullYear()
  const date =
    Math.abs(days) <= 1 ? nearDay(language).format(days, 'day') : (sameYear ? thisYear : anyYear)(moment, language)
  return `${date} ${at[language]} ${clock(moment, language)}`
}

/** Of the calendar. Days with a change of clock are 23 or 25 hours long, hence the rounding. */
function daysBetween(now: number, moment: Date): number {
  return Math.round((midnight(moment) - midnight(new Date(now))) / day)
}

function midnight(moment: Date): number {
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate()).getTime()
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86400],
  ['month', 30 * 86400],
  ['week', 7 * 86400],
  ['hour', 3600],
  ['minute', 60],
]

const thisMinute = {
  en: ['just now', 'in a moment'],
  fr: ['à l’instant', 'dans un instant'],
} satisfies Record<Language, [string, string]>

/** "just now", "3 hours ago", "yesterday", "il y a 3 semaines"; `now` in ms. Never more than has passed; days are those of the calendar. */
export function formatRelative(iso: string, language: Language, now: number): string {
  const moment = new Date(iso)
  const seconds = (moment.getTime() - now) / 1000
  if (Math.abs(seconds) >= 86400 && Math.abs(seconds) < 7 * 86400)
    return nearDay(language).format(daysBetween(now, moment), 'day')
  for (const [unit, length] of steps) {
    if (Math.abs(seconds) >= length) return relative(language).format(Math.trunc(seconds / length), unit)
  }
  return thisMinute[language][seconds > 0 ? 1 : 0]
}

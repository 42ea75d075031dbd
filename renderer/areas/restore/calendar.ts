// Days of a month with their backups: which day a backup belongs to here, and the weeks that a calendar shows. Pure.
// Guarantees: days are those of this computer's time zone; weeks begin on Monday.

/** "2026-03-01", as the day is here. */
export function dayOf(iso: string): string {
  return keyOf(new Date(iso))
}

export function keyOf(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** Noon of a day, so that no change of clocks moves it. */
export function dateOf(day: string): Date {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  return new Date(year, month - 1, date, 12)
}

/** "2026-03", some months later or earlier. */
export function monthAfter(month: string, months: number): string {
  const date = dateOf(`${month}-01`)
  return keyOf(new Date(date.getFullYear(), date.getMonth() + months, 1, 12)).slice(0, 7)
}

/** The weeks of "2026-03", each of seven days; undefined where a day is of another month. */
export function weeksOf(month: string): (string | undefined)[][] {
  const first = dateOf(`${month}-01`)
  const before = (first.getDay() + 6) % 7
  const count = new Date(first.getFullYear(), first.getMonth() + 1, 0, 12).getDate()
  const two = (value: number) => String(value).padStart(2, '0')
  const days = [
    ...Array.from({ length: before }, () => undefined),
    ...Array.from({ length: count }, (_, at) => `${month}-${two(at + 1)}`),
  ]
  const weeks: (string | undefined)[][] = []
  for (let at = 0; at < days.length; at += 7) {
    const week = days.slice(at, at + 7)
    weeks.push([...week, ...Array.from({ length: 7 - week.length }, () => undefined)])
  }
  return weeks
}

/** Dates of JavaScript end in the years ±275,760; times of files do not. In ms since 1970. */
const farthest = 8.64e15

export function isoOf(mtime: number): string {
  return new Date(Math.min(Math.max(mtime, -farthest), farthest)).toISOString()
}

// A schedule as a sentence, for window and terminal. Pure.
import type { Language } from '../model.ts'
import type { Schedule } from '../schedule.ts'
import { translator } from './text.ts'

/** "every day at 12:00"; undefined: "not scheduled". */
export function scheduleInWords(when: Schedule | undefined, language: Language): string {
  const t = translator(language)
  switch (when?.kind) {
    case undefined:
      return t('schedule.when.none')
    case 'daily':
    case 'medium':
      return t(`schedule.when.${when.kind}`, when)
    case 'weekly':
      return t('schedule.when.weekly', { at: when.at, days: daysInWords(when.days, language) })
    case 'hours':
      return t('schedule.when.hours', { count: when.every, from: when.from })
    case 'monthly':
      return t(`schedule.when.${when.day === 31 ? 'monthlyLast' : 'monthly'}`, when)
  }
}

/** ISO numbers of weekdays as "Monday and Friday". */
function daysInWords(days: readonly number[], language: Language): string {
  const names = [...days].sort((a, b) => a - b).map((day) => weekdayName(day, language))
  return new Intl.ListFormat(language).format(names)
}

/** Monday = 1 … Sunday = 7. */
export function weekdayName(day: number, language: Language, width: 'long' | 'short' = 'long'): string {
  // The fifth of January 1970 was a Monday.
  const moment = new Date(Date.UTC(1970, 0, 4 + day))
  return new Intl.DateTimeFormat(language, { weekday: width, timeZone: 'UTC' }).format(moment)
}

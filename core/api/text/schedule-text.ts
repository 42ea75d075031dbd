// Schedules and alarms in words, the same in window, terminal, mail and tray. Pure.
import type { Language } from '../model.ts'
import type { Alarm, Schedule } from '../schedule.ts'
import { translator } from './text.ts'
import { visible } from './visible.ts'

/** "every day at 20:00"; undefined: "not scheduled …". */
export function scheduleInWords(when: Schedule | undefined, language: Language): string {
  const t = translator(language)
  switch (when?.kind) {
    case undefined:
      return t('schedule.when.none')
    case 'weekly':
      return t('schedule.when.weekly', { days: weekdays(when.days, language), at: when.at })
    case 'hours':
      return t('schedule.when.hours', { count: when.every, from: when.from })
    case 'monthly':
      return t(when.day === 31 ? 'schedule.when.monthlyLast' : 'schedule.when.monthly', { day: when.day, at: when.at })
    case 'daily':
      return t('schedule.when.daily', { at: when.at })
    case 'medium':
      return t('schedule.when.medium')
  }
}

/** ISO weekdays as names, Monday first. */
function weekdays(days: readonly number[], language: Language): string {
  const names = [...new Set(days)].sort((one, other) => one - other).map((day) => weekdayName(day, language))
  return new Intl.ListFormat(language, { type: 'conjunction' }).format(names)
}

/** Monday = 1 … Sunday = 7. */
export function weekdayName(day: number, language: Language): string {
  // 1 January 2024 was a Monday.
  return new Intl.DateTimeFormat(language, { weekday: 'long', timeZone: 'UTC' }).format(Date.UTC(2024, 0, day))
}

export function alarmInWords({ kind, subject, since, place = '', days = 0 }: Alarm, language: Language): string {
  const gaps = { subject: visible(subject), since, place: visible(place), count: days }
  return translator(language)(`schedule.alarm.${kind}`, gaps)
}

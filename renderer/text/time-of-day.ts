// A time of the day as people type it. Pure.

/** "18:30" of 18:30, 18.30, 18h30, 18 h, 1830 or 8; undefined where it is no time. */
export function timeOfDay(typed: string): string | undefined {
  const found =
    /^\s*(\d{1,2})\s*(?:[:.h]\s*(\d{2})?)?\s*$/i.exec(typed) ?? /^\s*(\d{2})(\d{2})\s*$/.exec(typed) ?? undefined
  const [, hour, minute = '00'] = found ?? []
  if (hour === undefined || Number(hour) > 23 || Number(minute) > 59) return undefined
  return `${hour.padStart(2, '0')}:${minute}`
}

// The conditions of a schedule that has none beside its time, with the usual patience.
export const conditions = {
  mainsPower: false,
  unmetered: false,
  anywayAfterDays: 3,
  reminderMinutes: 30,
  mediumWindowHours: 12,
  retries: 3,
  alarmAfterDays: 2,
}

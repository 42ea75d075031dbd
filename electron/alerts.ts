// What a person is told of by a desktop notification, and when: once, and again each day while it lasts. Pure.
// Guarantees: the same alarm is never told twice within a day, also over a restart (`Told` is kept by notices.ts) and when it goes and comes
// back meanwhile; what has been over for a day is forgotten.
import { z } from 'zod'
import { isAcknowledged } from '../core/api/acknowledge.ts'
import type { DesktopScreen } from '../core/api/desktop.ts'
import type { AppState, Language } from '../core/api/model.ts'
import type { Alarm } from '../core/api/schedule.ts'
import { formatMoment } from '../core/api/text/format.ts'
import { alarmInWords } from '../core/api/text/schedule-text.ts'
import { describe as inWords, translator } from '../core/api/text/text.ts'
import { visible } from '../core/api/text/visible.ts'

const day = 24 * 3600 * 1000

export interface Alert {
  /** The same as long as it is about the same thing. */
  key: string
  title: string
  body: string
  /** Where a click leads. */
  screen: DesktopScreen
}

/** Alert → when it was told last (ms). */
export const Told = z.record(z.string(), z.number())
export type Told = z.infer<typeof Told>

/** All that deserves a notification now. */
export function alertsOf(state: Partial<AppState>, language: Language, now: number): Alert[] {
  const news = (state.alarms ?? []).filter((alarm) => !isAcknowledged(alarm))
  return [...news.map((alarm) => ofAlarm(alarm, language)), ...reminders(state, language, now)]
}

/** Those of them to be shown at `now` (ms), and what to remember. */
export function toTell(alerts: readonly Alert[], told: Told, now: number): { tell: Alert[]; told: Told } {
  const isDue = ({ key }: Alert) => {
    const last = told[key]
    // A time in the future is that of a clock that was put back.
    return last === undefined || last > now || now - last >= day
  }
  const tell = alerts.filter(isDue)
  const recent = Object.entries(told).filter(([, last]) => last <= now && now - last < day)
  return { tell, told: { ...Object.fromEntries(recent), ...Object.fromEntries(tell.map(({ key }) => [key, now])) } }
}

function ofAlarm(alarm: Alarm, language: Language): Alert {
  const t = translator(language)
  const { kind, planId, since, place, runId, problem } = alarm
  const sentence = alarmInWords(alarm, language)
  return {
    // A place that fills up stays the same news, however many backups are made meanwhile: each moves its `since`.
    key: `${kind} ${planId} ${kind === 'filling' ? place : since}`,
    title: t(`desktop.alarm.${kind}`),
    body: problem ? `${sentence} ${inWords(problem, language).text}` : sentence,
    screen: runId === undefined ? { name: 'main' } : { name: 'run', id: runId },
  }
}

function reminders({ schedules = [], plans = [] }: Partial<AppState>, language: Language, now: number): Alert[] {
  const t = translator(language)
  return schedules.flatMap(({ planId, state, nextDue, medium }) => {
    const plan = plans.find((one) => one.id === planId)
    if (state !== 'reminder' || !plan || nextDue === undefined) return []
    const gaps = {
      subject: visible(plan.name),
      when: formatMoment(nextDue, language, now),
      medium: visible(medium?.due.name ?? ''),
    }
    const body = t(`desktop.alarm.reminder${medium ? 'Named' : 'Any'}`, gaps)
    const title = t('desktop.alarm.reminder')
    return [{ key: `reminder ${planId} ${nextDue}`, title, body, screen: { name: 'main' } as const }]
  })
}

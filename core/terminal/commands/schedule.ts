// `arche schedule …`: when backups are made by themselves; shown, set, switched off, paused and resumed.
// Guarantees: `set` changes only what is named and leaves the rest of an earlier schedule; it shows the next due times of what it has set.
// Starts no backup: a window or a service does when the time comes.
import type { Plan } from '../../api/plan.ts'
import { PlanSchedule, type Schedule, type ScheduleDraft, type ScheduleState } from '../../api/schedule.ts'
import { scheduleInWords } from '../../api/text/schedule-text.ts'
import { describe } from '../../api/text/text.ts'
import { visible } from '../../api/text/visible.ts'
import { finish } from '../finish.ts'
import { facts } from '../layout.ts'
import { planNamed } from '../names.ts'
import type { Output } from '../output.ts'
import type { Fact } from '../run-report.ts'
import type { Session } from '../session.ts'
import { UsageError } from '../usage.ts'
import { copyInWords } from './copy.ts'

/** As typed; `false`: the option with `--no-`. */
export interface ScheduleOptions {
  daily?: boolean
  weekly?: string
  hours?: string
  monthly?: string
  onArrival?: boolean
  at?: string
  mains?: boolean
  unmetered?: boolean
  between?: string | false
  anywayAfter?: string
  reminder?: string
  mediumWindow?: string
  retries?: string
  alarmAfter?: string
}

export async function scheduleShow(session: Session, typed: string | undefined): Promise<number> {
  const { output } = session
  const { plans, schedules, paused, alarms } = await session.state()
  const shown = typed === undefined ? plans : [planNamed(typed, plans)]
  if (shown.length === 0) output.say(output.t('terminal.plan.none'))
  for (const plan of shown) {
    output.say(output.paint('bold', visible(plan.name)))
    const state = schedules.find(({ planId }) => planId === plan.id)
    for (const line of facts(scheduleFacts(plan, state, output))) output.say(line)
  }
  const ids = new Set(shown.map(({ id }) => id))
  return finish(session, 'schedule show', {
    schedules: schedules.filter(({ planId }) => ids.has(planId)),
    alarms: alarms.filter(({ planId }) => ids.has(planId)),
    paused,
  })
}

/** When, what it is up to, and the media of a rotation. */
function scheduleFacts(plan: Plan, state: ScheduleState | undefined, output: Output): Fact[] {
  const { t, language, time } = output
  const lines: Fact[] = [[t('terminal.schedule.when'), scheduleInWords(plan.schedule?.when, language)]]
  const copies = state?.copies ?? []
  if (copies.length > 0)
    lines.push([t('copy.terminal.copies'), copies.map((copy) => copyInWords(copy, output)).join('\n')])
  if (!state || state.state === 'inactive') return lines
  lines.push([t('terminal.column.state'), stateInWords(state, output)])
  if (state.nextDue !== undefined) lines.push([t('terminal.schedule.next'), time(state.nextDue)])
  if (state.medium && state.medium.ages.length > 1) {
    const ages = state.medium.ages.map(
      ({ name, lastBackup }) => `${visible(name)}: ${lastBackup ? time(lastBackup) : '—'}`,
    )
    lines.push([t('terminal.schedule.medium-due'), visible(state.medium.due.name)])
    lines.push([t('terminal.column.last-backup'), ages.join('\n')])
  }
  return lines
}

/** "waiting: The medium … is not connected. (until …)" */
export function stateInWords({ state, reason, until }: ScheduleState, { t, language, time }: Output): string {
  const parts = [t(`schedule.state.${state}`)]
  if (reason) parts.push(describe(reason, language).text)
  if (until !== undefined && state !== 'paused') parts.push(t('terminal.schedule.until', { time: time(until) }))
  return parts.join('\n')
}

export async function scheduleSet(session: Session, typed: string, options: ScheduleOptions): Promise<number> {
  const { output } = session
  const { t, time, language } = output
  const { plans } = await session.state()
  const plan = planNamed(typed, plans)
  const schedule = draftOf(plan.schedule, options)
  const saved = await session.guarded((client) => client.schedule.save({ planId: plan.id, schedule }))
  output.say(t('terminal.schedule.set', { name: visible(plan.name), when: scheduleInWords(schedule.when, language) }))
  const { times } = await (await session.client()).schedule.preview({ schedule: schedule.when, count: 3 })
  if (times.length > 0)
    for (const line of facts([[t('terminal.schedule.next'), times.map(time).join('\n')]])) output.say(line)
  output.note(t('terminal.schedule.who'))
  return finish(session, 'schedule set', { plan: saved, times })
}

export async function scheduleOff(session: Session, typed: string): Promise<number> {
  const { plans } = await session.state()
  const plan = planNamed(typed, plans)
  const saved = await session.guarded((client) => client.schedule.save({ planId: plan.id, schedule: null }))
  const sentence = session.output.t('terminal.schedule.off', { name: visible(plan.name) })
  return finish(session, 'schedule off', { plan: saved }, sentence)
}

export async function schedulePause(session: Session, options: { for: string }): Promise<number> {
  const hours = wholeNumber('--for', options.for, 1, 168)
  const until = new Date(Date.now() + hours * 3600 * 1000).toISOString()
  const paused = await (await session.client()).schedule.pause({ until })
  const sentence = session.output.t('terminal.schedule.paused', { time: session.output.time(paused.until) })
  return finish(session, 'schedule pause', { paused }, sentence)
}

export async function scheduleResume(session: Session): Promise<number> {
  await (await session.client()).schedule.resume({})
  return finish(session, 'schedule resume', {}, session.output.t('terminal.schedule.resumed'))
}

/** What is typed, on top of what was set before. */
function draftOf(before: PlanSchedule | undefined, options: ScheduleOptions): ScheduleDraft {
  const when = whenOf(options) ?? before?.when
  if (!when) throw new UsageError('missing-option', { name: '--daily', command: 'arche schedule set' })
  const { savedAt: _, ...rest } = before ?? PlanSchedule.parse({ when, savedAt: new Date(0).toISOString() })
  const { between, mains, unmetered } = options
  const { window: old, ...kept } = rest
  const window = between === undefined ? old : between === false ? undefined : windowOf(between)
  const number = (name: string, value: string | undefined, least: number, most: number, preset: number) =>
    value === undefined ? preset : wholeNumber(name, value, least, most)
  return {
    ...kept,
    when,
    mainsPower: mains ?? kept.mainsPower,
    unmetered: unmetered ?? kept.unmetered,
    ...(window === undefined ? {} : { window }),
    anywayAfterDays: number('--anyway-after', options.anywayAfter, 1, 30, kept.anywayAfterDays),
    reminderMinutes: number('--reminder', options.reminder, 0, 1440, kept.reminderMinutes),
    mediumWindowHours: number('--medium-window', options.mediumWindow, 1, 720, kept.mediumWindowHours),
    retries: number('--retries', options.retries, 0, 5, kept.retries),
    alarmAfterDays: number('--alarm-after', options.alarmAfter, 1, 90, kept.alarmAfterDays),
  }
}

/** The kind that is named, if one is; two of them: usage error. */
function whenOf({ daily, weekly, hours, monthly, onArrival, at }: ScheduleOptions): Schedule | undefined {
  const named = Object.entries({
    '--daily': daily,
    '--weekly': weekly,
    '--hours': hours,
    '--monthly': monthly,
    '--on-arrival': onArrival,
  })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name)
  if (named.length > 1) throw new UsageError('conflict', { name: named[1] ?? '' })
  if (onArrival) return { kind: 'medium' }
  if (hours !== undefined)
    return {
      kind: 'hours',
      every: wholeNumber('--hours', hours, 1, 24),
      from: at === undefined ? '00:00' : clock('--at', at),
    }
  if (named.length === 0 && at === undefined) return undefined
  if (at === undefined) throw new UsageError('missing-option', { name: '--at', command: 'arche schedule set' })
  const time = clock('--at', at)
  if (weekly !== undefined) return { kind: 'weekly', days: weekly.split(',').map(weekday), at: time }
  if (monthly !== undefined) return { kind: 'monthly', day: wholeNumber('--monthly', monthly, 1, 31), at: time }
  return { kind: 'daily', at: time }
}

/** Monday = 1; the beginnings of English and French names are understood. */
const weekdayNames = ['mon lun', 'tue mar', 'wed mer', 'thu jeu', 'fri ven', 'sat sam', 'sun dim']

function weekday(typed: string): number {
  const name = typed.trim().toLowerCase()
  const index = weekdayNames.findIndex((names) => names.split(' ').includes(name.slice(0, 3)))
  if (index >= 0) return index + 1
  if (/^[1-7]$/.test(name)) return Number(name)
  throw new UsageError('not-choice', {
    name: '--weekly',
    value: visible(typed),
    choices: '1 (= mon, lun) … 7 (= sun, dim)',
  })
}

function clock(name: string, typed: string): string {
  const [, hours = '', minutes = ''] = /^(\d{1,2}):(\d\d)$/.exec(typed.trim()) ?? []
  if (hours === '' || Number(hours) > 23 || Number(minutes) > 59)
    throw new UsageError('not-choice', { name, value: visible(typed), choices: '00:00 … 23:59' })
  return `${hours.padStart(2, '0')}:${minutes}`
}

function windowOf(typed: string): { from: string; to: string } {
  const [from = '', to = ''] = typed.split('-')
  return { from: clock('--between', from), to: clock('--between', to) }
}

function wholeNumber(name: string, typed: string, least: number, most: number): number {
  const value = Number(typed)
  if (!/^\d+$/.test(typed)) throw new UsageError('not-number', { name, value: visible(typed) })
  if (value < least || value > most)
    throw new UsageError('not-choice', { name, value: visible(typed), choices: `${least} … ${most}` })
  return value
}

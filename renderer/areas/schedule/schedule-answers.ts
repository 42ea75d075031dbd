// What a person answers about a plan's schedule, as forms hold it, and the schedule and media that it becomes. Pure.
// Guarantees: a saved schedule read into answers and back is the same; answers that make no schedule give none.
import { firstOf } from '../../../core/api/destination.ts'
import type { Plan, Where } from '../../../core/api/plan.ts'
import { PlanSchedule, type Schedule, ScheduleDraft } from '../../../core/api/schedule.ts'

/** A number field that is being typed in holds text. */
export type Typed = number | string

export interface ScheduleAnswers {
  kind: Schedule['kind'] | 'off'
  at: string
  /** ISO weekdays, Monday = 1. */
  days: number[]
  every: Typed
  from: string
  day: Typed
  mainsPower: boolean
  unmetered: boolean
  limited: boolean
  windowFrom: string
  windowTo: string
  anywayAfterDays: Typed
  reminderMinutes: Typed
  mediumWindowHours: Typed
  retries: Typed
  alarmAfterDays: Typed
  media: 'any' | 'one' | 'rotation'
  one: string | undefined
  rotation: string[]
}

const savedAt = '1970-01-01T00:00:00Z'

/** Proposed where nothing was saved: every day at noon, when people and computers are awake. */
export const proposed: ScheduleAnswers = {
  ...conditionsOf(PlanSchedule.parse({ when: { kind: 'daily', at: '12:00' }, savedAt })),
  kind: 'daily',
  at: '12:00',
  days: [1, 2, 3, 4, 5],
  every: 4,
  from: '08:00',
  day: 1,
  media: 'any',
  one: undefined,
  rotation: [],
}

function conditionsOf(schedule: PlanSchedule) {
  const { mainsPower, unmetered, window, anywayAfterDays, reminderMinutes, mediumWindowHours } = schedule
  return {
    mainsPower,
    unmetered,
    limited: window !== undefined,
    windowFrom: window?.from ?? '08:00',
    windowTo: window?.to ?? '20:00',
    anywayAfterDays,
    reminderMinutes,
    mediumWindowHours,
    retries: schedule.retries,
    alarmAfterDays: schedule.alarmAfterDays,
  }
}

/** The answers that made this plan's schedule; where there is none, what is proposed. */
export function answersOf(plan: Plan): ScheduleAnswers {
  const { schedule } = plan
  const { id, rotation } = firstOf(plan).place
  const media = rotation ? 'rotation' : id ? 'one' : 'any'
  const about = { ...proposed, media, one: id, rotation: rotation ?? [] } as const
  return schedule ? { ...about, ...conditionsOf(schedule), ...schedule.when } : about
}

/** When it would be due; undefined while something is missing or impossible, and where it is off. */
export function whenOf({ kind, at, days, every, from, day }: ScheduleAnswers): Schedule | undefined {
  const all = { kind, at, days: [...days].sort((a, b) => a - b), every, from, day }
  const when = ScheduleDraft.shape.when.safeParse(all)
  return when.success ? when.data : undefined
}

/** The schedule; null: none is wished; undefined: something is missing or impossible. */
export function scheduleOf(answers: ScheduleAnswers): ScheduleDraft | null | undefined {
  if (answers.kind === 'off') return null
  const { mainsPower, unmetered, anywayAfterDays, reminderMinutes, mediumWindowHours, retries, alarmAfterDays } =
    answers
  const draft = ScheduleDraft.safeParse({
    when: whenOf(answers),
    mainsPower,
    unmetered,
    ...(answers.limited ? { window: { from: answers.windowFrom, to: answers.windowTo } } : {}),
    anywayAfterDays,
    reminderMinutes,
    mediumWindowHours,
    retries,
    alarmAfterDays,
  })
  return draft.success ? draft.data : undefined
}

/** Onto which media; undefined while it is not said. */
export function placeOf({ media, one, rotation }: ScheduleAnswers): Where | undefined {
  if (media === 'any') return { kind: 'medium' }
  if (media === 'one') return one === undefined ? undefined : { kind: 'medium', id: one }
  return rotation.length < 2 ? undefined : { kind: 'medium', rotation }
}

/** What can keep a backup waiting is asked for. */
export function isConditional({ mainsPower, unmetered, limited }: ScheduleAnswers): boolean {
  return mainsPower || unmetered || limited
}

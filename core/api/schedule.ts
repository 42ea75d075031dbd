// Schedules of plans as schemas: when backups are due and on which conditions, what a schedule is up to, and the alarms that follow.
// Guarantees: a file without any of it stays readable; what is absent has a default. Computes nothing: see due.ts and alarms.ts.
import { z } from 'zod'
import { Problem } from './problem.ts'

const Time = z.iso.datetime()

/** A time of the day on the wall clock of this computer, `HH:MM`. */
const ClockTime = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/)

/** When backups are due, by the wall clock of the zone in force. */
export const Schedule = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('daily'), at: ClockTime }),
  /** Monday = 1 … Sunday = 7 (ISO 8601). */
  z.object({ kind: z.literal('weekly'), days: z.array(z.number().int().min(1).max(7)).min(1).max(7), at: ClockTime }),
  /** At `from` every day, and every `every` hours after it until the next day's `from`. */
  z.object({ kind: z.literal('hours'), every: z.number().int().min(1).max(24), from: ClockTime }),
  /** In a shorter month: on its last day. */
  z.object({ kind: z.literal('monthly'), day: z.number().int().min(1).max(31), at: ClockTime }),
  /** When a medium of the plan is connected, at most once a day. */
  z.object({ kind: z.literal('medium') }),
])
export type Schedule = z.infer<typeof Schedule>

/** A plan's schedule and its conditions. `savedAt`: due times count from then on. */
export const PlanSchedule = z.object({
  when: Schedule,
  /** Wait for mains power, and for a network that is not metered, where the system tells. */
  mainsPower: z.boolean().default(false),
  unmetered: z.boolean().default(false),
  /** Start only between these two; `to` before `from` means over midnight. */
  window: z.object({ from: ClockTime, to: ClockTime }).optional(),
  /** Days without a due backup after which the conditions above no longer count. */
  anywayAfterDays: z.number().int().min(1).max(30).default(3),
  /** How long before the due time a missing medium is asked for. */
  reminderMinutes: z.number().int().min(0).max(1440).default(30),
  /** How long after the due time a medium may still arrive. */
  mediumWindowHours: z.number().int().min(1).max(720).default(12),
  /** How often a backup that failed for a passing reason is tried again. */
  retries: z.number().int().min(0).max(5).default(3),
  /** Days without success after which there is an alarm. */
  alarmAfterDays: z.number().int().min(1).max(90).default(2),
  savedAt: Time,
})
export type PlanSchedule = z.infer<typeof PlanSchedule>

/** A schedule as a person chooses it. */
export const ScheduleDraft = PlanSchedule.omit({ savedAt: true })
export type ScheduleDraft = z.infer<typeof ScheduleDraft>

/** How far a destination that gets copies is. */
export const CopyState = z.object({
  destination: z.uuid(),
  /** Names of its places. */
  name: z.string(),
  /** `none`: there is no backup yet. `done`: the newest good backup is there. `waiting`: for what `reason` says. */
  state: z.enum(['none', 'done', 'waiting', 'running', 'retrying']),
  /** When the newest backup that is there was made. */
  newest: Time.optional(),
  reason: Problem.optional(),
  /** When it is tried again. */
  until: Time.optional(),
  /** Nobody makes it by itself: this Arche only looks, for a command. */
  idle: z.literal(true).optional(),
})
export type CopyState = z.infer<typeof CopyState>

/** The room that a plan has on a place that is there. */
export const SpaceState = z.object({
  planId: z.uuid(),
  /** Id and name. */
  place: z.uuid(),
  name: z.string(),
  /** Bytes of the next backup, about. */
  next: z.number().int().nonnegative(),
  /** For so many more there is room as it is. */
  room: z.number().int().nonnegative(),
  /** When the first one will not fit; absent: not in the next weeks, or not known. */
  full: Time.optional(),
  /** Then the oldest go. */
  untilFull: z.literal(true).optional(),
  /** When the newest backup was made that this follows from. */
  since: Time,
})
export type SpaceState = z.infer<typeof SpaceState>

/** What the schedule of a plan is up to, and its copies. */
export const ScheduleState = z.object({
  planId: z.uuid(),
  /** Of the destinations that get copies; absent: there are none. */
  copies: z.array(CopyState).optional(),
  /** `reminder`: due soon and its medium is not there. `waiting`: due, with the reason why it has not begun. */
  state: z.enum(['inactive', 'planned', 'reminder', 'waiting', 'running', 'retrying', 'paused']),
  /** The next due time; absent when backups are due on the arrival of a medium. */
  nextDue: Time.optional(),
  /** The due time that is being waited for, carried out or tried again. */
  dueAt: Time.optional(),
  reason: Problem.optional(),
  /** When it begins, is tried again, or is given up. */
  until: Time.optional(),
  /** Rotation, or a fixed medium: which is due, and how old the last backup of each one is. */
  medium: z
    .object({
      due: z.object({ id: z.uuid(), name: z.string() }),
      ages: z.array(z.object({ id: z.uuid(), name: z.string(), lastBackup: Time.optional() })),
    })
    .optional(),
})
export type ScheduleState = z.infer<typeof ScheduleState>

/** Something about a plan that a person has to know, computed from history and clock. */
export const Alarm = z.object({
  kind: z.enum(['loss', 'failed', 'missed', 'no-success', 'medium-needed', 'copy-late', 'filling']),
  planId: z.uuid(),
  subject: z.string(),
  since: Time,
  problem: Problem.optional(),
  runId: z.uuid().optional(),
  /** `loss`: what the backup of that run lacks. */
  losses: z.array(Problem).optional(),
  /** `copy-late`: names of the places without a copy; `filling`: of the one that will be full. */
  place: z.string().optional(),
  /** Of that place; `copy-late`: of the plan's destination. */
  placeId: z.uuid().optional(),
  /** `copy-late`: when the newest backup that is there was made. */
  lastCopy: z.iso.datetime().optional(),
  /** `no-success`: whole days since the last good backup, or since the plan was made; `filling`: until the place is full. */
  days: z.number().int().nonnegative().optional(),
  /** A person has seen it: it is quiet until there is news (acknowledge.ts). */
  acknowledgedAt: Time.optional(),
})
export type Alarm = z.infer<typeof Alarm>

// "Am I protected?" as plain values: the answer for all, and a row for each plan. How they are found: protection.ts, plan-row.ts.
import { z } from 'zod'

const Time = z.iso.datetime()

/** "Am I protected?": the level, why, and the one action that improves it. */
export const Protection = z.object({
  level: z.enum(['protected', 'attention', 'unprotected', 'unset']),
  reason: z.enum([
    'recent-success',
    'omissions',
    'loss',
    'not-removed',
    'last-failed',
    'old',
    'very-old',
    'never',
    'no-key',
    'key-trouble',
    'no-plan',
    'running-first',
    // Plans with a schedule:
    'on-schedule',
    'due',
    'medium-away',
    'overdue',
  ]),
  since: Time.optional(),
  action: z.enum(['setup', 'backup', 'key', 'show-run']).optional(),
  /** Of several plans the one whose answer this is, and how many are protected. */
  planId: z.uuid().optional(),
  plans: z.object({ protected: z.number().int(), of: z.number().int() }).optional(),
})
export type Protection = z.infer<typeof Protection>

/** How the backups of a plan went on a day; the best of them counts. */
export const DayOutcome = z.enum(['good', 'omissions', 'failed', 'missed'])
export type DayOutcome = z.infer<typeof DayOutcome>

/** One protected thing in the overview. */
export const PlanRow = z.object({
  planId: z.uuid(),
  protection: Protection,
  /** Today and the 13 days before, the oldest first; null: nothing was due or made. */
  days: z.array(DayOutcome.nullable()),
  /** Bytes of its last backups that were good, the oldest first, 14 at the most. */
  sizes: z.array(z.number()),
  /** End of the last good one. */
  lastGood: Time.optional(),
  /** Ids of the places where backups of it lie that are not much older than its newest, as far as history knows. */
  places: z.array(z.uuid()).optional(),
  /** When one of its backups was last restored from, or opened and read to its end. */
  triedAt: Time.optional(),
})
export type PlanRow = z.infer<typeof PlanRow>

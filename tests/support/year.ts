// A year of scheduled backups as a history has it, without making them: for lists, calendars and curves.
import { randomUUID } from 'node:crypto'
import type { Run } from '../../core/api/model.ts'

const day = 24 * 3600 * 1000

interface Year {
  plan: { id: string; name: string }
  medium: NonNullable<Run['medium']>
  /** When the last of them began, in ms since 1970; each of the others a day before. */
  last: number
  days: number
}

const outcomeOf = (at: number) =>
  at % 23 === 22 ? 'error' : at % 17 === 16 ? 'warning' : at % 31 === 30 ? 'missed' : 'success'

/** What a backup that ended so has beside. */
const more = {
  success: (at: number, name: string) => ({ ...made(at, name), warnings: 0 }),
  warning: (at: number, name: string) => ({ ...made(at, name), warnings: 3 }),
  error: () => ({ failure: { code: 'no-space', details: { path: '/media/stick' } } }) as const,
  missed: () => ({}),
} as const

const made = (at: number, artifact: string) => ({
  files: 12_000 + at,
  bytes: 900_000_000 + at * 1_000_000,
  stored: 600_000_000 + at * 700_000,
  artifact,
})

/** In the order of a history. Every 23rd failed, every 17th left files out, every 31st was missed. */
export function yearOf({ plan, medium, last, days }: Year): Run[] {
  return Array.from({ length: days }, (_, at): Run => {
    const start = last - (days - 1 - at) * day
    const outcome = outcomeOf(at)
    const startedAt = new Date(start).toISOString()
    return {
      id: randomUUID(),
      kind: 'backup',
      trigger: 'scheduled',
      planId: plan.id,
      subject: plan.name,
      medium,
      startedAt,
      endedAt: new Date(start + 60_000 + at * 100).toISOString(),
      dueAt: startedAt,
      outcome,
      warnings: 0,
      files: 0,
      bytes: 0,
      stored: 0,
      operations: [],
      ...more[outcome](at, `backup_v30_${plan.name}_${startedAt.slice(0, 10)}_12h00m00s.tar.gz.gpg`),
    }
  })
}

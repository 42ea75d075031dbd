// Methods about schedules: set and remove that of a plan, look ahead, pause and resume all.
// Guarantees: a pause always has an end, at most a week ahead. Starts nothing itself: see schedule/scheduler.ts.

import { nextDue } from '../api/due.ts'
import { Failure } from '../api/failure.ts'
import type { Schedule } from '../api/schedule.ts'
import { changePlan } from '../services/plans.ts'
import type { Services } from '../services/services.ts'
import { methods } from './base.ts'

const day = 24 * 3600 * 1000
const longestPause = 7 * day

export function scheduleMethods(services: Services) {
  const { config, now, refresh } = services
  return {
    save: methods.schedule.save.handler(({ input: { planId, schedule } }) => {
      const savedAt = new Date(now()).toISOString()
      return changePlan(services, planId, ({ schedule: _, ...plan }) =>
        schedule ? { ...plan, schedule: { ...schedule, savedAt } } : plan,
      )
    }),
    preview: methods.schedule.preview.handler(({ input: { schedule, count } }) => ({
      times: preview(schedule, count, now(), services.zone()),
    })),
    pause: methods.schedule.pause.handler(async ({ input }) => {
      const until = input.until === undefined ? now() + day : Date.parse(input.until)
      if (until <= now() || until > now() + longestPause)
        throw new Failure('bad-input', { reason: 'until: at most 7 days ahead' })
      const pausedUntil = new Date(until).toISOString()
      await config.update((current) => ({ ...current, pausedUntil }))
      await refresh('paused')
      return { until: pausedUntil }
    }),
    resume: methods.schedule.resume.handler(async () => {
      await config.update(({ pausedUntil: _, ...current }) => current)
      await refresh('paused')
      return {}
    }),
  }
}

function preview(when: Schedule, count: number, now: number, zone: string): string[] {
  const times: number[] = []
  for (let due = nextDue(when, now, zone); due !== undefined && times.length < count; due = nextDue(when, due, zone))
    times.push(due)
  return times.map((time) => new Date(time).toISOString())
}

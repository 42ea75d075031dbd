// Methods about copies of backups.
import type { Services } from '../services/services.ts'
import { startCopyFrom, startCopyOf } from '../services/start-copy.ts'
import { methods } from './base.ts'

export function copyMethods(services: Services) {
  return {
    start: methods.copy.start.handler(async ({ input }) => {
      const { run } = await ('planId' in input
        ? startCopyOf(services, input.planId, input.to)
        : startCopyFrom(services, input))
      return { id: run.id }
    }),
  }
}

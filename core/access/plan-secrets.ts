// Passwords that a plan needs to read its source, in the keychain, by name: `plan/<id>/<what>`.
// Guarantees: one that was kept under the name of earlier versions is found, and replaced or removed with the other. For which server it was kept: services/plans.ts.
import type { Secrets } from './secrets.ts'

/** What a plan's source may need. */
export type PlanSecret = 'database'

export interface PlanSecrets {
  get(planId: string, what: PlanSecret): Promise<string | undefined>
  set(planId: string, what: PlanSecret, value: string): Promise<void>
  remove(planId: string, what: PlanSecret): Promise<void>
}

function nameOf(planId: string, what: PlanSecret): string {
  return `plan/${planId}/${what}`
}

function earlierName(planId: string, what: PlanSecret): string {
  return `${what}-password/${planId}`
}

export function planSecrets(secrets: Secrets): PlanSecrets {
  return {
    get: async (planId, what) =>
      (await secrets.get(nameOf(planId, what))) ?? (await secrets.get(earlierName(planId, what))),
    async set(planId, what, value) {
      await secrets.set(nameOf(planId, what), value)
      await secrets.remove(earlierName(planId, what))
    },
    async remove(planId, what) {
      // Cut off in between, the newer one must not be gone while an older one is found again.
      await secrets.remove(earlierName(planId, what))
      await secrets.remove(nameOf(planId, what))
    },
  }
}

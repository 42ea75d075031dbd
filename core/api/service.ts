// The background service that makes the backups of the schedules where nobody has opened a window, as the contract tells of it.
import { z } from 'zod'
import { Problem } from './problem.ts'

/** A command of the system as it is typed; `problem`: what was said where it did not work. */
export const ServiceStep = z.object({ command: z.string(), problem: z.string().optional() })
export type ServiceStep = z.infer<typeof ServiceStep>

/** A unit that Arche has written, and what the system says of it in its own words: `unknown` where it says nothing. */
export const ServiceUnit = z.object({
  path: z.string(),
  /** ActiveState of the service, and of the timer that guards it: `active`, `inactive`, `failed`… */
  service: z.string(),
  timer: z.string(),
  /** UnitFileState: `enabled` where it starts with the computer. */
  enabled: z.string(),
  /** `yes` where it runs without anybody's login. Absent for a unit of the whole system. */
  linger: z.string().optional(),
  /** Since when it runs; absent where it does not, or where that is not known. */
  since: z.iso.datetime().optional(),
})
export type ServiceUnit = z.infer<typeof ServiceUnit>

export const ServiceStatus = z.object({
  /**
   * Why none can be installed from here; absent: it can. `tool-missing` and `tool-failed`: there is no systemd, or it does not answer this user;
   * `service-program`: this copy of Arche has no program that works without a window.
   */
  problem: Problem.optional(),
  /** The unit of this user, which can be removed from here. */
  unit: ServiceUnit.optional(),
  /** The unit of the whole system for the same data folder: for an administrator to remove. */
  systemUnit: z.string().optional(),
  /** The engine that answers this is the service. */
  self: z.boolean(),
})
export type ServiceStatus = z.infer<typeof ServiceStatus>

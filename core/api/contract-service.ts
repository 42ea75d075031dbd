// The contract's methods about the background service.
import { z } from 'zod'
import { method, none } from './contract-base.ts'
import { ServiceStatus, ServiceStep } from './service.ts'

/** What was asked of the system, in its order; the deed is whole where no step has a problem. */
const Steps = z.object({ steps: z.array(ServiceStep) })

export const serviceContract = {
  status: method.input(none).output(ServiceStatus),
  /**
   * Writes the units of this user, enables and starts them; units that are there already are written anew. Failures: those of `status`, `exists` (a unit
   * that somebody else wrote), `busy` (the service itself is asked, and would end what it does).
   */
  install: method.input(none).output(Steps),
  /** Stops the service and removes its units; data and backups stay. None: `not-found`. `exists` and `busy` as above. */
  remove: method.input(none).output(Steps),
}

// The contract's methods about copies of backups.
import { z } from 'zod'
import { method, RunRef } from './contract-base.ts'
import { MediumRef } from './model.ts'

export const copyContract = {
  /**
   * Copies a backup to another place, as it is, and reads it back there. Without `artifact`: the plan's newest good one, from wherever it is. One that
   * lies there already is read back only.
   */
  start: method
    .input(
      z.union([
        z.object({ planId: z.uuid(), to: MediumRef }),
        z.object({ from: MediumRef, artifact: z.string(), to: MediumRef }),
      ]),
    )
    .output(RunRef),
}

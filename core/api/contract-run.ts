// The part of the contract about runs: what was done and how it ended, each with its log.
import { z } from 'zod'
import { method, none, RunRef } from './contract-base.ts'
import { LogLine, Run } from './model.ts'
import { RunFilter } from './run-filter.ts'

export const runContract = {
  /** `giveUp`: it is not waited for longer than some seconds; what it leaves half-done is put right at the next start, as after a crash. */
  cancel: method.input(RunRef.extend({ giveUp: z.boolean().optional() })).output(none),
  /** The run with its log; `from` skips lines already read. */
  show: method
    .input(
      RunRef.extend({
        from: z.number().int().nonnegative().default(0),
        limit: z.number().int().max(5000).default(1000),
      }),
    )
    .output(z.object({ run: Run, lines: z.array(LogLine), total: z.number().int() })),
  /** Newest start first; `before`: older than that run. */
  history: method
    .input(
      z.object({
        limit: z.number().int().max(1000).default(100),
        before: z.uuid().optional(),
        filter: RunFilter.optional(),
      }),
    )
    .output(z.array(Run)),
}

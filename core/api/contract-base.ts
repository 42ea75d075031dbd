// What every method of the contract is made from.
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { Problem } from './problem.ts'

/** Every method may fail. Which of them the administrator password guards: methods/guard.ts. */
export const method = oc.errors({
  FAILURE: { data: Problem.extend({ retryable: z.boolean() }) },
})
/** Nothing to say, as input or output. */
export const none = z.object({}).default({})

/** A run by its id. */
export const RunRef = z.object({ id: z.uuid() })

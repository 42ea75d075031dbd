// What every method of the contract is made from.
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { Problem } from './problem.ts'

/** Every method may fail. `meta.grant`: it needs the operator password to have been given on this connection a short while ago. */
export const open = oc.$meta<{ grant?: boolean }>({}).errors({
  FAILURE: { data: Problem.extend({ retryable: z.boolean() }) },
})
export const guarded = open.meta({ grant: true })
/** Nothing to say, as input or output. */
export const none = z.object({}).default({})

/** A run by its id. */
export const RunRef = z.object({ id: z.uuid() })

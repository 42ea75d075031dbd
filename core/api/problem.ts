// The schemas of failures, findings and warnings as plain data: see failure.ts, whose types they have.
import { z } from 'zod'
import { type FailureCode, failureCodes } from './failure.ts'

const Details = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))

/** Has a name of its own: every method of the contract holds it several times, and the compiler would write out all codes each time. */
export interface FailureCodeSchema extends z.ZodType<FailureCode, FailureCode> {}
const FailureCodeSchema: FailureCodeSchema = z.enum(failureCodes)

export const Problem = z.object({ code: FailureCodeSchema, details: Details.default({}) })

export const Finding = Problem.extend({ level: z.enum(['error', 'warning', 'info']) })

// The schemas of failures, findings and warnings as plain data: see failure.ts, whose types they have.
import { z } from 'zod'
import { failureCodes } from './failure.ts'

const Details = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))

export const Problem = z.object({ code: z.enum(failureCodes), details: Details.default({}) })

export const Finding = Problem.extend({ level: z.enum(['error', 'warning', 'info']) })

// How a Failure crosses a connection: thrown in the engine, carried as oRPC error `FAILURE`, thrown again at the caller.
// Guarantees: no stack and no cause cross; a call with a malformed input arrives as `bad-input`, everything unknown as `internal`.
import { ORPCError } from '@orpc/contract'
import { type Details, Failure, toProblem } from './failure.ts'
import { Problem } from './problem.ts'

/** For the engine: any thrown value as the error that the contract knows. */
export function toWire(error: unknown): ORPCError<string, unknown> {
  if (error instanceof ORPCError) return error
  const retryable = error instanceof Failure && error.retryable
  return new ORPCError('FAILURE', { defined: true, data: { ...toProblem(error), retryable } })
}

/** For a caller: any error of a call as a Failure. */
export function fromWire(error: unknown): Failure {
  if (error instanceof Failure) return error
  if (error instanceof ORPCError) {
    const problem = Problem.safeParse(error.data)
    if (error.code === 'FAILURE' && problem.success) {
      const retryable = Reflect.get(Object(error.data), 'retryable') === true
      return new Failure(problem.data.code, problem.data.details, { retryable })
    }
    if (error.code === 'BAD_REQUEST') return new Failure('bad-input', unfit(error.data))
  }
  if (error instanceof Error && error.name === 'AbortError') return new Failure('cancelled', {}, { cause: error })
  const { code, details } = toProblem(error)
  return new Failure(code, details, { cause: error })
}

/** What is wrong with an input, for people: a reason that the catalogue has words for, and where (`medium`, `plan.name`). */
function unfit(data: unknown): Details {
  const issues: unknown = Reflect.get(Object(data), 'issues')
  const [first] = Array.isArray(issues) ? issues : []
  const issue = Object(first)
  const field = [issue.path ?? []].flat().join('.')
  return { reason: reasonOf(issue), ...(field === '' ? {} : { field }) }
}

/** Codes of zod's issues; their own sentences are in English and speak of types. */
function reasonOf({ code, message }: { code?: unknown; message?: unknown }): string {
  if (code === 'invalid_type' && /received (undefined|null)/.test(String(message))) return 'input-missing'
  if (code === 'too_big') return 'input-too-big'
  return code === 'too_small' ? 'input-too-small' : 'input-unfit'
}

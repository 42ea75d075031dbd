// Why something stopped, for the Failure that says what was made of it.
import { toProblem } from '../api/failure.ts'

/**
 * `reason`: a short code that has words (`common.reason`), or a message; `path`: of the file or folder that was in the way, where there is one; `why`:
 * the kind of cause, where there is a hint of its own for it.
 */
export function causeOf(error: unknown): { reason: string; path?: string; why?: string } {
  const { code, details } = toProblem(error)
  const reason = typeof details.reason === 'string' && details.reason !== details.path ? details.reason : code
  const path = [details.path, details.name].find((value) => typeof value === 'string' && /^(\/|[a-z]:)/i.test(value))
  const { why } = details
  return { reason, ...(typeof path === 'string' && { path }), ...(typeof why === 'string' && { why }) }
}

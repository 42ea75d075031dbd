// Faults of the data folder itself, reported as that: a full or read-only disk there is no fault of the medium, and a person who needs a restore
// now can use another data folder.
// Guarantees: only failures of files in the data folder are changed; everything else comes back as it is, but for raw system errors, which become
// the Failure that they are.
import { sep } from 'node:path'
import { Failure, type FailureCode } from '../api/failure.ts'
import { errnoOf, fromErrno } from './files.ts'

const codes: Partial<Record<FailureCode, FailureCode>> = {
  'no-space': 'home-full',
  'medium-read-only': 'home-unwritable',
  denied: 'home-unwritable',
}

/** An error of anything that the engine does, as a person is told it. `home`: the data folder. */
export function ofHome(error: unknown, home: string): unknown {
  const failure = errnoOf(error) === undefined ? error : fromErrno(error)
  if (!(failure instanceof Failure)) return failure
  const { code, details, retryable } = failure
  const told = codes[code]
  const path = String(details.path ?? '')
  if (told === undefined || !(path === home || path.startsWith(home + sep))) return failure
  return new Failure(told, { ...details, path: home, name: home, file: path }, { retryable, cause: error })
}

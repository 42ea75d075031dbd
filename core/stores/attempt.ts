// The one conversion of file system errors in the stores on disk: which object, which store, in the words of the catalogue.
// Guarantees: everything but a bug leaves as a Failure that names the object, or the store where the store is what fails (full, gone, read-only).
import { Failure, type FailureCode } from '../api/failure.ts'
import { fromErrno } from '../lib/files.ts'

/** Subject of a call in messages: the name that people know. */
export interface Subject {
  /** Name of the object; '' for the store itself. */
  readonly name: string
  /** Name of the store. */
  readonly label: string
  /** Full path. */
  readonly path: string
}

/** Failures of the place rather than of the object: their `name` is that of the store. */
const ofThePlace = new Set<FailureCode>([
  'no-space',
  'file-too-large',
  'medium-read-only',
  'medium-gone',
  'unreachable',
])

/** Runs calls of Node's file system and converts what they throw. */
export async function attempt<T>(subject: Subject, deed: () => Promise<T>): Promise<T> {
  try {
    return await deed()
  } catch (error) {
    throw inWords(fromErrno(error, { path: subject.path }), subject)
  }
}

function inWords(error: unknown, subject: Subject): unknown {
  if (!(error instanceof Failure)) return error
  const name = ofThePlace.has(error.code) || subject.name === '' ? subject.label : subject.name
  return new Failure(
    error.code,
    { ...error.details, path: subject.path, name },
    { retryable: error.retryable, cause: error.cause ?? error },
  )
}

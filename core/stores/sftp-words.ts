// What a server refuses, in the words of the catalogue. Version 3 of SFTP knows four reasons; everything else is number 4, "Failure", and then the words
// that some servers add are looked at.
// Guarantees: everything but a bug leaves as a Failure that names the object, or the server where the server is what fails.
import { Failure, type FailureCode } from '../api/failure.ts'
import { Refusal, status } from './sftp-calls.ts'
import { Garbled } from './sftp-line.ts'

/** Subject of a call in messages: the name that people know. */
export interface Subject {
  /** Name of the object; '' for the store itself. */
  readonly name: string
  /** Name of the server. */
  readonly server: string
  /** Full path on the server. */
  readonly path: string
}

const byNumber: Partial<Record<number, FailureCode>> = {
  [status.noSuchFile]: 'not-found',
  [status.noSuchPath]: 'not-found',
  [status.denied]: 'denied',
  [status.writeProtected]: 'denied',
  [status.badMessage]: 'bad-input',
  [status.noConnection]: 'place-unreachable',
  [status.connectionLost]: 'place-unreachable',
  [status.unsupported]: 'place-protocol',
  [status.exists]: 'exists',
  [status.noSpace]: 'no-space',
  [status.quota]: 'no-space',
}

/** Words of servers that say more than their number. */
const byWords: readonly (readonly [RegExp, FailureCode])[] = [
  [/no space|disk (is )?full|quota|insufficient (disk )?space/i, 'no-space'],
  [/too large/i, 'file-too-large'],
  [/permission|denied|read-?only/i, 'denied'],
  [/exists/i, 'exists'],
]

/** Failures of the place rather than of the object: their `name` is that of the server. */
const ofThePlace = new Set<FailureCode>([
  'no-space',
  'file-too-large',
  'place-unreachable',
  'place-protocol',
  'place-refused',
])

/** Runs calls to the server and converts what they throw. */
export async function attempt<T>(subject: Subject, deed: () => Promise<T>): Promise<T> {
  try {
    return await deed()
  } catch (error) {
    throw inWords(error, subject)
  }
}

/** The Failure for a Refusal; a Failure or a bug comes back as it is. */
export function inWords(error: unknown, subject: Subject): unknown {
  if (error instanceof Garbled)
    return new Failure('place-protocol', { name: subject.server, reason: 'answer' }, { cause: error })
  if (!(error instanceof Refusal)) return error
  const code = byNumber[error.status] ?? byWords.find(([words]) => words.test(error.message))?.[1] ?? 'place-refused'
  const name = ofThePlace.has(code) || subject.name === '' ? subject.server : subject.name
  const reason = code === 'bad-input' ? subject.path : error.message || `SFTP ${error.status}`
  return new Failure(
    code,
    { name, path: subject.path, reason },
    { retryable: code === 'place-unreachable', cause: error },
  )
}

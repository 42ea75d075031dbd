// What a restore to a server is given, and what bringing an unfinished one to its end is given.
import type { Context } from '../../lib/work.ts'

export interface ServerContext extends Context {
  /** A folder of Arche's own data, on a disk that stays. */
  readonly journals: string
  readonly password?: string | undefined
}

/** What can be worked with at the start of the program, when nobody listens and nothing can be cancelled. */
export type RecoverContext = Pick<ServerContext, 'report' | 'now' | 'temp' | 'password'>

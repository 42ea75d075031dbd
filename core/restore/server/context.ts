// What a restore to a server is given, and what bringing an unfinished one to its end is given.
import type { Database } from '../../api/database.ts'
import type { BrokenView } from '../../databases/mysql/database.ts'
import type { Context } from '../../lib/work.ts'

export interface ServerContext extends Context {
  /** A folder of Arche's own data, on a disk that stays. */
  readonly journals: string
  readonly password?: string | undefined
  /** Called when all is prepared and nothing touched yet. `broken`: views that cannot be read. */
  readonly saveFirst?: ((broken: readonly BrokenView[]) => Promise<void>) | undefined
}

/** What can be worked with at the start of the program, when nobody listens and nothing can be cancelled. */
export type RecoverContext = Pick<ServerContext, 'report' | 'now' | 'temp' | 'password'>

/** The password of the database of a journal. `planId`: the plan it was restored for. */
export type Login = (database: Database, planId: string | undefined) => Promise<string | undefined>

/** The same for several journals. Nothing of it can be cancelled: a half-way end would only have to be gone on with. */
export interface LoginContext extends Omit<RecoverContext, 'password'> {
  /** Ids of restores of which nobody knows how they ended: also of those that had put everything in place it is told. */
  readonly unknown?: ReadonlySet<string>
  login?(database: Database, planId: string | undefined): Promise<string | undefined>
}

// What is true of every method: its failures cross as the contract says, and what the administrator password guards needs an unlocked session.
// Guarantees: no method can be implemented without the check, because the check is not in the method; what is guarded says one table (guard.ts).
import { type ImplementerInternalWithMiddlewares, implement, ORPCError } from '@orpc/server'
import type { Session } from '../access/operator.ts'
import { contract } from '../api/contract.ts'
import { Failure } from '../api/failure.ts'
import { toWire } from '../api/wire.ts'
import type { Services } from '../services/services.ts'
import { isGuarded } from './guard.ts'

/** One per connection: who unlocked it, and until when. */
export interface Connection {
  readonly session: Session
  readonly services: Services
  /** A bug in a method, for the program's log. */
  readonly onBug: (error: unknown) => void
  /** Converts an error into the one that the caller gets. */
  readonly told: (error: unknown) => unknown
}

/** Named, because the compiler does not write a type out that is longer than a certain length. */
type Methods = ImplementerInternalWithMiddlewares<typeof contract, Connection, Connection>

const checked = implement(contract)
  .$context<Connection>()
  .use(async ({ context, path, next }, input) => {
    try {
      if (isGuarded(path, input, context.services)) context.session.require()
      return await next()
    } catch (error) {
      if (!(error instanceof Failure) && !(error instanceof ORPCError)) context.onBug(error)
      throw toWire(context.told(error))
    }
  })

export const methods: Methods = checked

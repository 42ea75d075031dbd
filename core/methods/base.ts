// What is true of every method: its failures cross as the contract says, and guarded ones need an unlocked session.
// Guarantees: a method marked `grant` in the contract cannot be implemented without the check, because the check is not in the method.
import { type ImplementerInternalWithMiddlewares, implement, ORPCError } from '@orpc/server'
import type { Session } from '../access/operator.ts'
import { contract } from '../api/contract.ts'
import { Failure } from '../api/failure.ts'
import { toWire } from '../api/wire.ts'

/** One per connection: who unlocked it, and until when. */
export interface Connection {
  readonly session: Session
  /** A bug in a method, for the program's log. */
  readonly onBug: (error: unknown) => void
  /** Converts an error into the one that the caller gets. */
  readonly told: (error: unknown) => unknown
}

/** Named, because the compiler does not write a type out that is longer than a certain length. */
type Methods = ImplementerInternalWithMiddlewares<typeof contract, Connection, Connection>

const checked = implement(contract)
  .$context<Connection>()
  .use(async ({ context, procedure, next }) => {
    try {
      if (procedure['~orpc'].meta.grant) context.session.require()
      return await next()
    } catch (error) {
      if (!(error instanceof Failure) && !(error instanceof ORPCError)) context.onBug(error)
      throw toWire(context.told(error))
    }
  })

export const methods: Methods = checked

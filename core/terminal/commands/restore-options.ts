// What `arche restore` can be told.
import type { Existing } from '../../api/contract.ts'
import type { ServerOptions } from './server-options.ts'

export interface RestoreOptions extends ServerOptions {
  from?: string
  /** A plan, or true: the only one with a server. */
  server?: string | true
  into?: string
  only?: string[]
  existing?: Existing
  undo?: string
  /** `--restart`, `--no-restart`; absent: it is asked. */
  restart?: boolean
  recover?: boolean
  /** What stands on the server is not copied first. */
  withoutCopy?: boolean
}

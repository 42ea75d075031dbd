// What every kind of source says of itself to those who do not care which kind it is. The rows: one file a kind beside this one; the table: plan-source.ts.

import type { Database, Login } from '../database.ts'
import type { Exclusions } from '../exclusion.ts'

/** A server whose backup goes back as a whole: its database, and the folder of its documents. */
export interface WholeServer {
  readonly database: Database
  readonly storage: string
}

export interface SourceFace<S> {
  /** Absolute paths that are read, for people and for comparing. */
  paths(source: S): readonly string[]
  /** With which login a database server is read. Its password is a secret of the plan; undefined: none is needed. */
  login(source: S): Login | undefined
  /** Databases chosen by name, of a server with several. */
  databases(source: S): readonly string[] | 'all' | undefined
  /** What a restore writes back as a whole; its backups have the name of the database. */
  server(source: S): WholeServer | undefined
  /** A person may say what is left out: the source has `exclude`. */
  readonly leavesOut: S extends Exclusions ? true : false
  /** LabBook's own tool must be able to restore the backups: in the usual format, for a key of LabBook, with a password that passes through it. */
  readonly forLabbook: boolean
}

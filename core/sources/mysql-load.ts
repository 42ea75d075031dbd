// Loads a dump into one database of a server, statement by statement.
// Guarantees: nothing but that database is changed (mysql-guard.ts); the first statement that the server does not accept ends it, and the Failure
// names its line; memory holds two statements. The database must exist. Does not make what was loaded visible to anybody.
import type { FileHandle } from 'node:fs/promises'
import { Failure } from '../api/failure.ts'
import { throwIfCancelled } from '../lib/bytes.ts'
import { Guard, type GuardOptions } from './mysql-guard.ts'
import { type Session, StatementError } from './mysql-session.ts'
import { beginning, type Statement, statementsOf } from './mysql-statements.ts'
import type { Context } from './source.ts'

export interface LoadOptions extends Omit<GuardOptions, 'server'> {
  readonly session: Session
  readonly file: FileHandle
}

/** Failures `dump-refused`, `load-failed` {line, statement, reason}, `database-unreachable`, `cancelled`. */
export async function loadDump(options: LoadOptions, ctx: Pick<Context, 'signal' | 'report'>): Promise<void> {
  const { session, file, database, events } = options
  const guard = new Guard({ server: session.version, database, events })
  await prepare(session, database)
  let working: Promise<void> = Promise.resolve()
  let done = 0
  try {
    for await (const statement of statementsOf(file)) {
      throwIfCancelled(ctx.signal)
      // Judged while the server still works on the one before.
      const text = guard.admit(statement)
      await working
      ctx.report.advance(statement.end - done)
      done = statement.end
      if (text === undefined) continue
      working = send(session, text, statement)
      // Looked at before the next one is sent.
      working.catch(() => undefined)
    }
  } finally {
    await working
  }
  for (const sql of ['UNLOCK TABLES', 'COMMIT']) await session.send(sql)
}

async function prepare(session: Session, database: string): Promise<void> {
  await session.send(Buffer.from(`USE ${quoted(database)}`).toString('latin1'))
  await session.send('SET NAMES utf8')
  await session.send(
    "SET SESSION foreign_key_checks = 0, unique_checks = 0, autocommit = 1, sql_mode = 'NO_AUTO_VALUE_ON_ZERO'",
  )
}

async function send(session: Session, text: string, { line, text: original }: Statement): Promise<void> {
  try {
    await session.send(text)
  } catch (error) {
    if (!(error instanceof StatementError)) throw error
    const details = { line, statement: beginning(original), reason: error.message }
    throw new Failure('load-failed', details, { cause: error })
  }
}

/** A name as SQL. */
export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

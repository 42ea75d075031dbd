// `arche restore … --server` and `--labbook`: a LabBook backup back onto a server, database and documents.
// Guarantees: what stands there is shown before, replacing it takes a typed word, and the password of the database is asked for only where the server
// wants one. Does not restore: the engine does.
import type { Inspection, RestorePreview } from '../../api/contract.ts'
import type { Database } from '../../api/database.ts'
import { Failure, type Finding } from '../../api/failure.ts'
import type { AppState, Run, UnfinishedRestore } from '../../api/model.ts'
import type { RestoreServer } from '../../api/plan.ts'
import { wholeServerOf } from '../../api/plan-source.ts'
import { confirmationOf } from '../../api/restore-confirmation.ts'
import { visible } from '../../api/text/visible.ts'
import { finish } from '../finish.ts'
import { watchCall } from '../follow.ts'
import { absolute, planNamed } from '../names.ts'
import type { Fact } from '../run-report.ts'
import type { Session } from '../session.ts'
import { UsageError } from '../usage.ts'
import type { RestoreOptions } from './restore-options.ts'
import { databaseNamed } from './server-options.ts'

export interface WantedServer {
  readonly server: RestoreServer
  readonly database: Database
  readonly withoutCopy: boolean
}

/** The server that the options mean: a plan's, or one described; undefined: a restore to folders. */
export function wantedServer(options: RestoreOptions, { plans }: AppState): WantedServer | undefined {
  const command = 'arche restore'
  const database = databaseNamed(options, command)
  if (options.labbook !== undefined && database === undefined)
    throw new UsageError('missing-option', { name: '--database', command })
  const withoutCopy = options.withoutCopy === true
  if (options.server === undefined && database === undefined) {
    if (withoutCopy) throw new UsageError('missing-option', { name: '--server', command })
    return undefined
  }
  for (const [name, value] of [
    ['--into', options.into],
    ['--only', options.only],
    ['--existing', options.existing],
  ] as const)
    if (value !== undefined) throw new UsageError('conflict', { name })
  if (database) {
    if (options.server !== undefined) throw new UsageError('conflict', { name: '--server' })
    const storage = options.labbook === undefined ? {} : { storage: absolute(options.labbook) }
    return { server: { ...storage, database }, database, withoutCopy }
  }
  const servers = plans.filter((plan) => wholeServerOf(plan.source))
  const [only, ...more] = servers
  const named =
    typeof options.server === 'string' ? planNamed(options.server, plans) : more.length === 0 ? only : undefined
  if (!named)
    throw new UsageError('which-server', {
      count: servers.length,
      names: servers.map(({ name }) => visible(name)).join(', '),
    })
  const saved = wholeServerOf(named.source)?.database
  if (!saved) throw new UsageError('no-database', { name: visible(named.name) })
  return { server: named.id, database: saved, withoutCopy }
}

/** Looks with the password that was given or is remembered; where the server wants another one, it is asked for and looked again. */
export async function agreedOnServer(
  session: Session,
  inspection: Inspection,
  { server, database, withoutCopy }: WantedServer,
): Promise<RestorePreview> {
  const look = (databasePassword: string | undefined) =>
    session.guarded(() =>
      watchCall(session, (client, signal, job) =>
        client.restore.preview(
          {
            inspection: inspection.id,
            job,
            existing: 'replace',
            server,
            ...(withoutCopy ? { withoutCopy } : {}),
            ...(databasePassword === undefined ? {} : { databasePassword }),
          },
          { signal },
        ),
      ),
    )
  const given = session.passwords.given('database')
  let preview = await look(given)
  if (given === undefined && denial(preview))
    await session.withDatabasePassword(database, async (password) => {
      preview = await look(password)
      const denied = denial(preview)
      if (denied) throw new Failure(denied.code, denied.details)
    })
  return preview
}

function denial({ findings }: RestorePreview) {
  return findings.find((finding) => finding.code === 'database-denied')
}

export function serverFacts(session: Session, { database, safetyCopy }: RestorePreview): Fact[] {
  const { t, bytes } = session.output
  if (!database) return []
  const { name, user, server, exists, tables } = database
  const now = exists
    ? t('terminal.restore.tables', { count: tables, size: bytes(database.bytes) })
    : t('terminal.restore.no-database')
  const lines: Fact[] = [
    [t('terminal.fact.database'), `${visible(name)} (${visible(user)}@${visible(server)})`],
    [t('terminal.fact.there-now'), now],
  ]
  if (safetyCopy) lines.push([t('terminal.fact.safety-copy'), visible(safetyCopy.path)])
  return lines
}

/** After everything was shown: the last question, with a typed word where something is replaced. */
export async function confirmServer(session: Session, preview: RestorePreview): Promise<void> {
  const { t } = session.output
  const question = t('terminal.restore.go-on')
  const replaced = preview.findings.find((finding) => finding.code === 'replaces-server')
  const others = preview.findings.filter((finding) => finding !== replaced)
  const warned = others.some((finding) => finding.level === 'warning')
  await session.consider(others, question)
  if (confirmationOf([preview], 'replace').by === 'nothing') {
    if (!warned && !(await session.confirm(question, true))) throw new Failure('cancelled')
    return
  }
  if (replaced) session.output.finding(replaced)
  if (session.yes) return
  if (!session.ask.possible) throw new UsageError('confirmation')
  const word = t('terminal.restore.word')
  if (!(await session.ask.typed(t('terminal.restore.type-server', { word }), word))) throw new Failure('cancelled')
}

/** Where the copy and the old database are. */
export function keptFacts(session: Session, { safety, keptDatabase }: Run): Fact[] {
  const { t } = session.output
  const lines: Fact[] = []
  const kept = safety?.database?.kept ?? keptDatabase
  if (kept !== undefined) lines.push([t('terminal.fact.kept-database'), visible(kept)])
  if (safety?.copy)
    lines.push([t('terminal.fact.safety-copy'), `${visible(safety.copy.artifact)}\n${visible(safety.copy.path)}`])
  return lines
}

/** Starts an undo; where its server wants a password, it is asked for. */
export async function startUndo(session: Session, { id, safety }: Run): Promise<string> {
  const call = (databasePassword: string | undefined) =>
    session.guarded((client) =>
      client.restore.undo({ id, ...(databasePassword === undefined ? {} : { databasePassword }) }),
    )
  const given = safety?.database && session.passwords.given('database')
  try {
    return (await call(given)).id
  } catch (error) {
    const database = safety?.database
    if (!(error instanceof Failure) || error.code !== 'database-denied' || given !== undefined || !database) throw error
    const login = { name: database.name, user: database.user ?? '' }
    return (await session.withDatabasePassword(login, call)).id
  }
}

/** A restore that waits for its server, with why. */
export function unfinishedFinding({ database, server, problem }: UnfinishedRestore): Finding {
  const { reason } = problem.details
  const why = typeof reason === 'string' ? reason : problem.code
  return { level: 'warning', code: 'restore-waiting', details: { database, server, reason: why } }
}

/** `arche restore --recover`: brings every unfinished restore of a server to its end; where a server wants a password, it is asked for. */
export async function recoverAll(session: Session): Promise<number> {
  const { t, say } = session.output
  const { unfinished = [] } = await session.state()
  for (const { id, database, user } of unfinished) {
    const call = (databasePassword: string | undefined) =>
      session.guarded((client) =>
        client.restore.recover({ id, ...(databasePassword === undefined ? {} : { databasePassword }) }),
      )
    const given = session.passwords.given('database')
    await call(given).catch(async (error) => {
      if (!(error instanceof Failure) || error.code !== 'database-denied' || given !== undefined) throw error
      await session.withDatabasePassword({ name: database, user }, call)
    })
    say(t('terminal.restore.recovered', { database: visible(database) }))
  }
  if (unfinished.length === 0) say(t('terminal.restore.nothing-unfinished'))
  return finish(session, 'restore', { recovered: unfinished.map(({ id }) => id) })
}

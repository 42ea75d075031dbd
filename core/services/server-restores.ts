// What the methods of a restore need when it goes to a server: which server, its password, the copy of what stands there, and restores of servers that
// were left unfinished.
// Guarantees: a password is never written down here: it is the one given, or the remembered one of a plan with that very database.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Database, sameDatabase, serverOf } from '../api/database.ts'
import { Failure, type Finding } from '../api/failure.ts'
import { dumpFile, dumpFolder, isDocumentFolder } from '../api/labbook-layout.ts'
import { inTheWay, replaces } from '../api/lanes.ts'
import type { Medium, Progress, Run, UnfinishedRestore } from '../api/model.ts'
import type { Plan, RestoreServer } from '../api/plan.ts'
import { wholeServerOf } from '../api/plan-source.ts'
import { openSession } from '../databases/mysql/session.ts'
import { pairsIn } from '../keys/folder.ts'
import { usedBeside } from '../keys/use.ts'
import { freeBytes } from '../lib/files.ts'
import type { ListedEntry } from '../restore/listing.ts'
import { restorers } from '../restore/restorer.ts'
import type { Login } from '../restore/server/context.ts'
import { isServerJournal, readServerJournal, type ServerJournal } from '../restore/server/journal.ts'
import { holdsSomething, type ServerPlan } from '../restore/server/plan.ts'
import { recoverServer, unfinishedServers } from '../restore/server/server.ts'
import type { Inspected, SafetyShelf, ServerOrder } from '../runs/order.ts'
import { mysqlSource } from '../sources/mysql.ts'
import { onTarget } from './media.ts'
import { databasePasswordFor } from './plans.ts'
import { note, silent } from './recovery.ts'
import { journalFolder, type Parts, type Services, tempFolder } from './services.ts'

/** Copies of what restores have replaced; can be named like a medium. */
const safetyFolder = (home: string) => join(home, 'safety')

interface Wanted {
  readonly database: Database
  readonly storage?: string | undefined
  readonly plan?: Plan
}

/** The server that is meant; a described one that is that of a plan has its password too. */
function wantedServer({ config }: Services, server: RestoreServer): Wanted {
  const { plans } = config.current
  if (typeof server !== 'string') {
    const plan = plans.find((one) => sameDatabase(wholeServerOf(one.source)?.database, server.database))
    return plan ? { ...server, plan } : server
  }
  const plan = plans.find(({ id }) => id === server)
  const whole = plan && wholeServerOf(plan.source)
  if (!whole) throw new Failure('not-found', { name: plan?.name ?? server })
  return { ...whole, plan }
}

export interface ServerPreview {
  readonly plan: ServerPlan
  readonly order: ServerOrder
  readonly findings: readonly Finding[]
}

export interface ServerInput {
  readonly server: RestoreServer
  readonly databasePassword?: string | undefined
  readonly withoutCopy?: boolean | undefined
}

interface InspectedBackup {
  readonly medium: Medium
  readonly inspected: Inspected
  /** Absent: its outline is enough. */
  readonly entries?: readonly ListedEntry[] | undefined
}

export async function previewServer(
  services: Services,
  { medium, inspected, entries }: InspectedBackup,
  input: ServerInput,
  signal?: AbortSignal,
): Promise<ServerPreview> {
  const { database, storage, plan: saved } = wantedServer(services, input.server)
  const password = saved ? await databasePasswordFor(services, saved, input.databasePassword) : input.databasePassword
  await tryAgain(services, database, password)
  const temp = tempFolder(services.home)
  const about = entries ? { entries } : (outlineOf(inspected) ?? { entries: [] })
  const request = { database, password, planId: saved?.id, storage, ...about, temp }
  const plan = await restorers.server.plan(request, { signal: signal ?? new AbortController().signal })
  const safety = input.withoutCopy ? undefined : await safetyShelf(services, medium, plan, signal)
  const findings = [
    ...waiting(services, database),
    ...(input.withoutCopy ? plan.findings.map(uncopied) : plan.findings),
    ...(plan.before && !input.withoutCopy ? await readable(plan, password, temp, signal) : []),
    ...(safety ? await safetyFindings(safety) : []),
  ]
  return { plan, findings, order: { kind: 'server', plan, password, ...(safety ? { safety } : {}) } }
}

/**
 * What a plan has to know of a backup that Arche has made, without reading all of it: the restore reads and checks it before it touches anything.
 * Undefined: it has to be read.
 */
export function outlineOf({ dump, roots, files, bytes }: Inspected) {
  if (dump === undefined || files === undefined || bytes === undefined || bytes < dump) return undefined
  const folders = roots.filter(({ name }) => name !== dumpFolder).map(({ name }) => name)
  if (!folders.every(isDocumentFolder)) return undefined
  const entries = [
    { path: dumpFile, type: 'file', size: dump },
    ...folders.map((path) => ({ path, type: 'folder', size: 0 })),
  ]
  return { entries, counted: { files, bytes } }
}

/** The word about what is replaced, where it is not copied first. */
function uncopied(finding: Finding): Finding {
  return finding.code === 'replaces-server' ? { ...finding, details: { ...finding.details, why: 'uncopied' } } : finding
}

/** Findings that would stop the copy of the current database. */
async function readable(
  { database, findings }: ServerPlan,
  password: string | undefined,
  temp: string,
  signal?: AbortSignal,
): Promise<Finding[]> {
  if (findings.some(({ code }) => code.startsWith('database-'))) return []
  const found = await mysqlSource({ database, password, temp, file: '' }).check(signal)
  return found.filter(({ code }) => code !== 'database-ready' && code !== 'database-tables')
}

/** Absent: there is nothing to lose. */
async function safetyShelf(
  services: Services,
  medium: Medium,
  plan: ServerPlan,
  signal?: AbortSignal,
): Promise<SafetyShelf | undefined> {
  const { host, home, runner } = services
  const paths = plan.folders.flatMap(({ target, existed }) => (existed && holdsSomething(target) ? [target] : []))
  if (plan.standing.tables === 0 && paths.length === 0) return undefined
  const files =
    paths.length > 0
      ? await runner.job(
          { kind: 'estimate', source: { kind: 'folders', paths, exclude: [] }, leaveOut: [] },
          { subject: plan.database.name },
          signal,
        )
      : { bytes: 0 }
  const bytes = plan.standing.bytes + files.bytes
  return { path: safetyFolder(home), bytes, host, ...(await keysFor(services, medium)) }
}

/** This computer's own keys; without any, the pairs that lie on the medium: whoever can open its backups can open this one. */
async function keysFor(services: Services, medium: Medium): Promise<Pick<SafetyShelf, 'recipients' | 'keyFiles'>> {
  try {
    return await services.keyring.use({ lenient: true })
  } catch (error) {
    const none = error instanceof Failure && ['no-key', 'key-lost', 'key-damaged'].includes(error.code)
    if (!none) throw error
  }
  return usedBeside(await pairsIn(await onTarget(services, medium, 'read', (target) => target.keys(() => undefined))))
}

/** Well compressed text needs a fourth of its size; documents need all of it. */
const hopeless = 0.25

async function safetyFindings({ path, bytes, recipients }: SafetyShelf): Promise<Finding[]> {
  const findings: Finding[] = recipients.length > 0 ? [] : [{ level: 'error', code: 'no-key', details: {} }]
  const free = await freeBytes(join(path, '..'))
  if (free < bytes * hopeless)
    findings.push({ level: 'error', code: 'no-space', details: { name: path, free, needed: bytes } })
  return findings
}

// --- unfinished -------------------------------------------------------------------------------------------------------

/** The password that is remembered for the database of a journal. */
export function loginsOf(parts: Parts): Login {
  return async (database, planId) => {
    const { plans } = parts.config.current
    const plan = plans.find((one) => one.id === planId && sameDatabase(wholeServerOf(one.source)?.database, database))
    return plan && databasePasswordFor(parts, plan, undefined)
  }
}

function passwordFor(parts: Parts, { head }: ServerJournal): Promise<string | undefined> {
  return loginsOf(parts)(head.database, head.planId)
}

async function recoverOne(parts: Parts, journal: ServerJournal, password: string | undefined): Promise<void> {
  const { home, now } = parts
  await note(parts, await recoverServer(journal, { report: silent, now, temp: tempFolder(home), password }))
}

/** None while a restore is going on: it is its journal. */
export function unfinishedOf({ home, runner, problems }: Parts): UnfinishedRestore[] {
  if (runner.active().some(isRestoring)) return []
  return unfinishedServers(journalFolder(home)).map(({ head }) => {
    const { id, time, database } = head
    const server = serverOf(database)
    const why = { database: database.name, server, reason: 'abandoned' }
    return {
      id,
      database: database.name,
      server,
      user: database.user,
      startedAt: new Date(time).toISOString(),
      problem: problems.get(id) ?? { code: 'restore-waiting', details: why },
    }
  })
}

function isRestoring({ kind }: Pick<Progress, 'kind'>): boolean {
  return kind === 'restore' || kind === 'undo'
}

/** Before a new restore to the same database: with the password at hand it may be possible now. */
async function tryAgain(services: Services, database: Database, password: string | undefined): Promise<void> {
  if (inTheWay([replaces], services.runner.held())) return
  const journals = unfinishedServers(journalFolder(services.home))
  const same = journals.filter(({ head }) => sameDatabase(head.database, database))
  for (const journal of same) await recoverOne(services, journal, password)
  if (same.length > 0) await services.refresh('runs')
}

/** `restore.recover`. */
export async function recoverById(
  services: Services,
  id: string,
  given: string | undefined,
): Promise<Record<string, never>> {
  const { runner, home, problems } = services
  const obstacle = inTheWay([replaces], runner.held())
  if (obstacle) throw new Failure(obstacle.code, { ...obstacle.details })
  const journal = unfinishedServers(journalFolder(home)).find(({ head }) => head.id === id)
  if (!journal) throw new Failure('not-found', { name: id })
  await recoverOne(services, journal, given ?? (await passwordFor(services, journal)))
  await services.refresh('runs')
  const problem = problems.get(id)
  if (problem) throw new Failure(problem.code, problem.details)
  return {}
}

function waiting(services: Services, database: Database): Finding[] {
  const same = unfinishedServers(journalFolder(services.home)).filter(({ head }) =>
    sameDatabase(head.database, database),
  )
  return same.map(({ head }) => {
    const problem = services.problems.get(head.id)
    const reason = typeof problem?.details.reason === 'string' ? problem.details.reason : (problem?.code ?? '')
    return {
      level: 'error',
      code: 'restore-waiting',
      details: { database: head.database.name, server: serverOf(head.database), reason },
    }
  })
}

/**
 * The password for an undo: the one given, else the remembered one of the restored database; undefined where there is no database. Failures
 * `database-denied`, `database-unreachable`: asked before anything begins.
 */
export async function loginOfRun(
  services: Services,
  { safety }: Run,
  given: string | undefined,
): Promise<string | undefined> {
  const path = safety?.journals.find((one) => isServerJournal(one) && existsSync(one))
  const journal = path === undefined ? undefined : readServerJournal(path)
  if (!journal) return undefined
  const password = given ?? (await passwordFor(services, journal))
  const session = await openSession({ database: journal.head.database, password, temp: tempFolder(services.home) })
  await session.close()
  return password
}

/** After a restore: the earlier ones whose way back it has taken away. */
export async function noteSuperseded({ history, refresh }: Services): Promise<void> {
  const lost = (await history.latest(1000)).filter(
    ({ safety }) => safety?.database && !safety.undone && !safety.superseded && !safety.journals.some(existsSync),
  )
  for (const run of lost) {
    if (run.safety) await history.update({ ...run, safety: { ...run.safety, superseded: true } })
  }
  if (lost.length > 0) await refresh('runs')
}

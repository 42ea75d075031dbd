// A restore to a server, as a run does it: the copy of what stands there first, then the transaction.
// Guarantees: the copy is an ordinary encrypted backup on a shelf of its own, read back and compared, before anything is touched; it never lies on the
// medium, where LabBook's own tool would take it for the newest backup.

import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Failure } from '../api/failure.ts'
import { dumpFile } from '../api/labbook-layout.ts'
import type { Run } from '../api/model.ts'
import type { Entry } from '../archive/archive.ts'
import type { BrokenView } from '../databases/mysql/database.ts'
import { hasMediumFolder, mediumFolder, readMarker, writeMarker } from '../drives/marker.ts'
import { fromErrno } from '../lib/files.ts'
import { causeOf } from '../restore/cause.ts'
import type { StageContext } from '../restore/restore.ts'
import { restorers } from '../restore/restorer.ts'
import { bundleSource } from '../sources/bundle.ts'
import { foldersSource } from '../sources/folders.ts'
import { mysqlSource } from '../sources/mysql.ts'
import type { Source } from '../sources/source.ts'
import { usingTarget } from '../targets/open.ts'
import type { TargetAt } from '../targets/target.ts'
import type { RunContext } from './context.ts'
import type { RestoredWithCopy, SafetyShelf, ServerOrder } from './order.ts'
import { mustBeReadable, saveAll } from './save.ts'

type SafetyCopy = NonNullable<NonNullable<Run['safety']>['copy']>

export async function restoreToServer(
  server: ServerOrder,
  entries: AsyncIterable<Entry>,
  ctx: RunContext & StageContext & { readonly journals: string },
): Promise<RestoredWithCopy> {
  const { plan, password, safety } = server
  let copy: SafetyCopy | undefined
  const saveFirst = async (broken: readonly BrokenView[]) => {
    if (safety) copy = await saveWhatIsThere(server, safety, broken, ctx).catch(uncopied)
  }
  const restored = await restorers.server.run(plan, entries, { ...ctx, password, saveFirst })
  return copy ? { ...restored, copy } : restored
}

/** What cannot be read can be restored over all the same, if a person says so. */
function uncopied(error: unknown): never {
  if (!(error instanceof Failure) || error.code !== 'dump-failed') throw error
  throw new Failure('safety-copy-failed', { ...causeOf(error), why: 'unreadable' }, { cause: error })
}

function nothing(error: unknown): never {
  if (!(error instanceof Failure) || error.code !== 'nothing-selected') throw error
  throw new Failure('safety-copy-failed', { reason: error.code }, { cause: error })
}

/** The database and the folders that will be replaced, as one backup. */
function sourceOf({ plan, password }: ServerOrder, broken: readonly BrokenView[], ctx: RunContext): Source {
  const { database, folders, before } = plan
  const there = folders.filter(({ existed }) => existed)
  return bundleSource([
    ...(before ? [mysqlSource({ database, password, temp: ctx.temp, file: dumpFile, broken })] : []),
    ...(there.length > 0
      ? [foldersSource({ paths: there.map(({ target }) => target), names: there.map(({ name }) => name), exclude: [] })]
      : []),
  ])
}

async function saveWhatIsThere(
  server: ServerOrder,
  safety: SafetyShelf,
  broken: readonly BrokenView[],
  ctx: RunContext,
): Promise<SafetyCopy> {
  ctx.report.operation('safety', safety.bytes)
  // One operation in the progress: its parts are those of any backup.
  const within: RunContext = { ...ctx, report: { ...ctx.report, operation: () => undefined } }
  const source = sourceOf(server, broken, within)
  await mustBeReadable(source, within.signal)
  const at = await shelfAt(safety, ctx.now())
  const about = { ...safety, plan: server.plan.database.name }
  const [{ artifact }] = await usingTarget(at, 'write', (target) => saveAll({ source, target, about }, within)).catch(
    nothing,
  )
  return { path: safety.path, artifact }
}

/** A medium like any other, but in a folder of our own data. */
async function shelfAt({ path }: SafetyShelf, now: number): Promise<Pick<TargetAt, 'store'>> {
  await mkdir(path, { recursive: true, mode: 0o700 }).catch((error) => {
    throw fromErrno(error, { path })
  })
  const known = (await hasMediumFolder(path)) ? await readMarker(join(path, mediumFolder)) : undefined
  const name = `${basename(dirname(path))}/${basename(path)}`
  const marker = { arche: 1 as const, id: randomUUID(), name, createdAt: new Date(now).toISOString() }
  const { id } = known ?? (await writeMarker(path, marker))
  return { store: { kind: 'medium', path, id } }
}

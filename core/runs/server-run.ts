// A restore to a server, as a run does it: the copy of what stands there first, then the transaction.
// Guarantees: the copy is an ordinary encrypted backup on a shelf of its own, read back and compared, before anything is touched; it never lies on the
// medium, where LabBook's own tool would take it for the newest backup.
import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { blocking, Failure } from '../api/failure.ts'
import type { Run } from '../api/model.ts'
import { serverOf } from '../api/plan-source.ts'
import type { Entry } from '../archive/archive.ts'
import { hasMediumFolder, mediumFolder, readMarker, writeMarker } from '../drives/drives.ts'
import { fromErrno } from '../lib/files.ts'
import { restoreServer } from '../restore/server.ts'
import { dumpFile } from '../restore/server-plan.ts'
import { bundleSource } from '../sources/bundle.ts'
import { foldersSource } from '../sources/folders.ts'
import { mysqlSource } from '../sources/mysql.ts'
import type { Context, Source } from '../sources/source.ts'
import type { Restored, RestoreOrder, SafetyShelf, ServerOrder } from './order.ts'
import * as shelf from './shelf.ts'

type SafetyCopy = NonNullable<NonNullable<Run['safety']>['copy']>

export async function restoreToServer(
  order: RestoreOrder,
  server: ServerOrder,
  entries: AsyncIterable<Entry>,
  ctx: Context,
): Promise<Restored> {
  const { plan, password, safety } = server
  let copy: SafetyCopy | undefined
  const saveFirst = async () => {
    if (safety) copy = await saveWhatIsThere(server, safety, ctx)
  }
  const done = await restoreServer(plan, entries, saveFirst, { ...ctx, journals: order.journals, password })
  const database = { name: plan.database.name, server: serverOf(plan.database), user: plan.database.user }
  return {
    files: done.files,
    bytes: done.bytes,
    safety: { folders: done.folders, journals: [done.journal] },
    database: done.kept === undefined ? database : { ...database, kept: done.kept },
    ...(copy ? { copy } : {}),
  }
}

/** The database and the folders that will be replaced, as one backup. */
function sourceOf({ plan, password }: ServerOrder, ctx: Context): Source {
  const { database, folders, before } = plan
  const there = folders.filter(({ existed }) => existed)
  return bundleSource([
    ...(before ? [mysqlSource({ database, password, temp: ctx.temp, file: dumpFile })] : []),
    ...(there.length > 0
      ? [foldersSource({ paths: there.map(({ target }) => target), names: there.map(({ name }) => name), exclude: [] })]
      : []),
  ])
}

async function saveWhatIsThere(server: ServerOrder, safety: SafetyShelf, ctx: Context): Promise<SafetyCopy> {
  ctx.report.operation('safety', safety.bytes)
  // One operation for whoever looks: its parts are those of any backup.
  const within: Context = { ...ctx, report: { ...ctx.report, operation: () => undefined } }
  const source = sourceOf(server, within)
  const failure = blocking(await source.check(ctx.signal))
  if (failure) throw failure
  const { id } = await openShelf(safety, ctx.now())
  const options = { plan: server.plan.database.name, host: safety.host, recipients: safety.recipients }
  return shelf.withStore({ path: safety.path, id }, false, async (store) => {
    for await (const item of source.items(within)) {
      const saved = await shelf.save(store, item, options, within)
      await shelf.copyKeys(store, safety.keyFiles, within)
      await shelf.verifySaved(store, saved, within)
      return { path: safety.path, artifact: saved.artifact }
    }
    throw new Failure('safety-copy-failed', { reason: 'nothing-selected' })
  })
}

/** A medium like any other, but in a folder of our own data. */
async function openShelf({ path }: SafetyShelf, now: number): Promise<{ id: string }> {
  await mkdir(path, { recursive: true, mode: 0o700 }).catch((error) => {
    throw fromErrno(error, { path })
  })
  const known = (await hasMediumFolder(path)) ? await readMarker(join(path, mediumFolder)) : undefined
  if (known) return known
  const name = `${basename(dirname(path))}/${basename(path)}`
  return writeMarker(path, { arche: 1, id: randomUUID(), name, createdAt: new Date(now).toISOString() })
}

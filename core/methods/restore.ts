// Methods that bring data back: look into a backup, show what a restore would do, do it, and take it back.
// Guarantees: a restore is only started from a preview, with the password that opened the backup; inspections and previews live half an hour.
import { randomUUID } from 'node:crypto'
import { join, relative } from 'node:path'
import { parseArtifactName } from '../api/backup-name.ts'
import type { Inspection, RestorePreview } from '../api/contract.ts'
import { serverOf } from '../api/database.ts'
import { blocking, Failure, type Finding, toProblem } from '../api/failure.ts'
import type { Medium, Run } from '../api/model.ts'
import type { Plan } from '../api/plan.ts'
import { opensWithoutKey } from '../api/recipe.ts'
import { olderFiles } from '../archive/archive.ts'
import { asOnMedium } from '../drives/drives.ts'
import { type About, newRun } from '../history/record.ts'
import { look } from '../restore/disk.ts'
import { Listing, removeListing } from '../restore/listing.ts'
import type { RestorePlan } from '../restore/restore.ts'
import { restorers } from '../restore/restorer.ts'
import type { Inspected, RestoredWithCopy, RestoreOrder, ServerOrder } from '../runs/order.ts'
import { forAWhile } from '../services/for-a-while.ts'
import { placeOf, readyMedium, targetAt } from '../services/media.ts'
import type { Opened, Previewed } from '../services/restore-previews.ts'
import {
  loginOfRun,
  noteSuperseded,
  outlineOf,
  previewServer,
  recoverById,
  type ServerInput,
} from '../services/server-restores.ts'
import { journalFolder, type Services, tempFolder } from '../services/services.ts'
import { rememberedPassword, unlockFor } from '../services/unlocking.ts'
import { methods } from './base.ts'
import { planConcerned } from './restart.ts'

export function restoreMethods(services: Services) {
  const { now, previews } = services
  const inspections = forAWhile<Opened>(now, ({ listing }) => listing !== undefined && removeListing(listing))
  const { begun, allOf, judge } = lookingInto(services)

  const previewOnServer = async (opened: Opened, input: ServerInput, looking: Looking): Promise<RestorePreview> => {
    if (!opened.listing && !outlineOf(opened.inspected)) Object.assign(opened, await allOf(opened, looking))
    const entries = opened.listing === undefined ? undefined : [...new Listing(opened.listing).all()]
    const {
      order,
      plan,
      findings: found,
    } = await previewServer(services, { ...opened, entries }, input, looking.signal)
    const inside = await insideOf(opened.medium, { places: plan.folders })
    const findings = [...inside, ...ofBackup(opened), ...found]
    const id = randomUUID()
    const concerned = planConcerned(services, opened.artifact, { server: input.server })
    previews.put(id, { opened, to: order, findings, ...ofPlan(concerned) })
    return { id, ...serverPreviewOf(order), findings }
  }

  return {
    inspect: methods.restore.inspect.handler(async ({ input, signal }): Promise<Inspection> => {
      const opened = await toOpen(services, input)
      const looking = { id: input.job, signal }
      const found = input.full ? await allOf(opened, looking) : { inspected: await begun(opened, looking) }
      const id = randomUUID()
      inspections.put(id, { ...opened, ...found })
      return summary(id, input.artifact, found.inspected)
    }),

    browse: methods.restore.browse.handler(({ input }) => {
      const { folder, offset, limit } = input
      const { listing } = inspections.get(input.inspection)
      if (listing === undefined) throw new Failure('not-found', { name: folder })
      return new Listing(listing).children(folder, offset, limit)
    }),

    preview: methods.restore.preview.handler(async ({ input, signal }): Promise<RestorePreview> => {
      const opened = inspections.get(input.inspection)
      const { server, databasePassword, withoutCopy } = input
      const looking = { id: input.job, signal }
      if (server !== undefined) return previewOnServer(opened, { server, databasePassword, withoutCopy }, looking)
      const { roots } = opened.inspected
      const listing = input.only.length > 0 || mayMeetFiles(roots, input.into)
      if (!opened.listing && listing) Object.assign(opened, await allOf(opened, looking))
      const entries = opened.listing === undefined ? undefined : new Listing(opened.listing).all()
      const plan = await restorers.folders.plan(
        { ...wanted(opened.inspected), into: input.into, only: input.only, existing: input.existing, entries },
        { signal: signal ?? new AbortController().signal },
      )
      const findings = [...(await insideOf(opened.medium, plan)), ...ofBackup(opened), ...plan.findings]
      const id = randomUUID()
      previews.put(id, {
        opened,
        to: { kind: 'folders', plan },
        findings,
        ...ofPlan(planConcerned(services, opened.artifact, input)),
      })
      return previewOf(id, plan, opened.inspected, findings)
    }),

    start: startMethod(services, judge),

    undo: undoMethod(services),

    recover: methods.restore.recover.handler(({ input }) => recoverById(services, input.id, input.databasePassword)),
  }
}

type Closed = Omit<Opened, 'inspected'>

/** `id`: by which the caller knows the progress. */
interface Looking {
  readonly id: string | undefined
  readonly signal: AbortSignal | undefined
}

/** Reads what backups say of themselves, and puts down all that is in them. */
function lookingInto({ runner, home, catalogue }: Services) {
  /** A restore met something else than their contents index had said: from then on they are read themselves. */
  const distrusted = new Set<string>()
  return {
    begun: (opened: Closed, { id, signal }: Looking): Promise<Inspected> =>
      runner.job({ kind: 'inspect', ...sought(opened) }, { subject: opened.artifact, id }, signal),

    async allOf(opened: Closed, { id, signal }: Looking) {
      const listing = join(tempFolder(home), `listing-${randomUUID()}`)
      const index = !distrusted.has(placed(opened))
      const about = { subject: opened.artifact, id }
      const feed = catalogue.knows(opened.artifact) ? {} : { feeding: catalogue.feeding(opened.medium) }
      const inspected = await runner.job({ kind: 'inspect', ...sought(opened), listing, index, ...feed }, about, signal)
      catalogue.collect()
      return { inspected, listing }
    },

    /** How a restore of it ended. */
    judge(opened: Opened, { failure }: Run): void {
      if (opened.inspected.listed === 'index' && failure?.code === 'changed') distrusted.add(placed(opened))
    },
  }
}

/** A backup, and what is there to open it with: no password given or remembered, no unlock. */
async function toOpen(
  services: Services,
  input: { medium: string; artifact: string; keyPassword?: string | undefined },
): Promise<Omit<Opened, 'inspected'>> {
  const medium = await readyMedium(services, input.medium)
  const found = opensWithoutKey(input.artifact)
    ? { odd: [] }
    : await unlockFor(services, medium, input.keyPassword ?? (await rememberedPassword(services)))
  return { medium, at: await targetAt(services, medium), artifact: input.artifact, ...found }
}

/** `judge`: told how each ended. */
function startMethod(services: Services, judge: (opened: Opened, done: Run) => void) {
  const { runner, previews, home, history, now, refresh } = services
  return methods.restore.start.handler(async ({ input, context }) => {
    const all = [input.preview, ...(input.next ?? [])].map((id) => previews.get(id))
    for (const { findings } of all) {
      const failure = blocking(findings)
      if (failure) throw failure
    }
    /** Nobody waits for an answer any more: what was not begun is said in the history. */
    const notBegun = async (left: readonly Previewed[], why: unknown) => {
      for (const one of left) {
        const run = newRun('restore', aboutOf(one), now())
        const { code } = toProblem(why)
        await history.end({
          ...run,
          endedAt: run.startedAt,
          outcome: code === 'cancelled' ? 'cancelled' : 'error',
          failure: toProblem(why),
        })
      }
      await refresh('runs')
    }
    const begin = async ([first, ...others]: readonly Previewed[]): Promise<{ id: string }> => {
      if (!first) throw new Failure('nothing-selected')
      const { run, ended } = await runner.start(restoreOrder(first, home), aboutOf(first), accountOf)
      const after = async (done: Run) => {
        judge(first.opened, done)
        if (first.to.kind === 'server') await noteSuperseded(services)
        const well = done.outcome === 'success' || done.outcome === 'warning'
        if (others.length === 0) return
        if (!well) return notBegun(others, new Failure('cancelled'))
        // Something else is at work on that place by now, say.
        await begin(others).catch((error: unknown) => notBegun(others, error))
      }
      ended.then(after).catch((error: unknown) => {
        if (!(error instanceof Failure)) context.onBug(error)
      })
      return { id: run.id }
    }
    return begin(all)
  })
}

function restoreOrder({ opened, to }: Previewed, home: string): RestoreOrder {
  const documents = opened.inspected.documents !== 'damaged'
  return { kind: 'restore', ...sought(opened), to, documents, journals: journalFolder(home) }
}

function aboutOf({ opened: { medium, artifact, inspected }, to, planId }: Previewed): About {
  return {
    subject: inspected.plan ?? nameIn(artifact),
    artifact,
    medium: placeOf(medium),
    restoreId: to.plan.id,
    ...(planId === undefined ? {} : { planId }),
  }
}

function undoMethod(services: Services) {
  return methods.restore.undo.handler(async ({ input, context }) => {
    const restored = await services.history.find(input.id)
    if (!restored?.safety || !services.safety.undoable(restored)) throw new Failure('not-found', { name: input.id })
    if (restored.safety.superseded) throw new Failure('changed', { name: restored.safety.database?.name ?? input.id })
    const { safety, subject, restoreId, planId } = restored
    const databasePassword = await loginOfRun(services, restored, input.databasePassword)
    const { run, ended } = await services.runner.start(
      { kind: 'undo', journals: safety.journals, databasePassword },
      {
        subject,
        ...(restoreId === undefined ? {} : { restoreId }),
        ...(planId === undefined ? {} : { planId }),
      },
      ({ files, bytes, safety: { folders }, keptDatabase }) => ({
        files,
        bytes,
        kept: [...folders],
        ...(keptDatabase === undefined ? {} : { keptDatabase }),
      }),
    )
    const note = async ({ outcome }: Run) => {
      if (outcome !== 'success' && outcome !== 'warning') return
      await services.history.update({ ...restored, safety: { ...safety, undone: true } })
      await services.refresh('runs')
    }
    ended.then(note).catch(context.onBug)
    return { id: run.id }
  })
}

/** What a finished restore adds to its record. */
function accountOf({ files, bytes, safety, copy, database }: RestoredWithCopy): Partial<Run> {
  return {
    files,
    bytes,
    safety: {
      folders: [...safety.folders],
      journals: [...safety.journals],
      undone: false,
      ...(copy ? { copy } : {}),
      ...(database ? { database } : {}),
    },
  }
}

/** What a backup of another program is a backup of: LabBook puts its database into the name. */
function nameIn(artifact: string): string {
  return parseArtifactName(artifact)?.name ?? artifact
}

function ofPlan(plan: Plan | undefined): { planId?: string } {
  return plan ? { planId: plan.id } : {}
}

function wanted({ roots, parents }: Inspected) {
  return { roots, ...(parents && { parents }) }
}

function summary(id: string, artifact: string, inspected: Inspected): Inspection {
  const { format, plan, host, createdAt, roots, files, bytes, listed } = inspected
  return {
    id,
    subject: plan ?? nameIn(artifact),
    format,
    ...(files === undefined ? {} : { files }),
    ...(bytes === undefined ? {} : { bytes }),
    complete: listed !== undefined,
    ...(listed && { listedFrom: listed }),
    roots: roots.map(({ name, origin }) => (origin === '' ? { name } : { name, origin })),
    ...(host === undefined ? {} : { host }),
    ...(createdAt === undefined ? {} : { createdAt }),
  }
}

/** Which backup, and where. */
function placed({ at, artifact }: Pick<Opened, 'at' | 'artifact'>): string {
  return `${at.path}\n${artifact}`
}

/** What a worker needs to open it. */
function sought({ at, artifact, unlock }: Pick<Opened, 'at' | 'artifact' | 'unlock'>) {
  return { at, artifact, ...(unlock ? { unlock } : {}) }
}

/** What does not come with the database of an old LabBook: the operator must know before confirming. What was left aside is told. */
function ofBackup({ inspected: { format, documents }, odd }: Opened): Finding[] {
  const found: Finding[] = odd.map((problem) => ({ ...problem, level: 'info' }))
  const details = { name: olderFiles.documents }
  if (format === '2.5')
    found.unshift({ level: 'warning', code: 'documents-missing', details: { reason: 'labbook-25' } })
  if (documents === 'missing')
    found.unshift({ level: 'warning', code: 'documents-missing', details: { reason: 'labbook-29' } })
  if (documents === 'damaged') found.unshift({ level: 'warning', code: 'documents-damaged', details })
  return found
}

/** Nothing can be replaced where nothing stands: then the contents need not be known before. */
function mayMeetFiles(roots: Inspected['roots'], into: string | undefined): boolean {
  if (roots.length === 0) return into === undefined || stands(into)
  return roots.some(({ name, origin }) => stands(into === undefined ? origin : join(into, name)))
}

/** A dangling link is in the way too. Where nobody may look, the plan itself says so. */
function stands(path: string): boolean {
  try {
    return look(path) !== undefined
  } catch (error) {
    if (error instanceof Failure) return false
    throw error
  }
}

/** Restoring onto the medium that holds the backups would fill it up. */
async function insideOf(
  { kind, path: medium }: Medium,
  plan: { places: readonly { target: string }[] },
): Promise<Finding[]> {
  if (kind) return []
  const inside: Finding[] = []
  for (const { target } of plan.places) {
    const way = relative(medium, await asOnMedium(target, medium))
    if (!/^\.\.(?:[/\\]|$)/.test(way))
      inside.push({ level: 'error', code: 'target-inside-medium', details: { path: target } })
  }
  return inside
}

function previewOf(id: string, plan: RestorePlan, inspected: Inspected, findings: readonly Finding[]): RestorePreview {
  const { counted, free } = plan
  const conflicts = counted?.conflicts ?? { count: 0, first: [] }
  const { files, bytes } = counted ?? inspected
  return {
    id,
    ...(files === undefined ? {} : { files }),
    ...(bytes === undefined ? {} : { bytes }),
    destinations: plan.places.map((place) => place.target),
    conflicts: { count: conflicts.count, first: conflicts.first.slice(0, 100) },
    findings: [...findings],
    ...(free === undefined ? {} : { free }),
  }
}

function serverPreviewOf({ plan, safety }: ServerOrder): Omit<RestorePreview, 'id' | 'findings'> {
  const { name, user } = plan.database
  return {
    files: plan.files,
    bytes: plan.bytes,
    destinations: plan.folders.map(({ target }) => target),
    conflicts: { count: 0, first: [] },
    ...(plan.free === undefined ? {} : { free: plan.free }),
    database: { name, user, server: serverOf(plan.database), ...plan.standing },
    ...(safety ? { safetyCopy: { path: safety.path, bytes: safety.bytes } } : {}),
  }
}

// At the start of an engine: restores and undos that were killed are brought to their end, and the history is told what became of them.
// Guarantees: what concerns one restore keeps nobody from the start; files and folders need neither key nor password for it.
import type { Problem } from '../api/failure.ts'
import type { Run } from '../api/model.ts'
import type { Recovered } from '../restore/outcome.ts'
import { type RestoreKind, restorers } from '../restore/restorer.ts'
import type { Login } from '../restore/server/context.ts'
import { journalFolder, type Parts, tempFolder } from './services.ts'

/** Nobody looks yet; what matters is in the result. */
export const silent = { operation: () => undefined, advance: () => undefined, warn: () => undefined }

type Known = Pick<Parts, 'home' | 'now' | 'history' | 'problems'>

/** `login`: for what has one. */
export async function recover(kind: RestoreKind, parts: Known, login?: Login): Promise<void> {
  const { home, now, history } = parts
  const unknown = new Set(history.abandoned.flatMap(({ restoreId }) => restoreId ?? []))
  const ctx = { report: silent, now, temp: tempFolder(home), unknown, ...(login && { login }) }
  for (const one of await restorers[kind].recover(journalFolder(home), ctx)) await note(parts, one)
}

/** Into the history, and why it waits. */
export async function note({ history, problems }: Omit<Known, 'home' | 'now'>, recovered: Recovered): Promise<void> {
  if (recovered.problem) problems.set(recovered.id, recovered.problem)
  else problems.delete(recovered.id)
  for (const run of await history.latest(1000)) {
    const more = isOf(run, recovered, history.abandoned) ? told(run, recovered) : undefined
    if (more) await history.update({ ...run, ...more })
  }
}

/** Runs that Arche 0.1 began do not say which restore they are: there is but one at a time. */
function isOf({ id, kind, restoreId }: Run, recovered: Recovered, abandoned: readonly Pick<Run, 'id'>[]): boolean {
  if (restoreId !== undefined) return restoreId === recovered.id
  return kind === 'restore' && abandoned.some((one) => one.id === id)
}

/** What became of a run that was killed, or could not take back what it had begun. */
function told(run: Run, recovered: Recovered): Partial<Run> | undefined {
  const { outcome, kept, keptDatabase, restored, problem, journal } = recovered
  if (run.kind !== 'restore') return undefined
  if (outcome === 'undone') return run.safety && { safety: { ...run.safety, undone: true } }
  // What ended for a reason of its own, and left only what it had prepared, keeps that reason.
  if (run.outcome !== 'abandoned' && !isHalfWay(run.failure)) return undefined
  // A server's is told among the unfinished ones.
  if (outcome === 'waiting')
    return problem && run.failure === undefined && restorers.folders.wrote(journal) ? { failure: problem } : undefined
  if (restored) {
    const { safety, database } = restored
    const { folders, journals } = safety
    return {
      safety: { folders: [...folders], journals: [...journals], undone: false, ...(database ? { database } : {}) },
    }
  }
  return {
    failure: { code: 'restore-rolled-back', details: { reason: 'abandoned', ...whyOf(run.failure) } },
    ...(kept.length > 0 ? { kept: [...kept] } : {}),
    ...(keptDatabase === undefined ? {} : { keptDatabase }),
  }
}

function isHalfWay(failure: Problem | undefined): boolean {
  return failure?.code === 'restore-unfinished' || failure?.code === 'restore-waiting'
}

/** Why it was to be taken back, where that was known before: a run that was killed does not say. */
function whyOf(failure: Problem | undefined): Problem['details'] {
  const { reason, path, at } = failure?.details ?? {}
  if (reason === undefined) return {}
  if (failure?.code === 'restore-unfinished') return { reason, ...(at === undefined ? {} : { path: at }) }
  if (failure?.code === 'restore-waiting') return { reason, ...(path === undefined ? {} : { path }) }
  return {}
}

// A restore of entries in one go: planned with the full list of them, then carried out.
import type { Entry } from '../../core/archive/archive.ts'
import { planRestore, type RestoreOutcome, type RestoreRequest, restoreTree } from '../../core/restore/restore.ts'
import { stream } from './entries.ts'
import type { TestContext } from './trees.ts'

export async function restore(
  entries: readonly Entry[],
  request: Partial<RestoreRequest>,
  ctx: TestContext,
): Promise<RestoreOutcome> {
  const plan = await planRestore({ roots: [], only: [], existing: 'replace', entries, ...request }, ctx)
  return restoreTree(plan, stream(entries), ctx)
}

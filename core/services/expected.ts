// What to expect of a plan's next archive: what its content says (core/sources/expected.ts), corrected by what came out the last time.
// Guarantees: a plan without a backup whose expectation is known is not corrected; one backup that went quite otherwise corrects within limits. One that
// did not fit lets more be expected of the next, so that old backups do not go in vain each time.
import { isGood } from '../api/alarms.ts'
import { parseArtifactName } from '../api/backup-name.ts'
import type { Run } from '../api/model.ts'
import { type Plan, type PlanDraft, usualMethod } from '../api/plan.ts'
import { type CodecName, recipes } from '../api/recipe.ts'
import type { Ledger } from '../history/ledger.ts'
import type { Estimate } from '../lib/work.ts'

/** What is expected gets a tenth to spare. */
const spare = 1.1

/** What came out for each byte that had been expected; less and more than this is believed of no plan. */
const limits = { least: 0.1, most: 2, overflow: 10 }

/** What to expect of the archive for each byte of its estimate, with a tenth to spare. */
export function expecting(ledger: Pick<Ledger, 'of'>, plan: Plan | PlanDraft): number {
  const { codec } = recipes[(plan.method ?? usualMethod).format]
  const alike = (run: Run) => isGood(run) && run.stored > 0 && run.expected && codecIn(run.artifact) === codec
  const backups = plan.id === undefined ? [] : ledger.of(plan.id).backups
  const last = backups.find((run) => alike(run) || overflow(run) !== undefined)
  const over = last && overflow(last)
  if (over !== undefined) return Math.max(over, spare)
  const share = last?.expected ? last.stored / last.expected : 1
  return Math.min(limits.most, Math.max(limits.least, share)) * spare
}

/** What it would have taken for each byte that had been expected, with something to spare already. */
function overflow({ failure, needed, expected }: Run): number | undefined {
  return failure?.code === 'no-space' && needed && expected ? Math.min(needed / expected, limits.overflow) : undefined
}

/** Bytes; undefined where nobody knows what it is made of. */
export function expectedOf(
  ledger: Pick<Ledger, 'of'>,
  plan: Plan | PlanDraft,
  { stored }: Estimate,
): number | undefined {
  return stored === undefined ? undefined : Math.ceil(stored * expecting(ledger, plan))
}

function codecIn(artifact = ''): CodecName | undefined {
  const pack = parseArtifactName(artifact)?.pack
  return pack && recipes[pack].codec
}

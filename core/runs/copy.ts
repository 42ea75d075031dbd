// A copy: a backup goes from one target to another as it is, and is read back there. The source of the data is not read again.
// Guarantees: what arrives is what was noted when the backup was made, or nothing arrives. The private keys that lie beside it come along: a
// restore from the copy needs no more than one from the original. Rules are applied only once the copy was read back.
import { parseArtifactName } from '../api/backup-name.ts'
import { Failure } from '../api/failure.ts'
import { opensWithoutKey } from '../api/recipe.ts'
import { usingTarget } from '../targets/open.ts'
import type { KeyFile } from '../targets/target.ts'
import { applyRules, type Tell, together, withNew } from './after.ts'
import { copyIndex } from './contents.ts'
import type { RunContext } from './context.ts'
import type { Copied, CopyOrder, Results } from './order.ts'
import { Room } from './room.ts'

/** Failures: `not-found`, `damaged`, `exists` (another backup has this name there), `unsupported-format` (LabBook 2.x: its documents lie beside it). */
export async function copy(order: CopyOrder, ctx: RunContext, tell: Tell): Promise<Results['copy']> {
  const { artifact: name } = order
  const parsed = parseArtifactName(name)
  if (!parsed) throw new Failure('not-found', { name })
  if (parsed.format === '2.x') throw new Failure('unsupported-format', { reason: 'LabBook 2.x', name })
  return usingTarget(order.from, 'read', async (from) => {
    const found = (await from.artifacts()).find((one) => one.name === name)
    if (!found) throw new Failure('not-found', { name })
    const made = order.made ?? Date.parse(found.time)
    const noted = found.sha256 ?? order.sha256
    if (order.sha256 !== undefined && noted !== order.sha256) throw new Failure('damaged', { name, reason: 'SHA-256' })
    const lying = opensWithoutKey(name) ? [] : await from.keys(ctx.report.warn)
    return usingTarget(order.at, 'write', async (target) => {
      const keyFiles = [
        ...order.keyFiles,
        ...missing(lying, [...order.keyFiles, ...(await target.keys(() => undefined))]),
      ]
      const room = new Room(target, order.pruning, ctx, tell)
      const there = await target.stat(name)
      if (!there) await room.make(found.size, { exact: true, later: order.at.store.kind === 'sftp' })
      const { sha256, stored } = await room.write((within) =>
        target.receive(
          { name, sha256: noted, made, size: found.size, bytes: from.read(name, within), keyFiles },
          within,
        ),
      )
      const copied: Copied = { artifact: name, sha256, stored, madeAt: new Date(made).toISOString() }
      tell({ type: 'saved', result: copied })
      await copyIndex(from, target, name, ctx)
      if (!order.pruning || ctx.heldBack?.()) return together(copied, room.removed())
      const rules = withNew(order.pruning, { ...copied, time: made })
      return together(copied, room.removed(), await applyRules(target, rules, ctx, tell))
    })
  })
}

/** Keys of others come along where there is none of that name: one that is there may have been renewed. */
function missing(keys: readonly KeyFile[], there: readonly KeyFile[]): KeyFile[] {
  return keys.filter(({ name }) => !there.some((one) => one.name === name))
}

// The one line: what a backup, a restore and a verification are, read from top to bottom. Runs inside a worker (worker.ts).
// Guarantees: a source that cannot be read in full never makes a silent backup; nothing is put in place before its archive has been checked to
// the last byte. Holds no detail of any source, format or store.

import { Failure } from '../api/failure.ts'
import { nameInArchive } from '../api/plan-source.ts'
import { merge } from '../catalogue/merge.ts'
import { openGuard } from '../guard/guard.ts'
import { prune } from '../keep/prune.ts'
import { runShell } from '../lib/shell.ts'
import { discardSafety, type StageContext } from '../restore/restore.ts'
import { undo } from '../restore/restorer.ts'
import { openSource } from '../sources/open.ts'
import type { Item } from '../sources/source.ts'
import { usingTarget } from '../targets/open.ts'
import type { Saved } from '../targets/target.ts'
import { applyRules, removals, type Tell, together, withNew } from './after.ts'
import type { RunContext } from './context.ts'
import { copy } from './copy.ts'
import { namesFor } from './feeding.ts'
import { inspect } from './inspect.ts'
import { learn } from './learn.ts'
import type { BackupOrder, EstimateOrder, Order, Pruned, PruneOrder, RestartOrder, Results } from './order.ts'
import { restore } from './restore.ts'
import { Room } from './room.ts'
import { mustBeReadable, saveAll } from './save.ts'
import { verify } from './verify.ts'

/** Carries out an order. Throws Failure for everything that can go wrong in use. */
export async function execute(
  order: Order,
  ctx: RunContext & StageContext,
  tell: Tell = () => undefined,
): Promise<Results[Order['kind']]> {
  ctx.report.operation('prepare')
  switch (order.kind) {
    case 'estimate':
      return estimate(order, ctx)
    case 'backup':
      return backup(order, ctx, tell)
    case 'copy':
      return copy(order, ctx, tell)
    case 'inspect':
      return inspect(order, ctx)
    case 'restore':
      return restore(order, ctx)
    case 'verify':
      return verify(order, ctx, tell)
    case 'undo':
      return undo(order.journals, { ...ctx, login: async () => order.databasePassword })
    case 'restart':
      return restart(order, ctx)
    case 'prune':
      return pruneTarget(order, ctx, tell)
    case 'tidy':
      return discardSafety(order.journals, ctx)
    case 'learn':
      return learn(order, ctx)
    case 'catalogue':
      return merge(order.merge, () => {
        // Only who reports hears that it is to end.
        ctx.report.advance(1)
        ctx.signal.throwIfAborted()
      })
  }
}

async function estimate(order: EstimateOrder, ctx: RunContext): Promise<Results['estimate']> {
  ctx.report.operation('estimate')
  return openSource(order.source, { ...order, temp: ctx.temp }).estimate(ctx)
}

async function backup(order: BackupOrder, ctx: RunContext, tell: Tell): Promise<Results['backup']> {
  const { plan } = order
  const begun = ctx.now()
  const source = openSource(plan.source, { ...order, temp: ctx.temp, pack: plan.method })
  await mustBeReadable(source, ctx.signal)
  const about = {
    plan: nameInArchive(plan),
    host: order.host,
    recipients: order.recipients,
    keyFiles: order.keyFiles,
    pack: plan.method,
  }
  return usingTarget(order.at, 'write', async (target) => {
    ctx.report.operation('estimate')
    const room = new Room(target, order.pruning, ctx, tell)
    const before = async ({ estimate: { stored, bytes } }: Item) => {
      // How much it takes is seen when it does not fit.
      if (stored === undefined) return room.again ? undefined : room.make(bytes, { later: true })
      tell({ type: 'found', found: { expected: stored } })
      if (!room.again) await room.make(Math.ceil(stored * (order.expecting ?? 1)))
    }
    const { saved, guard } = await room.write(async (within) => {
      const judging = await openGuard(plan, order.guard, within)
      const gather = (item: Item) => judging.gather(item)
      const names = () => namesFor(order.feeding, within)
      const saving = { source, target, about, reading: judging.ctx, gather, before, names }
      return { saved: await saveAll(saving, within), guard: judging }
    })
    let last = saved.at(-1) as Saved
    const losses = await guard.judge(last.artifact, begun)
    if (losses.length > 0) last = { ...last, losses }
    tell({ type: 'saved', result: last })
    // What the new backup lacks may be in those that the rules would let go.
    if (!order.pruning || losses.length > 0) return together(last, room.removed())
    const rules = withNew(order.pruning, { ...last, time: begun })
    return together(last, room.removed(), await applyRules(target, rules, ctx, tell))
  })
}

async function pruneTarget(order: PruneOrder, ctx: RunContext, tell: Tell): Promise<Pruned> {
  const { removed, note } = removals(tell)
  const byHand = 'chosen' in order.pruning
  await usingTarget(order.at, 'write', (target) =>
    prune(target, order.pruning, ctx, (removal) => {
      note(removal)
      // It may be the newest: from now on it must not count as a backup, even if this process is killed.
      if (byHand) tell({ type: 'saved', result: removed() })
    }),
  )
  return removed()
}

/** What it says is kept up to this many lines. */
const linesKept = 5000

async function restart({ command, minutes }: RestartOrder, ctx: RunContext): Promise<Results['restart']> {
  ctx.report.operation('restart')
  let lines = 0
  const say = (text: string) => {
    lines += 1
    if (lines <= linesKept) ctx.say?.(text)
    else ctx.report.advance(0, text)
  }
  const { status, late } = await runShell(command, { signal: ctx.signal, patience: minutes * 60_000, say })
  if (late) throw new Failure('restart-late', { command, minutes })
  if (status !== 0) throw new Failure('restart-failed', { command, reason: String(status) })
  return { lines }
}

// The loss guard of one backup: what the plan had before is compared with what is saved now, before anything older may be removed.
// Guarantees: what it remembers is on the disk before the history says that the backup is there; a plan that is held back stays so until a backup
// is whole again or a person has looked, also when there is nothing to compare with any more.

import { serverOf } from '../api/database.ts'
import { Failure, type Problem, toProblem } from '../api/failure.ts'
import type { Plan } from '../api/plan.ts'
import { databasesOf, leavesOut, loginOf } from '../api/plan-source.ts'
import type { Context } from '../lib/work.ts'
import type { Item } from '../sources/source.ts'
import { type Memory, readMemory, remember, writeMemory } from './memory.ts'
import { compare } from './rules.ts'
import { Gathering, type Scope, sumOf } from './summary.ts'

export interface GuardOrder {
  /** `guard` of the data folder. */
  readonly folder: string
  /** What the plan's newest backup lacks, where no person has looked yet. */
  readonly standing?: readonly Problem[]
}

export interface Guard<Ctx extends Context = Context> {
  /** For the source: its omissions are counted. */
  readonly ctx: Ctx
  /** Failure `sources-empty`: there is nothing to save where there was something. Else takes the members of the archive. */
  gather(item: Item): Gathering
  /** After the backup was read back: what is missing in it. */
  judge(artifact: string, began: number): Promise<Problem[]>
}

const omissions: ReadonlySet<Problem['code']> = new Set<Problem['code']>([
  'file-unreadable',
  'file-incomplete',
  'file-vanished',
])

export async function openGuard<Ctx extends Context>(
  plan: Plan,
  { folder, standing }: GuardOrder,
  ctx: Ctx,
): Promise<Guard<Ctx>> {
  const memory = await readMemory(folder, plan.id)
  let gathering: Gathering | undefined
  const warn = (problem: Problem) => {
    if (gathering && omissions.has(problem.code)) gathering.leftOut += 1
    ctx.report.warn(problem)
  }
  return {
    ctx: { ...ctx, report: { ...ctx.report, warn } },
    gather(item) {
      refuseNothing(item, memory)
      gathering = new Gathering(scopeOf(plan, item), memory.good)
      return gathering
    },
    async judge(artifact, began) {
      const now = gathering?.summary(artifact, began)
      if (!now) return []
      const found = compare(memory, now)
      const losses = found.length === 0 && !memory.good ? [...(standing ?? [])] : found
      const next: Memory = losses.length > 0 ? { ...memory, held: now } : remember(memory, now)
      try {
        await writeMemory(folder, plan.id, next)
      } catch (error) {
        // What was remembered before stays: the next backup is compared with an older one.
        ctx.report.warn(toProblem(error))
      }
      for (const problem of losses) ctx.report.warn(problem)
      return losses
    },
  }
}

function scopeOf({ source }: Plan, item: Item): Scope {
  const login = loginOf(source)
  const databases = databasesOf(source)
  return {
    roots: item.roots,
    mounts: item.mounts ?? new Set(),
    exclude: leavesOut(source) ? source.exclude : [],
    ...(login ? { server: `${login.user}@${serverOf(login)}/${login.name ?? ''}` } : {}),
    ...(Array.isArray(databases) ? { databases } : {}),
  }
}

/** An archive without any file protects nothing, and its place could be taken by one that does. */
function refuseNothing({ roots, estimate }: Item, { good }: Memory): void {
  if (!good || estimate.files > 0) return
  const known = good.roots.filter(({ origin }) => roots.some((root) => root.origin === origin))
  const { files, bytes } = sumOf(known)
  if (files === 0) return
  const path = known.map(({ origin }) => origin)
  throw new Failure('sources-empty', { path, files, bytes, time: new Date(good.time).toISOString() })
}

// Plans as a file: written for another computer, compared with those here, and read.
// Guarantees: a plan that is here is replaced only by somebody who has seen what would change (`seen`), and keeps its id, so that its history
// stays its own; schedules and addresses to ping are this computer's: they neither come nor go with a file. What a file holds beside what is known is
// refused, not dropped.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { Failure } from '../api/failure.ts'
import { Plan } from '../api/plan.ts'
import { type PlanChange, replacing } from '../api/plan-change.ts'
import { unknownIn } from '../config/config.ts'
import { plansOfVersion1 } from '../config/version1.ts'
import type { Services } from '../services/services.ts'
import { methods } from './base.ts'

/** How exported plans stand in a file. */
const Exported = z.object({ arche: z.literal('plans'), version: z.literal(2), plans: z.array(Plan).max(10_000) })

/** Files of Arche 0.1 have one place a plan. */
const Older = z.looseObject({ arche: z.literal('plans'), version: z.literal(1) })

/** Of a later Arche. */
const Newer = z.object({ arche: z.literal('plans'), version: z.number().int().min(3) })

/** `store` saves plans in the place of those with their ids. */
export function exchangeMethods({ config }: Services, store: (plans: Plan[]) => Promise<void>) {
  const plans = () => config.current.plans
  return {
    export: methods.plan.export.handler(({ input }) => {
      const chosen = plans().filter((plan) => !input.ids || input.ids.includes(plan.id))
      const file: z.infer<typeof Exported> = {
        arche: 'plans',
        version: 2,
        plans: chosen.map(({ ping: _, ...plan }) => plan),
      }
      return { json: `${JSON.stringify(file, null, 2)}\n` }
    }),
    compare: methods.plan.compare.handler(({ input: { json } }) => {
      const changes = changesOf(parseExported(json), plans())
      return { changes, seen: seenOf(changes) }
    }),
    import: methods.plan.import.handler(async ({ input: { json, seen } }) => {
      const changes = changesOf(parseExported(json), plans())
      const [first] = replacing(changes)
      if (seen === undefined && first) throw new Failure('exists', { name: first.plan.name })
      if (seen !== undefined && seen !== seenOf(changes)) throw new Failure('changed', { name: first?.plan.name ?? '' })
      await store(changes.map(({ plan }) => plan))
      return changes.map(({ plan }) => plan)
    }),
  }
}

/** Stands for all that was shown: both plans of every change. */
function seenOf(changes: readonly PlanChange[]): string {
  return createHash('sha256').update(JSON.stringify(changes)).digest('hex')
}

/** Two plans of one id or name, or one that has the id of one plan here and the name of another: `exists`. */
function changesOf(given: readonly Plan[], here: readonly Plan[]): PlanChange[] {
  const changes = given.map((plan): PlanChange => {
    const before = here.find((old) => old.id === plan.id) ?? here.find((old) => old.name === plan.name)
    if (here.some((other) => other.name === plan.name && other.id !== before?.id))
      throw new Failure('exists', { name: plan.name })
    return { plan: withLocalOf(plan, before), ...(before && { before }) }
  })
  changes.forEach(({ plan }, at) => {
    if (changes.slice(0, at).some((other) => other.plan.id === plan.id || other.plan.name === plan.name))
      throw new Failure('exists', { name: plan.name })
  })
  return changes
}

/**
 * What an imported plan does not bring: a schedule is active only once it was saved on this computer, and two computers that ping the same address
 * would hide each other's silence.
 */
function withLocalOf({ schedule: _schedule, ping: _ping, ...plan }: Plan, old: Plan | undefined): Plan {
  if (!old) return plan
  const { id, createdAt, schedule, ping } = old
  return { ...plan, id, createdAt, ...(schedule && { schedule }), ...(ping !== undefined && { ping }) }
}

function parseExported(json: string): Plan[] {
  let data: unknown
  try {
    data = JSON.parse(json)
  } catch (error) {
    throw new Failure('bad-input', { reason: 'JSON' }, { cause: error })
  }
  const newer = Newer.safeParse(data)
  if (newer.success) throw new Failure('unsupported-format', { reason: `plans ${newer.data.version}` })
  const older = Older.safeParse(data)
  if (older.success) data = { ...older.data, version: 2, plans: plansOfVersion1(older.data.plans) }
  const parsed = Exported.safeParse(data)
  if (!parsed.success) throw new Failure('bad-input', { reason: z.prettifyError(parsed.error) })
  const lost = unknownIn(data, parsed.data)
  if (lost !== undefined) throw new Failure('bad-input', { reason: lost })
  return parsed.data.plans
}

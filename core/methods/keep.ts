// Methods about how long backups are kept: a plan's rules, what they let go, removing it by hand; and what restores have put aside.
// Guarantees: looking changes nothing; removing takes a preview and is decided anew in the worker. Rules are applied by themselves only after a
// backup of the plan (runs/run.ts).
import { randomUUID } from 'node:crypto'
import { parseArtifactName } from '../api/backup-name.ts'
import type { KeepPreview } from '../api/contract.ts'
import { destinationOn, firstOf, withDestination } from '../api/destination.ts'
import { Failure } from '../api/failure.ts'
import type { Artifact, Medium } from '../api/model.ts'
import type { Destination, Keep, Plan } from '../api/plan.ts'
import { nameInArchive } from '../api/plan-source.ts'
import type { PrunePlan } from '../keep/keep.ts'
import { forAWhile } from '../services/for-a-while.ts'
import { onTarget, placeOf, readyMedium, targetAt } from '../services/media.ts'
import { changePlan, planById } from '../services/plans.ts'
import { remembered } from '../services/remembered.ts'
import { factsOf, wouldRemove } from '../services/retention.ts'
import type { Services } from '../services/services.ts'
import { artifactName } from '../targets/names.ts'
import { methods } from './base.ts'

interface Previewed {
  readonly planId: string
  readonly medium: Medium
  readonly keep: Keep | undefined
  readonly remove: readonly string[]
}

export function keepMethods(services: Services) {
  const { runner, history, now } = services
  const previews = forAWhile<Previewed>(now)
  return {
    save: methods.keep.save.handler(async ({ input }) => {
      const { planId, destination, keep } = input
      return changePlan(services, planId, (plan) => {
        const { keep: _, ...rest } = destinationById(plan, destination)
        return withDestination(plan, keep ? { ...rest, keep } : rest)
      })
    }),
    preview: methods.keep.preview.handler(async ({ input }): Promise<KeepPreview> => {
      const plan = planById(services, input.planId)
      const medium = await readyMedium(services, input.medium)
      const own = destinationOn(plan, medium.id).keep
      const keep = input.keep === undefined ? own : (input.keep ?? undefined)
      const looked = await wouldRemove(services, plan.id, medium, keep)
      const id = randomUUID()
      previews.put(id, { planId: plan.id, medium, keep, remove: looked.plan.remove.map(({ name }) => name) })
      const runs = await history.latest(1000)
      const shown = remembered(runs, medium, looked.found)
      return { id, medium, ...previewOf(plan, shown, looked.plan) }
    }),
    apply: methods.keep.apply.handler(async ({ input }) => {
      const { planId, medium, keep, remove } = previews.get(input.preview)
      if (!keep || remove.length === 0) throw new Failure('nothing-selected')
      const plan = planById(services, planId)
      const found = await onTarget(services, medium, 'read', (target) => target.artifacts())
      const pruning = { keep, facts: await factsOf(services, plan.id, medium, found), agreed: remove }
      const { run } = await runner.start(
        { kind: 'prune', at: await targetAt(services, medium), pruning },
        { subject: plan.name, planId: plan.id, medium: placeOf(medium) },
        ({ removed, freed }) => ({ removed: [...removed], files: removed.length, bytes: freed }),
      )
      return { id: run.id }
    }),
  }
}

/** Not named: the first. Failure `not-found`. */
function destinationById(plan: Plan, id: string | undefined): Destination {
  const found = id === undefined ? firstOf(plan) : plan.destinations.find((one) => one.id === id)
  if (!found) throw new Failure('not-found', { name: id ?? plan.name })
  return found
}

/** Backups under this plan's name that somebody else made are shown too, because people will look for them. */
function previewOf(
  plan: Plan,
  found: readonly Artifact[],
  { keep, remove, heldBack }: PrunePlan,
): Omit<KeepPreview, 'id' | 'medium'> {
  const byName = new Map(found.map((artifact) => [artifact.name, artifact]))
  const subject = parseArtifactName(artifactName(nameInArchive(plan), new Date(0)))?.name
  const stay = keep.flatMap(({ name, reasons }) => {
    const artifact = byName.get(name)
    const foreign = reasons.includes('foreign') && artifact?.subject !== subject
    return artifact && !foreign ? [{ artifact, reasons: [...reasons] }] : []
  })
  const go = remove.flatMap(({ name, reason }) => {
    const artifact = byName.get(name)
    return artifact ? [{ artifact, reason }] : []
  })
  return {
    keep: stay,
    remove: go,
    others: found.length - stay.length - go.length,
    freed: go.reduce((sum, { artifact }) => sum + artifact.size, 0),
    ...(heldBack ? { heldBack: { code: 'keep-held-back' as const, details: { ...heldBack } } } : {}),
  }
}

export function safetyMethods({ safety }: Services) {
  return {
    list: methods.safety.list.handler(() => safety.list()),
    remove: methods.safety.remove.handler(({ input, signal }) => safety.remove(input.ids, signal)),
  }
}

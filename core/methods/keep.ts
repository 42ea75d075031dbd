// Methods about how long backups are kept: a plan's rules, what they let go, removing it by hand; and what restores have put aside.
// Guarantees: looking changes nothing; removing takes a preview and is decided anew in the worker. Rules are applied by themselves only after a
// backup of the plan (runs/run.ts).
import { randomUUID } from 'node:crypto'
import type { KeepPreview } from '../api/contract.ts'
import { Failure, type Finding } from '../api/failure.ts'
import type { Artifact, Medium } from '../api/model.ts'
import type { Keep, Plan, PlanDraft } from '../api/plan.ts'
import { nameInArchive } from '../api/plan-source.ts'
import { artifactName, parseArtifactName } from '../archive/archive.ts'
import { type KeepFacts, type PrunePlan, planPrune } from '../runs/keep.ts'
import { keepFacts } from '../runs/keep-facts.ts'
import { localZone, type Pruning } from '../runs/prune.ts'
import { artifacts, pins, withStore } from '../runs/shelf.ts'
import { methods } from './base.ts'
import { createKeep } from './restore.ts'
import { mediumAt, readyMedium, type Services, verifiedAt } from './services.ts'

interface Previewed {
  readonly planId: string
  readonly medium: Medium
  readonly keep: Keep | undefined
  readonly remove: readonly string[]
}

export function keepMethods(services: Services) {
  const { config, runner, history, refresh, now } = services
  const previews = createKeep<Previewed>(now)
  return {
    save: methods.keep.save.handler(async ({ input }) => {
      const old = planById(services, input.planId)
      const { keep: _, ...rest } = old
      const plan: Plan = input.keep ? { ...rest, keep: input.keep } : rest
      await config.update((current) => ({
        ...current,
        plans: current.plans.map((one) => (one.id === plan.id ? plan : one)),
      }))
      await refresh('plans')
      return plan
    }),
    preview: methods.keep.preview.handler(async ({ input }): Promise<KeepPreview> => {
      const plan = planById(services, input.planId)
      const medium = await readyMedium(services, input.medium)
      const keep = input.keep === undefined ? plan.keep : (input.keep ?? undefined)
      const looked = await look(services, plan.id, medium, keep)
      const id = randomUUID()
      previews.put(id, { planId: plan.id, medium, keep, remove: looked.plan.remove.map(({ name }) => name) })
      const runs = await history.latest(1000)
      const shown = looked.found.map((one) => ({ ...one, ...verifiedAt(runs, medium, one) }))
      return { id, medium, ...previewOf(plan, shown, looked.plan) }
    }),
    apply: methods.keep.apply.handler(async ({ input }) => {
      const { planId, medium, keep, remove } = previews.get(input.preview)
      if (!keep || remove.length === 0) throw new Failure('nothing-selected')
      const plan = planById(services, planId)
      const found = await withStore(medium, true, artifacts)
      const pruning = { keep, facts: await factsOf(services, plan.id, medium, found), agreed: remove }
      const { run } = await runner.start(
        { kind: 'prune', medium: mediumAt(medium), pruning },
        { subject: plan.name, planId: plan.id, medium: mediumAt(medium) },
        ({ removed, freed }) => ({ removed: [...removed], files: removed.length, bytes: freed }),
      )
      return { id: run.id }
    }),
  }
}

function planById({ config }: Services, id: string): Plan {
  const plan = config.current.plans.find((one) => one.id === id)
  if (!plan) throw new Failure('not-found', { name: id })
  return plan
}

/** For the order of a backup: the rules of its plan, if it has any, and what they go by. */
export async function pruningFor(
  services: Services,
  plan: Plan,
  medium: Medium,
): Promise<{ pruning?: Omit<Pruning, 'agreed'> }> {
  if (!plan.keep) return {}
  // Not the pins: where they cannot be read, nothing is removed later, but the backup is made.
  const found = await withStore(medium, true, artifacts)
  return { pruning: { keep: plan.keep, facts: await factsOf(services, plan.id, medium, found) } }
}

/** Where there is little room: how much the rules of the plan would free on the medium now. */
export async function couldFree(services: Services, planId: PlanDraft['id'], medium: Medium): Promise<Finding[]> {
  const plan = services.config.current.plans.find((one) => one.id === planId)
  if (!plan?.keep || !medium.initialised) return []
  const looked = await look(services, plan.id, medium, plan.keep).catch((error: unknown) => {
    // Only advice: what is wrong with the medium is said by whoever needs it.
    if (error instanceof Failure) return undefined
    throw error
  })
  if (!looked) return []
  const names = new Set(looked.plan.remove.map(({ name }) => name))
  const bytes = looked.found.reduce((sum, { name, size }) => sum + (names.has(name) ? size : 0), 0)
  if (bytes === 0) return []
  return [{ level: 'info', code: 'keep-could-free', details: { name: medium.name, count: names.size, bytes } }]
}

interface Looked {
  readonly found: readonly Artifact[]
  readonly plan: PrunePlan
}

async function look(services: Services, planId: string, medium: Medium, keep: Keep | undefined): Promise<Looked> {
  const { found, pins: pinned } = await onMedium(medium)
  const facts = await factsOf(services, planId, medium, found)
  const plan = planPrune({ artifacts: found, keep, pins: pinned, facts, now: services.now(), zone: localZone() })
  return { found, plan }
}

function onMedium(medium: Medium): Promise<{ found: Artifact[]; pins: Set<string> }> {
  return withStore(medium, true, async (store) => ({ found: await artifacts(store), pins: await pins(store) }))
}

async function factsOf(
  { history }: Services,
  planId: string,
  { id: mediumId }: Medium,
  found: readonly Artifact[],
): Promise<KeepFacts> {
  if (mediumId === undefined) return { made: [], bad: [] }
  return keepFacts(
    history,
    { planId, mediumId },
    found.map(({ name }) => name),
  )
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

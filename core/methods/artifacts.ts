// Methods about the backups on a medium: list, pin, write a note, remove by hand, make room.
// Guarantees: looking changes nothing. Removing takes a preview and is looked at anew: at what is known now, and by the worker at what lies there.
import { randomUUID } from 'node:crypto'
import type { RoomPreview } from '../api/contract-artifact.ts'
import { blocking, Failure, type Finding, type Problem } from '../api/failure.ts'
import type { Artifact, Medium } from '../api/model.ts'
import { fitness } from '../drives/drives.ts'
import { weighRemoval } from '../keep/by-hand.ts'
import { removalFacts } from '../keep/facts.ts'
import { type InTurn, oneAtATime } from '../lib/one-at-a-time.ts'
import { forAWhile } from '../services/for-a-while.ts'
import { heldBackProblem, isStillRoom, lookForRoom, type RoomWish, wishOf } from '../services/making-room.ts'
import { onTarget, placeOf, readyMedium, targetAt } from '../services/media.ts'
import { remembered } from '../services/remembered.ts'
import type { Services } from '../services/services.ts'
import type { Shelf } from '../targets/shelf.ts'
import { methods } from './base.ts'

interface Weighed {
  readonly artifacts: readonly Artifact[]
  readonly findings: readonly Finding[]
  /** The only plan whose backups they are. */
  readonly planId?: string
}

/** Changes of the lists beside the backups of a place: read, changed and written by one at a time, or one person's line would be lost to another's. */
function besideBackups(services: Services) {
  const turns = new Map<string, InTurn>()
  return async (ref: string, change: (target: Shelf) => Promise<void>): Promise<void> => {
    const medium = await readyMedium(services, ref)
    const place = medium.id ?? medium.path
    const inTurn = turns.get(place) ?? oneAtATime()
    turns.set(place, inTurn)
    await inTurn(() => onTarget(services, medium, 'write', change))
  }
}

export function artifactMethods(services: Services) {
  const { runner, now } = services
  const previews = forAWhile<Weighed & { readonly medium: Medium; readonly room?: RoomWish }>(now)
  const beside = besideBackups(services)
  return {
    list: methods.artifact.list.handler(async ({ input }) => {
      const medium = await readyMedium(services, input.medium)
      const odd: Problem[] = []
      const listed = services.catalogue.listing(medium)
      const shown = await onMedium(services, medium, (problem) => odd.push(problem))
      listed(shown)
      return { medium, artifacts: shown, ...(odd.length > 0 ? { odd } : {}) }
    }),
    pin: methods.artifact.pin.handler(async ({ input }) => {
      await beside(input.medium, (target) => target.pin(input.artifact, input.pinned))
      return {}
    }),
    note: methods.artifact.note.handler(async ({ input }) => {
      await beside(input.medium, (target) => target.note(input.artifact, input.note))
      return {}
    }),
    previewRemoval: methods.artifact.previewRemoval.handler(async ({ input }) => {
      const medium = await readyMedium(services, input.medium)
      const weighed = await weigh(services, medium, new Set(input.artifacts))
      const id = randomUUID()
      previews.put(id, { ...weighed, medium })
      const freed = weighed.artifacts.reduce((sum, { size }) => sum + size, 0)
      return { id, medium, artifacts: [...weighed.artifacts], freed, findings: [...weighed.findings] }
    }),
    previewRoom: methods.artifact.previewRoom.handler(async ({ input }): Promise<RoomPreview> => {
      const medium = await readyMedium(services, input.medium)
      const room = wishOf(services, medium, input)
      const looked = await lookForRoom(services, medium, room)
      const weighed = await weigh(services, medium, new Set(looked.going.map(({ artifact }) => artifact.name)))
      const id = randomUUID()
      previews.put(id, { ...weighed, medium, room })
      return { id, medium, ...roomPreviewOf(services, looked, weighed), need: room.need }
    }),
    remove: methods.artifact.remove.handler(async ({ input }) => {
      const seen = previews.get(input.preview)
      const { medium, artifacts: chosen, planId, room } = seen
      const names = chosen.map(({ name }) => name)
      if (names.length === 0) throw new Failure('nothing-selected')
      const { findings } = await weigh(services, medium, new Set(names))
      const failure = blocking(findings) ?? unseen(findings, seen.findings, medium)
      if (failure) throw failure
      if (room && !(await isStillRoom(services, medium, room, names)))
        throw new Failure('changed', { name: medium.name })
      const last = findings.find(isLast)
      if (last && !input.last) throw new Failure(last.code, last.details)
      const at = await targetAt(services, medium)
      const subjects = [...new Set(chosen.map(({ subject }) => subject))]
      const { run } = await runner.start(
        { kind: 'prune', at, pruning: { chosen: chosen.map(({ name, size }) => ({ name, size })) } },
        { subject: subjects.join(', '), medium: placeOf(medium), ...(planId === undefined ? {} : { planId }) },
        ({ removed, freed }) => ({ removed: [...removed], files: removed.length, bytes: freed }),
      )
      return { id: run.id }
    }),
  }
}

async function weigh(services: Services, medium: Medium, chosen: ReadonlySet<string>): Promise<Weighed> {
  const all = await onMedium(services, medium, () => undefined)
  for (const name of chosen) if (!all.some((one) => one.name === name)) throw new Failure('not-found', { name })
  const going = all.filter(({ name }) => chosen.has(name))
  const names = all.map(({ name }) => name)
  const facts = await removalFacts(services.history, medium.id ?? '', { names, chosen: [...chosen] })
  const pinned = going.filter((one) => one.pinned).map(({ name }): Finding => refused('backup-pinned', { name }))
  const unfit = fitness(medium).filter(({ code }) => code === 'medium-read-only')
  const findings = [...unfit, ...pinned, ...weighRemoval({ artifacts: all, chosen, facts, medium: medium.name })]
  const [planId, ...others] = new Set(going.map(({ name }) => facts.made.get(name)?.planId))
  return { artifacts: going, findings, ...(planId === undefined || others.length > 0 ? {} : { planId }) }
}

/** With what history knows of them. */
function roomPreviewOf(
  { config }: Services,
  { free, could, enough, going, heldBack }: Awaited<ReturnType<typeof lookForRoom>>,
  { artifacts, findings }: Weighed,
): Omit<RoomPreview, 'id' | 'medium' | 'need'> {
  const nameOf = (planId: string) => config.current.plans.find(({ id }) => id === planId)?.name ?? ''
  const planOf = new Map(going.map(({ planId, artifact }) => [artifact.name, planId]))
  return {
    free,
    could,
    enough,
    going: artifacts.flatMap((artifact) => {
      const planId = planOf.get(artifact.name)
      return planId === undefined ? [] : [{ planId, plan: nameOf(planId), artifact }]
    }),
    freed: artifacts.reduce((sum, { size }) => sum + size, 0),
    findings: [...findings],
    heldBack: heldBack.map((one) => ({ planId: one.planId, plan: nameOf(one.planId), problem: heldBackProblem(one) })),
  }
}

const isLast = ({ code }: Finding) => code === 'delete-last'

/** Since it was shown, something else has gone, or was found damaged. */
function unseen(now: readonly Finding[], seen: readonly Finding[], { name }: Medium): Failure | undefined {
  const subjects = new Set(seen.filter(isLast).map(({ details }) => details.subject))
  const more = now.some((finding) => isLast(finding) && !subjects.has(finding.details.subject))
  return more ? new Failure('changed', { name }) : undefined
}

function refused(code: Finding['code'], details: Finding['details']): Finding {
  return { level: 'error', code, details }
}

/** With what history knows of them; newest first. */
async function onMedium(services: Services, medium: Medium, tell: (problem: Problem) => void): Promise<Artifact[]> {
  const found = await onTarget(services, medium, 'read', (target) => target.artifacts(tell))
  return remembered(await services.history.latest(1000), medium, found)
}

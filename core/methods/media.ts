// Methods about media: list, look at, make ready, eject, and what lies on them.
import { resolve } from 'node:path'
import { Failure } from '../api/failure.ts'
import type { Artifact, KnownMedium, Medium, Run } from '../api/model.ts'
import { eject, fitness, initialise, listMedia } from '../drives/drives.ts'
import { artifacts, withStore } from '../runs/shelf.ts'
import { methods } from './base.ts'
import { findMedium, readyMedium, type Services, verifiedAt } from './services.ts'

export function mediumMethods(services: Services) {
  return {
    list: methods.medium.list.handler(() => listMedia(services.config.current.known)),
    check: methods.medium.check.handler(async ({ input }) => {
      const medium = await findMedium(services, input.medium)
      const findings = fitness(medium).filter((finding) => finding.code !== 'not-initialised')
      return { medium, findings }
    }),
    init: methods.medium.init.handler(async ({ input }) => {
      const medium = await findMedium(services, input.medium)
      if (medium.initialised && medium.id !== undefined) throw new Failure('already-initialised', { name: medium.name })
      const ready = await initialise(medium, { name: input.name ?? medium.name, now: services.now() })
      await rememberMedium(services, ready)
      await services.refresh('media')
      return ready
    }),
    eject: methods.medium.eject.handler(async ({ input }) => {
      const medium = await findMedium(services, input.medium)
      const using = services.runner.active().find((run) => run.kind !== 'estimate')
      if (using) throw new Failure('eject-busy', { name: medium.name })
      await eject(medium)
      await services.refresh('media')
      return {}
    }),
  }
}

export function artifactMethods(services: Services) {
  return {
    list: methods.artifact.list.handler(async ({ input }) => {
      const medium = await readyMedium(services, input.medium)
      const list = await withStore(medium, true, artifacts)
      const runs = await services.history.latest(1000)
      return {
        medium,
        artifacts: list.map((one) => ({ ...one, ...verifiedAt(runs, medium, one), ...madeBefore(runs, medium, one) })),
      }
    }),
  }
}

/** Keeps a medium's name and last place, so that it can be named while it is away. */
export async function rememberMedium({ config, now }: Services, medium: Medium): Promise<void> {
  const { id } = medium
  if (id === undefined) return
  const known: KnownMedium = { id, name: medium.name, path: medium.path, seenAt: new Date(now()).toISOString() }
  await config.update((current) => ({
    ...current,
    known: [...current.known.filter((other) => other.id !== id), known],
  }))
}

/** A copy on the shelf for what restores replace says of which restore it is. */
function madeBefore(runs: readonly Run[], { path }: Medium, { name }: Artifact): { beforeRestoreOf?: string } {
  const run = runs.find(({ safety }) => safety?.copy?.artifact === name && resolve(safety.copy.path) === resolve(path))
  return run?.artifact === undefined ? {} : { beforeRestoreOf: run.artifact }
}

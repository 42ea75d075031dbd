// Methods about restarting what uses restored data, and which plan a restore belongs to.
// Guarantees: only the command of a saved plan is run, never one that a caller sends.

import { parseArtifactName } from '../api/backup-name.ts'
import { serverOf } from '../api/database.ts'
import { Failure } from '../api/failure.ts'
import type { Plan, RestoreServer } from '../api/plan.ts'
import { nameInArchive, wholeServerOf } from '../api/plan-source.ts'
import { planById } from '../services/plans.ts'
import type { Services } from '../services/services.ts'
import { artifactName } from '../targets/names.ts'
import { methods } from './base.ts'

/** Minutes after which a restart command is stopped. */
const patience = 10

export function restartMethods(services: Services) {
  return {
    start: methods.restart.start.handler(async ({ input }) => {
      const plan = planById(services, input.planId)
      if (plan.restart?.kind !== 'command') throw new Failure('not-found', { name: plan.name })
      const { run } = await services.runner.start(
        { kind: 'restart', command: plan.restart.command, minutes: patience },
        { subject: plan.name, planId: plan.id },
        () => ({}),
      )
      return { id: run.id }
    }),
  }
}

/** Where a restore writes to: a folder chosen for it, a server, or (neither) the original place. */
export interface Destination {
  readonly into?: string | undefined
  readonly server?: RestoreServer | undefined
}

/** The plan whose data a restore of this backup replaces; none where it only fills another folder. */
export function planConcerned(
  { config }: Pick<Services, 'config'>,
  artifact: string,
  { into, server }: Destination,
): Plan | undefined {
  const { plans } = config.current
  if (into !== undefined) return undefined
  if (typeof server === 'string') return plans.find((plan) => plan.id === server)
  if (server) {
    const { name } = server.database
    const at = serverOf(server.database)
    return plans.find(({ source }) => {
      const whole = wholeServerOf(source)
      return whole?.database.name === name && serverOf(whole.database) === at
    })
  }
  const name = parseArtifactName(artifact)?.name
  return plans.find((plan) => inFileName(nameInArchive(plan)) === name)
}

/** As the name of a plan or database reads in the name of a backup. */
function inFileName(name: string): string | undefined {
  return parseArtifactName(artifactName(name, new Date(0)))?.name
}

// Methods that make backups and read them back: preview and start a backup, verify what lies on a medium, and look at runs.

import { parseArtifactName } from '../api/backup-name.ts'
import { Failure } from '../api/failure.ts'
import type { Medium } from '../api/model.ts'
import { usualMethod } from '../api/plan.ts'
import { opensWithoutKey } from '../api/recipe.ts'
import { keyFindings } from '../services/backup-keys.ts'
import { expectedOf } from '../services/expected.ts'
import { mediumOf, onTarget, placeOf, readyMedium, targetAt } from '../services/media.ts'
import { databasePasswordFor, planById } from '../services/plans.ts'
import { type Services, tempFolder } from '../services/services.ts'
import { leftOut, mediumFindings, startBackup } from '../services/start-backup.ts'
import { rememberedPassword, unlockFor } from '../services/unlocking.ts'
import { openSource } from '../sources/open.ts'
import { methods } from './base.ts'

export function backupMethods(services: Services) {
  const { runner } = services
  return {
    preview: methods.backup.preview.handler(async ({ input, signal }) => {
      const plan = typeof input.plan === 'string' ? planById(services, input.plan) : input.plan
      const medium = await mediumOf(services, plan, input.medium)
      const leaveOut = await leftOut(services, medium, plan.source)
      const databasePassword = await databasePasswordFor(services, plan, input.databasePassword)
      const means = { leaveOut, temp: tempFolder(services.home), databasePassword }
      const findings = [
        ...(await openSource(plan.source, means).check(signal)),
        ...(await keyFindings(services, plan, medium)),
      ]
      // A key can still be made, once it is known what for.
      if (!findings.some(({ level, code }) => level === 'error' && code !== 'no-key')) {
        const estimate = await runner.job(
          { kind: 'estimate', source: plan.source, leaveOut, databasePassword, pack: plan.method ?? usualMethod },
          { subject: plan.name, id: input.job },
          signal,
        )
        const { files, bytes, disk } = estimate
        const expected = expectedOf(services.ledger, plan, estimate)
        findings.push(
          ...(await mediumFindings(services, plan, medium, {
            bytes,
            files,
            ...(disk === undefined ? {} : { disk }),
            ...(expected === undefined ? {} : { expected }),
          })),
        )
        return { medium, files, bytes, findings, ...(expected === undefined ? {} : { expected }) }
      }
      findings.push(...(await mediumFindings(services, plan, medium, {})))
      return { medium, files: 0, bytes: 0, findings }
    }),
    start: methods.backup.start.handler(async ({ input }) => {
      const plan = planById(services, input.planId)
      const { run } = await startBackup(services, plan, input)
      return { id: run.id }
    }),
  }
}

export function verifyMethods(services: Services) {
  return {
    start: methods.verify.start.handler(async ({ input }) => {
      const medium = await readyMedium(services, input.medium)
      const names = input.artifacts.length > 0 ? input.artifacts : await allArtifacts(services, medium)
      if (names.length === 0) throw new Failure('no-backups', { name: medium.name })
      const closed = names.some((name) => !opensWithoutKey(name))
      const password = closed ? (input.keyPassword ?? (await rememberedPassword(services))) : undefined
      const { unlock, odd } = await unlockFor(services, medium, password)
      const [first, ...others] = names
      const { run } = await services.runner.start(
        {
          kind: 'verify',
          at: await targetAt(services, medium),
          artifacts: names,
          odd,
          unknown: {
            feeding: services.catalogue.feeding(medium),
            artifacts: names.filter((name) => !services.catalogue.knows(name)),
          },
          ...(unlock ? { unlock } : {}),
        },
        {
          subject: others.length === 0 ? (parseArtifactName(first as string)?.name ?? (first as string)) : medium.name,
          medium: placeOf(medium),
          ...(others.length === 0 ? { artifact: first as string } : {}),
        },
        ({ files, bytes, good }) => ({ files, bytes, verified: [...good] }),
      )
      return { id: run.id }
    }),
  }
}

async function allArtifacts(services: Services, medium: Medium): Promise<string[]> {
  return (await onTarget(services, medium, 'read', (target) => target.artifacts())).map(({ name }) => name)
}

export function runMethods({ history, runner }: Services) {
  return {
    cancel: methods.run.cancel.handler(({ input }) => {
      runner.cancel(input.id, input.giveUp)
      return {}
    }),
    show: methods.run.show.handler(async ({ input }) => {
      const run = await history.find(input.id)
      if (!run) throw new Failure('not-found', { name: input.id })
      return { run, ...(await history.lines(input.id, input.from, input.limit)) }
    }),
    history: methods.run.history.handler(({ input, signal }) =>
      history.latest(input.limit, input.before, input.filter, signal),
    ),
  }
}

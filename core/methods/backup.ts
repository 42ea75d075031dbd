// Methods that make backups and read them back: preview and start a backup, verify what lies on a medium, and look at runs.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { blocking, Failure, type Finding } from '../api/failure.ts'
import type { Medium, Plan, PlanDraft } from '../api/model.ts'
import { pathsOf } from '../api/plan-source.ts'
import { parseArtifactName } from '../archive/archive.ts'
import { fitness, initialise } from '../drives/drives.ts'
import { artifacts, withStore } from '../runs/shelf.ts'
import { openSource } from '../sources/source.ts'
import { methods } from './base.ts'
import { rememberMedium } from './media.ts'
import { databasePasswordFor } from './plans.ts'
import {
  findMedium,
  mediumAt,
  readyMedium,
  rememberedPassword,
  type Services,
  tempFolder,
  unlockFor,
} from './services.ts'

export function backupMethods(services: Services) {
  const { runner, keyring, host } = services
  return {
    preview: methods.backup.preview.handler(async ({ input, signal }) => {
      const plan = typeof input.plan === 'string' ? planById(services, input.plan) : input.plan
      const medium = await findMedium(services, input.medium ?? plan.store.id)
      const leaveOut = await leftOut(services, medium)
      const databasePassword = await databasePasswordFor(services, plan, input.databasePassword)
      const means = { leaveOut, temp: tempFolder(services.home), databasePassword }
      const findings = await openSource(plan.source, means).check(signal)
      if (!findings.some((finding) => finding.level === 'error')) {
        const { files, bytes } = await runner.job(
          { kind: 'estimate', source: plan.source, leaveOut, databasePassword },
          { subject: plan.name },
          signal,
        )
        const expected = await expectedSize(services, plan, bytes)
        findings.push(
          ...(await mediumFindings(services, plan, medium, {
            bytes,
            files,
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
      const found = await readyMedium(services, input.medium ?? plan.store.id)
      const failure = blocking(await mediumFindings(services, plan, found, {}))
      if (failure) throw failure
      const recipients = await keyring.recipients()
      // A folder that LabBook made gets its marker with the first backup of ours, so that it is known from then on.
      const medium = found.id === undefined ? await initialise(found, { name: found.name, now: services.now() }) : found
      const { run } = await runner.start(
        {
          kind: 'backup',
          plan,
          host,
          medium: mediumAt(medium),
          leaveOut: await leftOut(services, medium),
          recipients,
          keyFiles: await keyring.filesToCopy(),
          databasePassword: await databasePasswordFor(services, plan, input.databasePassword),
        },
        { subject: plan.name, planId: plan.id, medium: mediumAt(medium) },
        ({ artifact, sha256, files, bytes, stored }) => ({ artifact, sha256, files, bytes, stored }),
      )
      await rememberMedium(services, medium)
      return { id: run.id }
    }),
  }

  function planById({ config: { current } }: Services, id: string): Plan {
    const plan = current.plans.find((candidate) => candidate.id === id)
    if (!plan) throw new Failure('not-found', { name: id })
    return plan
  }
}

/** Never part of a backup: the medium that receives it, and what this engine writes while the run reads. */
async function leftOut({ home }: Services, medium: Medium): Promise<string[]> {
  const own = (await readdir(home)).filter((name) =>
    /^(?:owner-.*|engine\.sock|history\.jsonl|outbox\.jsonl|temp|runs)$/.test(name),
  )
  return [medium.path, ...own.map((name) => join(home, name))]
}

/** Bytes of the archive to expect, by the ratio of the plan's last good backup, with a tenth to spare. */
async function expectedSize({ history }: Services, plan: Plan | PlanDraft, bytes: number): Promise<number | undefined> {
  const last = (await history.latest(1000)).find(
    (run) => run.planId !== undefined && run.planId === plan.id && run.kind === 'backup' && run.stored > 0,
  )
  return last && last.bytes > 0 ? Math.ceil(bytes * (last.stored / last.bytes) * 1.1) : undefined
}

async function mediumFindings(
  services: Services,
  plan: Plan | PlanDraft,
  medium: Medium,
  need: { bytes?: number; files?: number; expected?: number },
): Promise<Finding[]> {
  const findings = fitness(medium, { ...need, sources: pathsOf(plan.source) })
  const newest = medium.lastBackup
  if (newest !== undefined && Date.parse(newest) > services.now() + 60_000) {
    findings.push({ level: 'warning', code: 'clock-back', details: { name: medium.name, time: newest } })
  }
  return findings
}

export function verifyMethods(services: Services) {
  return {
    start: methods.verify.start.handler(async ({ input }) => {
      const medium = await readyMedium(services, input.medium)
      const names = input.artifacts.length > 0 ? input.artifacts : await allArtifacts(medium)
      if (names.length === 0) throw new Failure('nothing-selected')
      const password = input.keyPassword ?? (await rememberedPassword(services))
      const unlock = await unlockFor(services, medium, password)
      const [first, ...others] = names
      const { run } = await services.runner.start(
        { kind: 'verify', medium: mediumAt(medium), artifacts: names, ...(unlock ? { unlock } : {}) },
        {
          subject: others.length === 0 ? (parseArtifactName(first as string)?.name ?? (first as string)) : medium.name,
          medium: mediumAt(medium),
          ...(others.length === 0 ? { artifact: first as string } : {}),
        },
        ({ files, bytes, good }) => ({ files, bytes, verified: [...good] }),
      )
      return { id: run.id }
    }),
  }
}

/** The backups that this version can check. */
async function allArtifacts(medium: Medium): Promise<string[]> {
  return withStore(medium, true, async (store) =>
    (await artifacts(store)).filter((artifact) => artifact.format === '3.0').map((artifact) => artifact.name),
  )
}

export function runMethods({ history, runner }: Services) {
  return {
    cancel: methods.run.cancel.handler(({ input }) => {
      runner.cancel(input.id)
      return {}
    }),
    show: methods.run.show.handler(async ({ input }) => {
      const run = await history.find(input.id)
      if (!run) throw new Failure('not-found', { name: input.id })
      return { run, ...(await history.lines(input.id, input.from, input.limit)) }
    }),
    history: methods.run.history.handler(({ input }) => history.latest(input.limit, input.before)),
  }
}

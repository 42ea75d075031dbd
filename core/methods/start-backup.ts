// How a backup begins, whether a person or a schedule asks for it.
// Guarantees: what forbids it is thrown before anything is written; a medium that receives a backup is known by its marker from then on.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { blocking, type Finding } from '../api/failure.ts'
import type { Medium, Run } from '../api/model.ts'
import type { Plan, PlanDraft } from '../api/plan.ts'
import { pathsOf } from '../api/plan-source.ts'
import { fitness, initialise } from '../drives/drives.ts'
import type { Started } from '../runs/runner.ts'
import { couldFree, pruningFor } from './keep.ts'
import { rememberMedium } from './media.ts'
import { databasePasswordFor } from './plans.ts'
import { mediumAt, mediumFor, type Services } from './services.ts'

/** What is given for this once. `about`: what a schedule wants to have in the record. */
export interface Given {
  readonly medium?: string | undefined
  readonly databasePassword?: string | undefined
  readonly about?: Pick<Run, 'trigger' | 'dueAt' | 'attempt'>
}

export async function startBackup(services: Services, plan: Plan, given: Given): Promise<Started> {
  const { runner, keyring, host } = services
  const found = await mediumFor(services, plan, given.medium)
  const failure = blocking(await mediumFindings(services, plan, found, {}))
  if (failure) throw failure
  const recipients = await keyring.recipients()
  // A folder that LabBook made gets its marker with the first backup of ours, so that it is known from then on.
  const medium = found.id === undefined ? await initialise(found, { name: found.name, now: services.now() }) : found
  const started = await runner.start(
    {
      kind: 'backup',
      plan,
      host,
      medium: mediumAt(medium),
      leaveOut: await leftOut(services, medium),
      recipients,
      keyFiles: await keyring.filesToCopy(),
      databasePassword: await databasePasswordFor(services, plan, given.databasePassword),
      ...(await pruningFor(services, plan, medium)),
    },
    { subject: plan.name, planId: plan.id, medium: mediumAt(medium), ...given.about },
    ({ artifact, sha256, files, bytes, stored, removed }) => ({
      artifact,
      sha256,
      files,
      bytes,
      stored,
      ...(removed ? { removed: [...removed] } : {}),
    }),
  )
  await rememberMedium(services, medium)
  return started
}

/** Never part of a backup: the medium that receives it, and what this engine writes while the run reads. */
export async function leftOut({ home }: Services, medium: Medium): Promise<string[]> {
  const own = (await readdir(home)).filter((name) =>
    /^(?:owner-.*|engine\.sock|history\.jsonl|outbox\.jsonl|temp|runs)$/.test(name),
  )
  return [medium.path, ...own.map((name) => join(home, name))]
}

export async function mediumFindings(
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
  if (findings.some(({ code }) => code === 'no-space' || code === 'space-tight'))
    findings.push(...(await couldFree(services, plan.id, medium)))
  return findings
}

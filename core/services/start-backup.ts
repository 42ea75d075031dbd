// How a backup begins, whether a person or a schedule asks for it.
// Guarantees: what forbids it is thrown before anything is written; a medium that receives a backup is known by its marker from then on.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { placeIdsOf } from '../api/destination.ts'
import { blocking, Failure, type Finding } from '../api/failure.ts'
import { isLacking } from '../api/loss.ts'
import type { Medium, Run } from '../api/model.ts'
import type { Plan, PlanDraft, PlanSource } from '../api/plan.ts'
import { pathsOf } from '../api/plan-source.ts'
import { asOnMedium, fitness, initialise, mediumFolder, type Need, unmountedPlace } from '../drives/drives.ts'
import type { BackupOrder } from '../runs/order.ts'
import type { Started } from '../runs/runner.ts'
import { useFor } from './backup-keys.ts'
import { expecting } from './expected.ts'
import { mediumFor, placeFindings, placeOf, rememberMedium, targetAt } from './media.ts'
import { databasePasswordFor } from './plans.ts'
import { waysHere } from './present-media.ts'
import { couldFree, keepsUntilFull, pruningFor, wouldMakeRoom } from './retention.ts'
import { guardFolder, type Services } from './services.ts'

/** Overrides for this run only. `about`: fields of its record that a schedule sets. */
export interface Given {
  readonly medium?: string | undefined
  readonly databasePassword?: string | undefined
  readonly about?: Pick<Run, 'trigger' | 'dueAt' | 'attempt'>
}

export async function startBackup(services: Services, plan: Plan, given: Given): Promise<Started> {
  const { runner, host } = services
  const found = await mediumFor(services, plan, given.medium)
  const failure = blocking(await mediumFindings(services, plan, found, {}))
  if (failure) throw failure
  const [doubt] = await placeFindings(services, found)
  if (doubt && !doubt.details.mounted) throw new Failure(doubt.code, doubt.details)
  const { recipients, keyFiles } = await useFor(services, plan, found)
  // A folder that LabBook made gets its marker with the first backup of ours, so that it is known from then on.
  const medium = found.id === undefined ? await initialise(found, { name: found.name, now: services.now() }) : found
  const started = await runner.start(
    {
      kind: 'backup',
      plan,
      host,
      at: await targetAt(services, medium),
      leaveOut: await leftOut(services, medium, plan.source),
      recipients,
      keyFiles,
      databasePassword: await databasePasswordFor(services, plan, given.databasePassword),
      guard: guardFor(services, plan),
      expecting: expecting(services.ledger, plan),
      feeding: services.catalogue.feeding(medium),
      ...(await pruningFor(services, plan, medium)),
    },
    { subject: plan.name, planId: plan.id, medium: placeOf(medium), ...given.about },
    ({ artifact, sha256, files, bytes, stored, removed, losses }) => ({
      artifact,
      sha256,
      files,
      bytes,
      stored,
      ...(losses ? { losses: [...losses] } : {}),
      ...(removed ? { removed: [...removed] } : {}),
    }),
  )
  await rememberMedium(services, medium)
  return started
}

function guardFor({ home, ledger }: Services, { id }: Plan): BackupOrder['guard'] {
  const { lastSaved } = ledger.of(id)
  const standing = lastSaved && isLacking(lastSaved) ? { standing: lastSaved.losses ?? [] } : {}
  return { folder: guardFolder(home), ...standing }
}

/**
 * Never part of a backup: the medium that receives it, the backups on other media (but of one from which something was chosen: it may be copied), and
 * what this engine writes while the run reads. Its keys, settings and safety copies are data like any other: keys are locked by their password, copies
 * are encrypted.
 */
export async function leftOut(services: Services, medium: Medium, source: PlanSource): Promise<string[]> {
  const { home, state } = services
  const own = (await readdir(home)).filter((name) =>
    /^(?:owner-.*|engine\.sock|history\.jsonl|outbox\.jsonl|temp|runs)$/.test(name),
  )
  const others: string[] = []
  for (const { path, initialised, kind } of state.current.media) {
    if (!initialised || path === medium.path || kind) continue
    const called = await Promise.all(pathsOf(source).map((chosen) => asOnMedium(chosen, path)))
    if (!called.some((chosen) => chosen === path || chosen.startsWith(`${path}/`)))
      others.push(join(path, mediumFolder))
  }
  const here = medium.kind ? await waysHere(services, medium) : [medium.path]
  const folders = here.map((path) => join(path, mediumFolder))
  return [...(medium.kind ? [] : here), ...folders, ...others, ...own.map((name) => join(home, name))]
}

export async function mediumFindings(
  services: Services,
  plan: Plan | PlanDraft,
  medium: Medium,
  need: Omit<Need, 'sources'>,
): Promise<Finding[]> {
  const paths = pathsOf(plan.source)
  const sources = medium.kind ? paths : await Promise.all(paths.map((path) => asOnMedium(path, medium.path)))
  const findings = fitness(medium, { ...need, sources })
  findings.push(...(await placeFindings(services, medium)), ...ofPlan(services, plan, medium))
  const unmounted = medium.id === undefined ? undefined : await unmountedPlace(medium.path)
  // A medium has been made ready there all the same: told each time.
  if (unmounted !== undefined)
    findings.push({ level: 'info', code: 'mount-missing', details: { path: medium.path, place: unmounted } })
  const newest = medium.lastBackup
  if (newest !== undefined && Date.parse(newest) > services.now() + 60_000) {
    findings.push({ level: 'warning', code: 'clock-back', details: { name: medium.name, time: newest } })
  }
  const isTight = ({ code }: Finding) => code === 'no-space' || code === 'space-tight'
  if (!findings.some(isTight)) return findings
  // Whether it fits is seen once it is known what it takes: room is made then.
  if (need.expected === undefined && keepsUntilFull(services, plan.id, medium))
    return findings.filter((one) => !isTight(one))
  const makes = need.expected === undefined ? [] : await wouldMakeRoom(services, plan.id, medium, need.expected)
  if (makes.length > 0) return [...findings.filter((one) => !isTight(one)), ...makes]
  return [...findings, ...(await couldFree(services, plan.id, medium))]
}

/** A plan that has its medium does not begin another one unasked. */
function ofPlan({ config }: Services, { name, destinations }: Plan | PlanDraft, medium: Medium): Finding[] {
  const ids = destinations.flatMap(({ place }) => placeIdsOf(place))
  if (medium.initialised || ids.length === 0) return []
  const { known, places = [] } = config.current
  const names = ids.map((id) => [...known, ...places].find((one) => one.id === id)?.name ?? id.slice(0, 8))
  return [{ level: 'warning', code: 'medium-not-of-plan', details: { plan: name, name: names, path: medium.path } }]
}

// Methods about plans: what is backed up; and the database passwords that belong to them, kept in the keychain. As a file: plan-exchange.ts.
// Guarantees: a remembered database password goes only to the server and user (LabBook: and database) that it was remembered for: a plan that
// changes them, or goes, takes it along. No password is ever in the plans' file or in an export.
import { randomUUID } from 'node:crypto'
import { planSecrets } from '../access/plan-secrets.ts'
import { acknowledge, isAcknowledgeable } from '../api/acknowledge.ts'
import { sameDatabase } from '../api/database.ts'
import { exclusionFault, patternsOf } from '../api/exclusion.ts'
import { Failure } from '../api/failure.ts'
import { toAccept } from '../api/loss.ts'
import type { Run } from '../api/model.ts'
import { type Destination, type Plan, type PlanDraft, usualMethod } from '../api/plan.ts'
import { isForLabbook, leavesOut, loginOf } from '../api/plan-source.ts'
import { trendDays, trendOf } from '../api/plan-trend.ts'
import type { Alarm } from '../api/schedule.ts'
import { accept, forgetMemory, nothing, readMemory, writeMemory } from '../guard/memory.ts'
import { backwards } from '../history/history.ts'
import { databasePasswordFor, planById } from '../services/plans.ts'
import { guardFolder, type Services, tempFolder } from '../services/services.ts'
import { openSource } from '../sources/open.ts'
import { methods } from './base.ts'
import { exchangeMethods } from './plan-exchange.ts'

/** Removes the passwords of databases that no plan of that id means any more. */
async function forgetStale({ config, secrets }: Services, before: readonly Plan[]): Promise<void> {
  const stale = before.filter((old) => {
    const now = config.current.plans.find((plan) => plan.id === old.id)
    return loginOf(old.source) && !(now && sameDatabase(loginOf(now.source), loginOf(old.source)))
  })
  if (stale.length === 0 || (await secrets.problem())) return
  for (const plan of stale) await planSecrets(secrets).remove(plan.id, 'database')
}

function planWithDatabase(services: Services, id: string): Plan {
  const plan = planById(services, id)
  if (!loginOf(plan.source)) throw new Failure('not-found', { name: plan.name })
  return plan
}

async function acceptLosses(services: Services, { planId, runId }: { planId: string; runId: string }): Promise<void> {
  const { ledger, runner, history, home, now, refresh } = services
  const plan = planById(services, planId)
  const own = runner.runs().find(({ run: { planId: id } }) => id === planId)
  if (own) throw new Failure('busy', { subject: own.run.subject })
  const run = toAccept(ledger.of(planId))
  if (run?.id !== runId) throw new Failure('changed', { name: plan.name })
  const folder = guardFolder(home)
  const memory = await readMemory(folder, planId)
  const known = memory.held?.artifact === run.artifact && run.artifact !== undefined
  // Without what was gathered then, the next backup is compared with nothing, like a first one.
  await writeMemory(folder, planId, known ? accept(memory) : nothing)
  await history.update({ ...run, lossesAccepted: new Date(now()).toISOString() })
  await refresh('runs')
}

interface Seen {
  readonly planId: string
  readonly kind: Alarm['kind']
  readonly since: string
  readonly acknowledged: boolean
}

async function acknowledgeAlarm(services: Services, { planId, kind, since, acknowledged }: Seen): Promise<void> {
  const { config, state, now, refresh } = services
  const plan = planById(services, planId)
  const alarm = state.current.alarms.find((one) => one.planId === planId && one.kind === kind && one.since === since)
  if (!alarm || !isAcknowledgeable(alarm)) throw new Failure('changed', { name: plan.name })
  await config.update((current) => ({
    ...current,
    acknowledged: acknowledge(current.acknowledged ?? {}, alarm, acknowledged, now()),
  }))
  await refresh()
}

/** Its backups of the days that a trend looks at, and of one more for zones; newest start first. */
async function lastYear({ history, now }: Services, planId: string): Promise<Run[]> {
  const from = new Date(now() - (trendDays + 1) * 24 * 3600 * 1000).toISOString()
  const backups: Run[] = []
  for await (const run of backwards(history, { planId, kinds: ['backup'], from })) backups.push(run)
  return backups
}

export function planMethods(services: Services) {
  const { config, refresh, secrets, now } = services
  const store = async (plans: Plan[]) => {
    plans.forEach(requireMethod)
    const before = config.current.plans
    await config.update((current) => ({ ...current, plans: plans.reduce(withPlan, current.plans) }))
    await forgetStale(services, before)
    await refresh('plans')
  }
  return {
    save: methods.plan.save.handler(async ({ input }) => {
      const plan = planOf(input, config.current.plans, now())
      await store([plan])
      return plan
    }),
    remove: methods.plan.remove.handler(async ({ input }) => {
      planById(services, input.id)
      const before = config.current.plans
      await config.update((current) => ({ ...current, plans: current.plans.filter((plan) => plan.id !== input.id) }))
      await forgetStale(services, before)
      await forgetMemory(guardFolder(services.home), input.id)
      await refresh('plans')
      return {}
    }),
    trend: methods.plan.trend.handler(async ({ input }) =>
      trendOf(await lastYear(services, input.id), now(), services.zone()),
    ),
    check: methods.plan.check.handler(async ({ input: { plan, databasePassword: given }, signal }) => {
      const databasePassword = await databasePasswordFor(services, plan, given)
      return openSource(plan.source, { leaveOut: [], temp: tempFolder(services.home), databasePassword }).check(signal)
    }),
    remember: methods.plan.remember.handler(async ({ input: { id, databasePassword }, signal }) => {
      const plan = planWithDatabase(services, id)
      const problem = await secrets.problem()
      if (problem) throw new Failure(problem.code, problem.details)
      const means = { leaveOut: [], temp: tempFolder(services.home), databasePassword }
      const findings = await openSource(plan.source, means).check(signal)
      const denied = findings.find((finding) => finding.code === 'database-denied')
      if (denied) throw new Failure(denied.code, denied.details)
      await planSecrets(secrets).set(id, 'database', databasePassword)
      return {}
    }),
    forget: methods.plan.forget.handler(async ({ input: { id } }) => {
      planWithDatabase(services, id)
      await planSecrets(secrets).remove(id, 'database')
      return {}
    }),
    ...exchangeMethods(services, store),
    acknowledge: methods.plan.acknowledge.handler(async ({ input }) => {
      await acknowledgeAlarm(services, input)
      return {}
    }),
    accept: methods.plan.accept.handler(async ({ input }) => {
      await acceptLosses(services, input)
      return {}
    }),
  }
}

/** A draft as a whole plan. With an id that is not there: `not-found`; a name that another plan has: `exists`. */
function planOf(draft: PlanDraft, plans: readonly Plan[], now: number): Plan {
  const old = draft.id === undefined ? undefined : plans.find((plan) => plan.id === draft.id)
  if (draft.id !== undefined && !old) throw new Failure('not-found', { name: draft.id })
  if (plans.some((plan) => plan.name === draft.name && plan.id !== draft.id))
    throw new Failure('exists', { name: draft.name })
  const destinations = destinationsOf(draft, old)
  const method = draft.method ?? old?.method ?? usualMethod
  return {
    ...draft,
    id: old?.id ?? randomUUID(),
    method,
    destinations,
    createdAt: old?.createdAt ?? new Date(now).toISOString(),
    ...(old?.schedule ? { schedule: old.schedule } : {}),
    ...(old?.ping === undefined ? {} : { ping: old.ping }),
  }
}

/** Rules of retention stay with the destination that has their id; without an id, with the same place. A place that is new and comes without rules keeps everything. */
function destinationsOf(draft: PlanDraft, old: Plan | undefined): Destination[] {
  const named = new Set(draft.destinations.map(({ id }) => id))
  return draft.destinations.map(({ id, place, keep }, at): Destination => {
    const known = old?.destinations.find((one) =>
      id === undefined ? !named.has(one.id) && samePlace(one.place, place) : one.id === id,
    )
    const via = at === 0 ? 'run' : 'copy'
    const rules = known ? known.keep : keep
    return { id: known?.id ?? randomUUID(), place, via, ...(rules ? { keep: rules } : {}) }
  })
}

function samePlace(one: Destination['place'], other: Destination['place']): boolean {
  return one.id === other.id && JSON.stringify(one.rotation) === JSON.stringify(other.rotation)
}

/** LabBook's own tool, which must be able to restore, opens nothing but gzip: Failure `bad-input`. */
function requireMethod({ source, method }: Plan): void {
  if (isForLabbook(source) && method.format !== usualMethod.format)
    throw new Failure('bad-input', { field: 'format', reason: method.format })
  if (!leavesOut(source)) return
  for (const pattern of patternsOf(source)) {
    const reason = exclusionFault(pattern)
    if (reason && source.excludeSyntax === 2) throw new Failure('exclude-refused', { pattern, reason })
  }
}

/** Adds a plan, or puts it in the place of the one with its id. */
function withPlan(plans: Plan[], plan: Plan): Plan[] {
  const known = plans.some((other) => other.id === plan.id)
  return known ? plans.map((other) => (other.id === plan.id ? plan : other)) : [...plans, plan]
}

// Methods about plans: what is backed up; and the database passwords that belong to them, kept in the keychain.
// Guarantees: a remembered database password goes only to the server and user (LabBook: and database) that it was remembered for: a plan that
// changes them, or goes, takes it along. No password is ever in the plans' file or in an export.
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { Failure } from '../api/failure.ts'
import { type Method, Plan, type PlanDraft } from '../api/plan.ts'
import { loginOf, sameDatabase } from '../api/plan-source.ts'
import { openSource } from '../sources/source.ts'
import { methods } from './base.ts'
import { type Services, tempFolder } from './services.ts'

/** The secret that holds the password of a plan's database, if it is remembered at all. */
function databasePasswordName(planId: string): string {
  return `database-password/${planId}`
}

/** The password for the database of a plan: the one given, else the remembered one. */
export async function databasePasswordFor(
  { config, secrets }: Pick<Services, 'config' | 'secrets'>,
  plan: Plan | PlanDraft,
  given: string | undefined,
): Promise<string | undefined> {
  const login = loginOf(plan.source)
  if (!login || given !== undefined || plan.id === undefined) return given
  const saved = config.current.plans.find((one) => one.id === plan.id)
  // A draft may name another server: that one must not be handed this password.
  if (!saved || !sameDatabase(loginOf(saved.source), login) || (await secrets.problem())) return undefined
  return secrets.get(databasePasswordName(plan.id))
}

/** Removes the passwords of databases that no plan of that id means any more. */
async function forgetStale({ config, secrets }: Services, before: readonly Plan[]): Promise<void> {
  const stale = before.filter((old) => {
    const now = config.current.plans.find((plan) => plan.id === old.id)
    return loginOf(old.source) && !(now && sameDatabase(loginOf(now.source), loginOf(old.source)))
  })
  if (stale.length === 0 || (await secrets.problem())) return
  for (const plan of stale) await secrets.remove(databasePasswordName(plan.id))
}

function planWithDatabase({ config }: Services, id: string): Plan {
  const plan = config.current.plans.find((one) => one.id === id)
  if (!plan || !loginOf(plan.source)) throw new Failure('not-found', { name: plan?.name ?? id })
  return plan
}

/** How exported plans stand in a file. */
const Exported = z.object({ arche: z.literal('plans'), version: z.literal(1), plans: z.array(Plan) })

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
      if (!config.current.plans.some((plan) => plan.id === input.id)) throw new Failure('not-found', { name: input.id })
      const before = config.current.plans
      await config.update((current) => ({ ...current, plans: current.plans.filter((plan) => plan.id !== input.id) }))
      await forgetStale(services, before)
      await refresh('plans')
      return {}
    }),
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
      await secrets.set(databasePasswordName(id), databasePassword)
      return {}
    }),
    forget: methods.plan.forget.handler(async ({ input: { id } }) => {
      planWithDatabase(services, id)
      await secrets.remove(databasePasswordName(id))
      return {}
    }),
    export: methods.plan.export.handler(({ input }) => {
      const plans = config.current.plans
        .filter((plan) => !input.ids || input.ids.includes(plan.id))
        .map(({ ping: _, ...plan }) => plan)
      const file: z.infer<typeof Exported> = { arche: 'plans', version: 1, plans }
      return { json: `${JSON.stringify(file, null, 2)}\n` }
    }),
    import: methods.plan.import.handler(async ({ input }) => {
      const plans = parseExported(input.json).map((plan) =>
        withLocalOf(
          plan,
          config.current.plans.find((old) => old.id === plan.id),
        ),
      )
      await store(plans)
      return plans
    }),
  }
}

/** A draft as a whole plan. With an id that is not there: `not-found`; a name that another plan has: `exists`. */
function planOf(draft: PlanDraft, plans: readonly Plan[], now: number): Plan {
  const old = draft.id === undefined ? undefined : plans.find((plan) => plan.id === draft.id)
  if (draft.id !== undefined && !old) throw new Failure('not-found', { name: draft.id })
  if (plans.some((plan) => plan.name === draft.name && plan.id !== draft.id))
    throw new Failure('exists', { name: draft.name })
  const method: Method = draft.method ?? old?.method ?? { kind: 'archive', format: 'tar.gz.gpg' }
  return {
    ...draft,
    id: old?.id ?? randomUUID(),
    method,
    createdAt: old?.createdAt ?? new Date(now).toISOString(),
    ...(old?.schedule ? { schedule: old.schedule } : {}),
    ...(old?.keep ? { keep: old.keep } : {}),
    ...(old?.ping === undefined ? {} : { ping: old.ping }),
  }
}

/**
 * What an imported plan does not bring: a schedule is active only once it was saved on this computer, and two computers that ping the same address
 * would hide each other's silence.
 */
function withLocalOf({ schedule: _schedule, ping: _ping, ...plan }: Plan, old: Plan | undefined): Plan {
  const { schedule, ping } = old ?? {}
  return { ...plan, ...(schedule ? { schedule } : {}), ...(ping === undefined ? {} : { ping }) }
}

/** LabBook's own tool, which must be able to restore, opens nothing but gzip: Failure `bad-input`. */
function requireMethod({ source, method }: Plan): void {
  if (source.kind === 'labbook' && method.format !== 'tar.gz.gpg')
    throw new Failure('bad-input', { field: 'format', reason: method.format })
}

/** Adds a plan, or replaces the one with the same id or the same name: importing twice changes nothing. */
function withPlan(plans: Plan[], plan: Plan): Plan[] {
  return [...plans.filter((other) => other.id !== plan.id && other.name !== plan.name), plan]
}

function parseExported(json: string): Plan[] {
  let data: unknown
  try {
    data = JSON.parse(json)
  } catch (error) {
    throw new Failure('bad-input', { reason: 'JSON' }, { cause: error })
  }
  const parsed = Exported.safeParse(data)
  if (!parsed.success) throw new Failure('bad-input', { reason: z.prettifyError(parsed.error) })
  return parsed.data.plans
}

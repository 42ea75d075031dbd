// Methods about Arche itself: its state, the operator password, settings and plans.
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { Failure } from '../api/failure.ts'
import { Plan, type PlanDraft } from '../api/model.ts'
import { methods } from './base.ts'
import type { Services } from './services.ts'

export function appMethods({ state }: Services) {
  return {
    state: methods.app.state.handler(() => state.current),
    follow: methods.app.follow.handler(({ signal }) => state.follow(signal)),
  }
}

export function operatorMethods(services: Services) {
  return {
    unlock: methods.operator.unlock.handler(async ({ input, context }) => {
      return { until: await context.session.unlock(input.password) }
    }),
    lock: methods.operator.lock.handler(({ context }) => {
      context.session.lock()
      return {}
    }),
    set: methods.operator.set.handler(async ({ input, context }) => {
      await context.session.set(input)
      await services.refresh('operatorSet')
      return {}
    }),
  }
}

export function settingsMethods({ config, refresh }: Services) {
  return {
    save: methods.settings.save.handler(async ({ input }) => {
      const { settings } = await config.update((current) => {
        const { language = current.settings.language, welcomed = current.settings.welcomed } = input
        return { ...current, settings: { language, welcomed } }
      })
      await refresh('settings')
      return settings
    }),
  }
}

/** How exported plans stand in a file. */
const Exported = z.object({ arche: z.literal('plans'), version: z.literal(1), plans: z.array(Plan) })

export function planMethods(services: Services) {
  const { config, refresh, now } = services
  const store = async (plans: Plan[]) => {
    await config.update((current) => ({ ...current, plans: plans.reduce(withPlan, current.plans) }))
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
      await config.update((current) => ({ ...current, plans: current.plans.filter((plan) => plan.id !== input.id) }))
      await refresh('plans')
      return {}
    }),
    export: methods.plan.export.handler(({ input }) => {
      const plans = config.current.plans.filter((plan) => !input.ids || input.ids.includes(plan.id))
      const file: z.infer<typeof Exported> = { arche: 'plans', version: 1, plans }
      return { json: `${JSON.stringify(file, null, 2)}\n` }
    }),
    import: methods.plan.import.handler(async ({ input }) => {
      const plans = parseExported(input.json)
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
  return {
    ...draft,
    id: old?.id ?? randomUUID(),
    method: { kind: 'archive', format: 'tar.gz.gpg' },
    createdAt: old?.createdAt ?? new Date(now).toISOString(),
  }
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

// Methods about Arche itself: its state, the operator password and settings.
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
        const { safetyDays = current.settings.safetyDays } = input
        return { ...current, settings: { ...current.settings, language, welcomed, safetyDays } }
      })
      await refresh('settings')
      return settings
    }),
  }
}

// Methods about Arche itself: its state, the administrator password and settings.

import type { Services } from '../services/services.ts'
import { methods } from './base.ts'

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
    remove: methods.operator.remove.handler(async ({ input, context }) => {
      await context.session.remove(input.current)
      await services.refresh('operatorSet')
      return {}
    }),
  }
}

export function settingsMethods({ config, refresh }: Services) {
  return {
    save: methods.settings.save.handler(async ({ input }) => {
      const { settings } = await config.update((current) => {
        // What the input does not name stays, whatever settings there are.
        const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
        return { ...current, settings: { ...current.settings, ...given } }
      })
      await refresh('settings')
      return settings
    }),
  }
}

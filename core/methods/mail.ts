// Methods about telling people: the mail server and its recipients, a test, and the address that a plan pings.
// Guarantees: a password that is kept belongs to one server and account; settings that change them take it along. No password comes out again.

import { X509Certificate } from 'node:crypto'
import { refuseOdd } from '../access/mail-account.ts'
import { Failure } from '../api/failure.ts'
import type { MailSettings } from '../api/mail.ts'
import type { Plan } from '../api/plan.ts'
import { planById } from '../services/plans.ts'
import type { Services } from '../services/services.ts'
import { methods } from './base.ts'

export function mailMethods(services: Services) {
  const { config, mailAccount, notifier, secrets, refresh } = services
  return {
    save: methods.mail.save.handler(async ({ input: { settings, password } }) => {
      const before = config.current.mail
      if (settings) checkAuthority(settings)
      if (password !== undefined) {
        refuseOdd(password)
        if (settings?.account === undefined) throw new Failure('mail-unset')
        const problem = await secrets.problem()
        if (problem) throw new Failure(problem.code, problem.details)
      }
      await config.update(({ mail: _, ...current }) => (settings ? { ...current, mail: settings } : current))
      if (before && !(settings && sameAccount(before, settings))) await mailAccount.forget(before)
      if (settings && password !== undefined) await mailAccount.keep(settings, password)
      await mailAccount.look(settings ?? undefined)
      await notifier.changed(before)
      await refresh('mail')
      return { settings }
    }),
    password: methods.mail.password.handler(async ({ input: { password } }) => {
      const settings = config.current.mail
      if (settings?.account === undefined) throw new Failure('mail-unset')
      if (password === null) await mailAccount.forget(settings)
      else await mailAccount.keep(settings, password)
      await mailAccount.look(settings)
      await notifier.changed(settings)
      await refresh('mail')
      return {}
    }),
    test: methods.mail.test.handler(async ({ input: { password, to, ...input } }) => {
      const settings = input.settings ?? config.current.mail
      if (!settings) throw new Failure('mail-unset')
      checkAuthority(settings)
      const recipients = settings.recipients.filter(({ address }) => to === undefined || address === to)
      if (recipients.length === 0) throw new Failure('mail-unset')
      return notifier.test(settings, password, recipients)
    }),
    ping: methods.mail.ping.handler(async ({ input: { planId, url } }) => {
      const { ping: _, ...plan } = planById(services, planId)
      const next: Plan = url === null ? plan : { ...plan, ping: url }
      await config.update((current) => ({
        ...current,
        plans: current.plans.map((one) => (one.id === planId ? next : one)),
      }))
      await refresh('plans', 'mail')
      return next
    }),
    testPing: methods.mail.testPing.handler(async ({ input: { planId } }) => {
      await notifier.testPing(planById(services, planId))
      return {}
    }),
  }
}

function sameAccount(one: MailSettings, other: MailSettings): boolean {
  return one.host === other.host && one.port === other.port && one.account === other.account
}

/** A certificate that cannot be read would only show when a mail is due. */
function checkAuthority({ authority }: MailSettings): void {
  if (authority === undefined) return
  try {
    new X509Certificate(authority)
  } catch (error) {
    throw new Failure('bad-input', { reason: 'certificate' }, { cause: error })
  }
}

// Methods about backup keys: make, choose, share with escrow recipients, print, and keep the password in the keychain.

import { Failure } from '../api/failure.ts'
import { translator } from '../api/text/text.ts'
import { checkKeyPassword } from '../archive/archive.ts'
import { recoverySheet } from '../keys/recovery-sheet.ts'
import type { Services } from '../services/services.ts'
import { activeKey, keyPasswordName } from '../services/unlocking.ts'
import { methods } from './base.ts'

export function keyMethods(services: Services) {
  const { keyring, secrets, refresh, state } = services
  const remember = async (fingerprint: string, password: string) => {
    const problem = await secrets.problem()
    if (problem) throw new Failure(problem.code, problem.details)
    await secrets.set(keyPasswordName(fingerprint), password)
  }
  return {
    create: methods.key.create.handler(async ({ input }) => {
      const { password, instead = false, name = `Arche ${services.host}` } = input
      const trouble = instead ? null : state.current.keyTrouble
      if (trouble) throw new Failure(trouble.code, trouble.details)
      const key = await keyring.create({ name, password, instead })
      try {
        if (input.remember) await remember(key.fingerprint, password)
      } finally {
        await refresh('keys', 'keychain')
      }
      return key
    }),
    look: methods.key.look.handler(({ input }) => keyring.look(input.folder)),
    prove: methods.key.prove.handler(async ({ input }) => {
      await keyring.prove(input.folder, input)
      return {}
    }),
    import: methods.key.import.handler(async ({ input }) => {
      const keys = await keyring.importFrom(input.folder, input)
      await refresh('keys', 'keychain')
      return keys
    }),
    activate: methods.key.activate.handler(async ({ input }) => {
      await keyring.activate(input.fingerprint)
      await refresh('keys', 'keychain')
      return activeKey(state.current)
    }),
    addRecipient: methods.key.addRecipient.handler(async ({ input }) => {
      const key = await keyring.addRecipient(input.armored)
      await refresh('keys')
      return key
    }),
    removeRecipient: methods.key.removeRecipient.handler(async ({ input }) => {
      await keyring.removeRecipient(input.fingerprint)
      await refresh('keys')
      return {}
    }),
    remember: methods.key.remember.handler(async ({ input }) => {
      const { fingerprint } = activeKey(state.current)
      await checkKeyPassword(await keyring.privateKey(fingerprint), input.password)
      await remember(fingerprint, input.password)
      await refresh('keychain')
      return {}
    }),
    forget: methods.key.forget.handler(async () => {
      for (const key of state.current.keys)
        if (key.kind === 'own') await secrets.remove(keyPasswordName(key.fingerprint))
      await refresh('keychain')
      return {}
    }),
    sheet: methods.key.sheet.handler(({ input }) => {
      const { keys, plans, language } = state.current
      const fingerprint = input.fingerprint ?? activeKey(state.current).fingerprint
      const key = keys.find((candidate) => candidate.fingerprint === fingerprint)
      if (!key) throw new Failure('not-found', { name: fingerprint })
      const speak = input.language ?? language
      const html = recoverySheet({
        key,
        language: speak,
        host: services.host,
        date: new Date(services.now()),
        plans: plans.map((plan) => plan.name),
        t: translator(speak),
      })
      return { fingerprint, html }
    }),
  }
}

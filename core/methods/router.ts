// All methods of the contract in one router. A method that is missing or mistyped does not compile.
import { backupMethods, runMethods, verifyMethods } from './backup.ts'
import { methods } from './base.ts'
import { keyMethods } from './keys.ts'
import { artifactMethods, mediumMethods } from './media.ts'
import { planMethods } from './plans.ts'
import { restoreMethods } from './restore.ts'
import { scheduleMethods } from './schedule.ts'
import type { Services } from './services.ts'
import { appMethods, operatorMethods, settingsMethods } from './setup.ts'

export function createRouter(services: Services) {
  return methods.router({
    app: appMethods(services),
    operator: operatorMethods(services),
    settings: settingsMethods(services),
    key: keyMethods(services),
    medium: mediumMethods(services),
    plan: planMethods(services),
    backup: backupMethods(services),
    schedule: scheduleMethods(services),
    artifact: artifactMethods(services),
    restore: restoreMethods(services),
    verify: verifyMethods(services),
    run: runMethods(services),
  })
}

export type EngineRouter = ReturnType<typeof createRouter>

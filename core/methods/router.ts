// All methods of the contract in one router. A method that is missing or mistyped does not compile.
import type { Router } from '@orpc/server'
import type { contract } from '../api/contract.ts'
import type { Services } from '../services/services.ts'
import { artifactMethods } from './artifacts.ts'
import { backupMethods, runMethods, verifyMethods } from './backup.ts'
import { type Connection, methods } from './base.ts'
import { catalogueMethods } from './catalogue.ts'
import { copyMethods } from './copy.ts'
import { folderMethods } from './folders.ts'
import { keepMethods, safetyMethods } from './keep.ts'
import { keyMethods } from './keys.ts'
import { mailMethods } from './mail.ts'
import { mediumMethods } from './media.ts'
import { placeMethods } from './places.ts'
import { planMethods } from './plans.ts'
import { restartMethods } from './restart.ts'
import { restoreMethods } from './restore.ts'
import { scheduleMethods } from './schedule.ts'
import { serviceMethods } from './service.ts'
import { appMethods, operatorMethods, settingsMethods } from './setup.ts'

/** Named, because the compiler does not write a type out that is longer than a certain length. */
export type EngineRouter = Router<typeof contract, Connection>

export function createRouter(services: Services): EngineRouter {
  return methods.router({
    app: appMethods(services),
    operator: operatorMethods(services),
    settings: settingsMethods(services),
    key: keyMethods(services),
    medium: mediumMethods(services),
    place: placeMethods(services),
    folder: folderMethods(services),
    plan: planMethods(services),
    backup: backupMethods(services),
    copy: copyMethods(services),
    catalogue: catalogueMethods(services),
    schedule: scheduleMethods(services),
    artifact: artifactMethods(services),
    restore: restoreMethods(services),
    restart: restartMethods(services),
    verify: verifyMethods(services),
    run: runMethods(services),
    service: serviceMethods(services),
    keep: keepMethods(services),
    safety: safetyMethods(services),
    mail: mailMethods(services),
  })
}

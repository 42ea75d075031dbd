// Where a restore goes: into a LabBook server, to the original place, or to another folder; as the form holds it and as the engine is told. Pure.
// Guarantees: only what is possible for this backup is ever meant; a LabBook backup is meant for the server of a plan unless said otherwise.

import type { Inspection } from '../../../core/api/contract.ts'
import { hasLabbookLayout } from '../../../core/api/labbook-layout.ts'
import type { Artifact } from '../../../core/api/model.ts'
import { type Plan, RestoreServer } from '../../../core/api/plan.ts'
import { wholeServerOf } from '../../../core/api/plan-source.ts'
import { type LoginAnswers, serverAnswered } from '../plans/choice.ts'

export type Where = 'server' | 'original' | 'folder'

/** `planId`: the server of a plan; absent: what is described. An empty storage folder: the database only. */
export interface ServerAnswers extends Pick<LoginAnswers, 'user' | 'server'> {
  planId: string | undefined
  storage: string
  database: string
}

export interface Target {
  artifact: Artifact | undefined
  inspection: Inspection | undefined
  everything: boolean
  only: string[]
  /** As chosen; absent: what suits the backup best. */
  where: Where | undefined
  server: ServerAnswers | undefined
  folder: string | undefined
}

/** Plans of servers that a restore can write to as a whole. */
export function serverPlans(plans: readonly Plan[]): Plan[] {
  return plans.filter(({ source }) => wholeServerOf(source))
}

/** What can be chosen: the database of a server only as a whole, the original place only where the backup tells it. */
export function possible({
  inspection,
  everything,
}: Pick<Target, 'inspection' | 'everything'>): Record<Where, boolean> {
  const roots = inspection?.roots ?? []
  return {
    server: everything && inspection !== undefined && mayBeLabbook(inspection),
    original: roots.length > 0 && roots.every((root) => root.origin !== undefined),
    folder: true,
  }
}

/** LabBook's own archives do not tell their contents before they are read: what opens decides, later. */
function mayBeLabbook({ format, roots }: Inspection): boolean {
  if (format !== '3.0' || roots.length === 0) return true
  return hasLabbookLayout(roots.map((root) => root.name))
}

export function whereOf(target: Target, plans: readonly Plan[]): Where {
  const can = possible(target)
  if (target.where && can[target.where]) return target.where
  if (can.server && serverPlans(plans).length > 0) return 'server'
  return can.original ? 'original' : 'folder'
}

/** As answered, else the plan of that database, else any LabBook plan, else a form with the database of the backup. */
export function serverFor({ artifact, server }: Target, plans: readonly Plan[]): ServerAnswers {
  const known = serverPlans(plans)
  if (server && (server.planId === undefined || known.some((plan) => plan.id === server.planId))) return server
  const plan = known.find(({ source }) => wholeServerOf(source)?.database.name === artifact?.subject) ?? known[0]
  return { planId: plan?.id, storage: '', database: artifact?.subject ?? 'SIGL', user: '', server: '' }
}

/** Undefined while something is missing or impossible. */
export function restoreServerOf({ planId, storage, database, ...login }: ServerAnswers): RestoreServer | undefined {
  if (planId !== undefined) return planId
  const described = RestoreServer.safeParse({
    ...(storage === '' ? {} : { storage }),
    database: { name: database.trim(), ...serverAnswered(login) },
  })
  return described.success ? described.data : undefined
}

/** True when the destination is complete. */
export function isChosen(target: Target, plans: readonly Plan[]): boolean {
  const where = whereOf(target, plans)
  if (where === 'server') return restoreServerOf(serverFor(target, plans)) !== undefined
  return where === 'original' || target.folder !== undefined
}

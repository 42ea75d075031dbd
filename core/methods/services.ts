// The parts of a running engine, as one plain record that every method gets, and what several methods need of them.
import { join } from 'node:path'
import { Failure } from '../api/failure.ts'
import type { AppState, Artifact, KeyInfo, Medium, Run } from '../api/model.ts'
import type { Plan, PlanDraft } from '../api/plan.ts'
import type { ConfigFile } from '../config.ts'
import { listMedia, resolveMedium } from '../drives/drives.ts'
import type { Keyring } from '../keyring.ts'
import type { MailAccount } from '../mail-account.ts'
import type { Notifier } from '../notify/notify.ts'
import type { Operator } from '../operator.ts'
import type { History } from '../runs/history.ts'
import type { Ledger } from '../runs/ledger.ts'
import { pickMedium } from '../runs/media-rule.ts'
import type { MediumAt, Unlock } from '../runs/order.ts'
import type { Runner } from '../runs/runner.ts'
import * as shelf from '../runs/shelf.ts'
import type { Safety } from '../safety.ts'
import type { Secrets } from '../secrets.ts'
import type { StateHub } from '../state.ts'

/** What was opened once. */
export interface Parts {
  readonly home: string
  readonly host: string
  readonly now: () => number
  readonly config: ConfigFile
  readonly secrets: Secrets
  readonly operator: Operator
  readonly keyring: Keyring
  readonly history: History
  readonly ledger: Ledger
  readonly runner: Runner
  /** The time zone in force. */
  readonly zone: () => string
  readonly state: StateHub
  readonly mailAccount: MailAccount
  readonly notifier: Notifier
}

export interface Services extends Parts {
  readonly safety: Safety
  /** Reads the parts of the state that may have changed, and tells followers. */
  refresh(...parts: Refreshable[]): Promise<void>
}

/** When this computer last read that backup on that medium in full and found it good, from these runs (newest first). */
export function verifiedAt(runs: readonly Run[], medium: Medium, artifact: Artifact): { verifiedAt?: string } {
  const run = runs.find((candidate) => {
    if (candidate.medium?.id !== medium.id || (candidate.outcome !== 'success' && candidate.outcome !== 'warning'))
      return false
    if (candidate.kind === 'verify') return candidate.verified?.includes(artifact.name)
    return candidate.kind === 'backup' && candidate.artifact === artifact.name && candidate.sha256 === artifact.sha256
  })
  return run?.endedAt === undefined ? {} : { verifiedAt: run.endedAt }
}

export type Refreshable =
  | 'settings'
  | 'operatorSet'
  | 'keychain'
  | 'keys'
  | 'plans'
  | 'media'
  | 'runs'
  | 'paused'
  | 'mail'

/** The secret that holds the active key's password, if it is remembered at all. */
export function keyPasswordName(fingerprint: string): string {
  return `key-password/${fingerprint}`
}

export const journalFolder = (home: string) => join(home, 'journals')

/** Private; emptied at every start. */
export const tempFolder = (home: string) => join(home, 'temp')

/** The medium a person means (undefined: the only one that is ready), as it is connected now. Throws `no-medium`, `several-media`… */
export async function findMedium({ config }: Services, ref: string | undefined): Promise<Medium> {
  const { known } = config.current
  return resolveMedium(ref, await listMedia(known), known)
}

/** The same, made ready for backups; else `not-initialised`. */
export async function readyMedium(services: Services, ref: string | undefined): Promise<Medium> {
  return ready(await findMedium(services, ref))
}

function ready(medium: Medium): Medium {
  if (!medium.initialised) throw new Failure('not-initialised', { name: medium.name, path: medium.path })
  return medium
}

/** The medium for a plan's backup: the one asked for, else the one that the plan wants (runs/media-rule.ts). */
export async function mediumOf(services: Services, plan: Plan | PlanDraft, ref: string | undefined): Promise<Medium> {
  const { config, ledger } = services
  if (ref !== undefined || !plan.store.rotation) return findMedium(services, ref ?? plan.store.id)
  const { known } = config.current
  const media = await listMedia(known)
  const backups = ledger.of(plan.id ?? '').media
  const { medium, absent, several } = pickMedium(plan.store, { media, known, backups })
  if (!medium) throw absent ?? several
  return medium
}

/** The same, made ready for backups. */
export async function mediumFor(services: Services, plan: Plan, ref: string | undefined): Promise<Medium> {
  return ready(await mediumOf(services, plan, ref))
}

export function mediumAt({ path, id, name }: Medium): MediumAt {
  return { path, name, ...(id === undefined ? {} : { id }) }
}

/** The own pair new backups are made for; none: Failure `no-key`. */
export function activeKey(state: AppState): KeyInfo {
  const key = state.keys.find((candidate) => candidate.kind === 'own' && candidate.active)
  if (!key) throw new Failure('no-key')
  return key
}

/** The password of the active key from this computer's keychain, if it was put there. */
export async function rememberedPassword(services: Parts): Promise<string | undefined> {
  const key = services.state.current.keys.find((candidate) => candidate.kind === 'own' && candidate.active)
  if (!key || (await services.secrets.problem())) return undefined
  return services.secrets.get(keyPasswordName(key.fingerprint))
}

/** What opens the backups of a medium: the private keys that lie on it and those of this computer, with the password, if there is one. */
export async function unlockFor(
  services: Services,
  medium: Medium,
  password: string | undefined,
): Promise<Unlock | undefined> {
  if (password === undefined) return undefined
  const beside = await shelf.withStore(medium, true, shelf.keysBeside)
  return { privateKeys: [...(await services.keyring.privateKeys()), ...beside], password }
}

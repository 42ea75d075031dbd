// Which key new backups are made for, and what opens those that there are.
import { Failure, type Problem } from '../api/failure.ts'
import type { AppState, KeyInfo, Medium } from '../api/model.ts'
import type { Unlock } from '../archive/archive.ts'
import { onTarget } from './media.ts'
import type { Parts, Services } from './services.ts'

/** The secret that holds the active key's password, if it is remembered at all. */
export function keyPasswordName(fingerprint: string): string {
  return `key-password/${fingerprint}`
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

/**
 * What opens the backups of a medium: the private keys that lie on it and those of this computer, with the password, if there is one. `odd`: key
 * files on it that cannot be used.
 */
export async function unlockFor(
  services: Services,
  medium: Medium,
  password: string | undefined,
): Promise<{ unlock?: Unlock; odd: Problem[] }> {
  const odd: Problem[] = []
  if (password === undefined) return { odd }
  const beside = await onTarget(services, medium, 'read', (target) => target.keys((problem) => odd.push(problem)))
  const lying = beside.map(({ text }) => text)
  return { odd, unlock: { privateKeys: [...(await services.keyring.privateKeys()), ...lying], password } }
}

// What logs in to the places in the network: in memory, handed over by systemd to a service, or in the keychain.
// Guarantees: kept by the id of the place, in no file of ours; what was given for once is forgotten when Arche is closed.
// Does not know where a place is: whoever changes that must not take what was kept for another account (services/places.ts).
import type { PlaceSecrets } from '../api/place.ts'
import { credential } from './credential.ts'
import type { Secrets } from './secrets.ts'

const parts = ['password', 'key', 'passphrase'] as const satisfies readonly (keyof PlaceSecrets)[]

export interface PlaceAccounts {
  /** None of them: nothing is known, or the keychain does not answer. */
  of(id: string): Promise<PlaceSecrets>
  /** In the place of all that was kept for it. `remember`: into the keychain; Failure `no-keychain`. */
  keep(id: string, secrets: PlaceSecrets, remember: boolean): Promise<void>
  forget(id: string): Promise<void>
}

export function openPlaceAccounts(secrets: Secrets, env: NodeJS.ProcessEnv = process.env): PlaceAccounts {
  const given = new Map<string, PlaceSecrets>()
  /** `LoadCredential=arche-place-<id>-password:…` */
  const handedOver = (id: string) =>
    collected(async (part) => {
      const text = await credential(env, `arche-place-${id}-${part}`)
      return part === 'key' ? text : text?.replace(/\r?\n$/, '')
    })
  const forget = async (id: string) => {
    given.delete(id)
    if (await secrets.problem()) return
    for (const part of parts) await secrets.remove(nameOf(id, part))
  }
  return {
    async of(id) {
      const known = given.get(id) ?? (await handedOver(id))
      if (isAny(known) || (await secrets.problem())) return known
      return collected((part) => secrets.get(nameOf(id, part)))
    },
    async keep(id, known, remember) {
      if (!remember) return void given.set(id, known)
      for (const part of parts) {
        const value = known[part]
        if (value === undefined) await secrets.remove(nameOf(id, part))
        else await secrets.set(nameOf(id, part), value)
      }
      given.delete(id)
    },
    forget,
  }
}

/** There is something to log in with. */
export function isAny({ password, key }: PlaceSecrets): boolean {
  return password !== undefined || key !== undefined
}

function nameOf(id: string, part: keyof PlaceSecrets): string {
  return `place/${id}/${part}`
}

async function collected(read: (part: keyof PlaceSecrets) => Promise<string | undefined>): Promise<PlaceSecrets> {
  const found: PlaceSecrets = {}
  for (const part of parts) {
    const value = await read(part)
    if (value) found[part] = value
  }
  return found
}

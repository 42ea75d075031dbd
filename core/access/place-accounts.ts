// What logs in to the places in the network: in memory, handed over by systemd to a service, or in the keychain.
// Guarantees: kept by the id of the place and for one account of one server, in no file of ours: what was kept for another account is never given out. What was
// given for once is forgotten when Arche is closed. What systemd hands over is the administrator's word and is not bound to an account.
import type { PlaceSecrets, SftpSpec } from '../api/place.ts'
import { credential } from './credential.ts'
import type { Secrets } from './secrets.ts'

/** What is given out only for the same: user, server and port. */
export type AccountOf = Pick<SftpSpec, 'host' | 'port' | 'user'>

const parts = ['password', 'key', 'passphrase'] as const satisfies readonly (keyof PlaceSecrets)[]

export interface PlaceAccounts {
  /** None of them: nothing is known, or the keychain does not answer. */
  of(id: string, account: AccountOf): Promise<PlaceSecrets>
  /** In the place of all that was kept for it. `remember`: into the keychain; Failure `no-keychain`. */
  keep(id: string, account: AccountOf, secrets: PlaceSecrets, remember: boolean): Promise<void>
  forget(id: string): Promise<void>
}

export function openPlaceAccounts(secrets: Secrets, env: NodeJS.ProcessEnv = process.env): PlaceAccounts {
  const given = new Map<string, { readonly account: string; readonly secrets: PlaceSecrets }>()
  /** `LoadCredential=arche-place-<id>-password:…` */
  const handedOver = (id: string) =>
    collected(async (part) => {
      const text = await credential(env, `arche-place-${id}-${part}`)
      return part === 'key' ? text : text?.replace(/\r?\n$/, '')
    })
  const forget = async (id: string) => {
    given.delete(id)
    if (await secrets.problem()) return
    for (const part of ['account', ...parts] as const) await secrets.remove(nameOf(id, part))
  }
  return {
    async of(id, account) {
      const own = given.get(id)
      const known = own?.account === inWords(account) ? own.secrets : await handedOver(id)
      if (isAny(known) || (await secrets.problem())) return known
      if ((await secrets.get(nameOf(id, 'account'))) !== inWords(account)) return {}
      return collected((part) => secrets.get(nameOf(id, part)))
    },
    async keep(id, account, known, remember) {
      if (!remember) return void given.set(id, { account: inWords(account), secrets: known })
      // Cut off in between, nothing is given out: the account is written last.
      await secrets.remove(nameOf(id, 'account'))
      for (const part of parts) {
        const value = known[part]
        if (value === undefined) await secrets.remove(nameOf(id, part))
        else await secrets.set(nameOf(id, part), value)
      }
      await secrets.set(nameOf(id, 'account'), inWords(account))
      given.delete(id)
    },
    forget,
  }
}

/** There is something to log in with. */
export function isAny({ password, key }: PlaceSecrets): boolean {
  return password !== undefined || key !== undefined
}

function inWords({ user, host, port = 22 }: AccountOf): string {
  return `${user}@${host}:${port}`
}

function nameOf(id: string, part: keyof PlaceSecrets | 'account'): string {
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

// The password of the mail server's account: in the keychain, or handed over by systemd to a service (systemd.exec(5), "CREDENTIALS").
// Guarantees: a password goes only to the server and account that it was kept for; it is never in a file of ours.
import { Failure } from '../api/failure.ts'
import type { MailSettings } from '../api/mail.ts'
import { credential } from './credential.ts'
import type { Secrets } from './secrets.ts'

/** Name of the credential of a service: `LoadCredential=arche-mail-password:…`. It goes to whatever account is set. */
const handed = 'arche-mail-password'

export interface MailAccount {
  /** As found by the last `look`, `keep` or `forget`; undefined before. */
  readonly kept: boolean | undefined
  /** Undefined: there is none. A keychain that does not answer: Failure `no-keychain`. */
  password(settings: MailSettings): Promise<string | undefined>
  /** Finds out whether there is one; never rejects. */
  look(settings: MailSettings | undefined): Promise<void>
  /** Not UTF-8 where it came from: Failure `password-encoding`. */
  keep(settings: MailSettings, password: string): Promise<void>
  forget(settings: MailSettings): Promise<void>
}

export function openMailAccount(secrets: Secrets, env: NodeJS.ProcessEnv = process.env): MailAccount {
  let kept: boolean | undefined
  async function password(settings: MailSettings): Promise<string | undefined> {
    const given = await handedOver(env)
    if (given !== undefined) return given
    const problem = await secrets.problem()
    if (problem) throw new Failure(problem.code, problem.details)
    return secrets.get(nameOf(settings))
  }
  return {
    get kept() {
      return kept
    },
    password,
    async look(settings) {
      const found = settings?.account === undefined ? undefined : await password(settings).catch(() => undefined)
      kept = found !== undefined
    },
    async keep(settings, value) {
      refuseOdd(value)
      await secrets.set(nameOf(settings), value)
      kept = true
    },
    async forget(settings) {
      if (!(await secrets.problem())) await secrets.remove(nameOf(settings))
      kept = false
    },
  }
}

function nameOf({ account, host, port }: MailSettings): string {
  return `mail-password/${account}@${host}:${port}`
}

async function handedOver(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const text = await credential(env, handed)
  const password = text?.replace(/\r?\n$/, '') || undefined
  if (password !== undefined) refuseOdd(password)
  return password
}

/** Failure `password-encoding` for one that was not UTF-8 where it came from: no server would take what is left of it. */
export function refuseOdd(password: string): void {
  if (password.includes('\ufffd')) throw new Failure('password-encoding')
}

// One command at work: a connection to the engine, who is asked, what was answered, where it is printed.
// Guarantees: the administrator password is asked for at most once a command, only where there is one and the engine wants it; a wrong password that was
// typed may be typed again, up to three times in all; findings that forbid the work stop it, warnings are asked about.
// Does not know the commands.

import { type Login, serverOf } from '../api/database.ts'
import { Failure, type Finding } from '../api/failure.ts'
import type { AppState } from '../api/model.ts'
import { visible } from '../api/text/visible.ts'
import type { Ask } from './ask.ts'
import { type Client, type Connection, createConnection, type EngineAccess } from './connection.ts'
import type { Interrupts } from './interrupts.ts'
import type { Output } from './output.ts'
import { type PasswordKind, type Passwords, passwordMissing } from './passwords.ts'
import type { ProgressView } from './progress.ts'
import { UsageError } from './usage.ts'

/** Means of a command: output, passwords and the connection to the engine. */
export interface Means {
  readonly output: Output
  readonly ask: Ask
  readonly passwords: Passwords
  readonly interrupts: Interrupts
  readonly progress: ProgressView
  /** `--yes`. */
  readonly yes: boolean
}

export interface Session extends Means {
  /** For a service: an engine that stays, or a way to the one that is open; whoever opens it closes it. */
  serve(): Promise<EngineAccess>
  client(): Promise<Client>
  /** The client of the last call, also after an interruption: what was begun with it must be ended with it. */
  current(): Client | undefined
  state(): Promise<AppState>
  /** Asks for the administrator password, where there is one: before a command that will need it asks for anything else. */
  unlock(): Promise<void>
  /** The administrator password itself, asked for and right. None: Failure `operator-unset`. */
  operatorPassword(): Promise<string>
  /** A call that may need the administrator password: asks for it where the engine wants it, or it has run out meanwhile. */
  guarded<T>(call: (client: Client) => Promise<T>): Promise<T>
  /** Calls with the key password, given or asked; asks again after a wrong one that was typed. */
  withKeyPassword<T>(call: (password: string) => Promise<T>): Promise<T>
  /** The same with the password of a database; wrong is `database-denied`. */
  withDatabasePassword<T>(login: Login, call: (password: string) => Promise<T>): Promise<T>
  /** A password to be chosen: given, or typed twice. */
  newPassword(kind: ChosenKind): Promise<string>
  /**
   * Prints findings and throws the first that forbids the work. Warnings are asked about with `question`; no: Failure `cancelled`. `--yes` agrees to
   * warnings, but for those that leave a choice (`choices`), which then forbid it.
   */
  consider(findings: readonly Finding[], question: string): Promise<void>
  /** `--yes` answers yes; nobody to ask is a usage error. */
  confirm(question: string, preset?: boolean): Promise<boolean>
  close(): Promise<void>
}

/** Passwords that are chosen in Arche. */
type ChosenKind = Extract<PasswordKind, 'operator' | 'new-operator' | 'key'>

/** Warnings that only a person can weigh: which place is meant. */
export const choices: ReadonlySet<Finding['code']> = new Set(['medium-not-here', 'mount-missing', 'medium-not-of-plan'])

/** Number of tries for a password. */
const tries = 3

export function createSession(open: (role: 'terminal' | 'service') => Promise<EngineAccess>, means: Means): Session {
  const connection = createConnection(() => open('terminal'), means.output, means.interrupts)
  const newPassword = (kind: ChosenKind) => chosenPassword(kind, means)
  const operator = createOperator(connection, means)
  const confirm = async (question: string, preset = false) => {
    if (means.yes) return true
    if (!means.ask.possible) throw new UsageError('confirmation')
    return means.ask.confirm(question, preset)
  }
  return {
    ...means,
    ...operator,
    serve: () => open('service'),
    client: connection.client,
    current: () => connection.current,
    state: async () => (await connection.client()).app.state({}),
    withKeyPassword: createKeyPassword(means),
    withDatabasePassword: (login, call) => callWithDatabasePassword(means, login, call),
    newPassword,
    confirm,
    async consider(findings, question) {
      const blocking = findings.find(
        ({ level, code }) => level === 'error' || (means.yes && level === 'warning' && choices.has(code)),
      )
      for (const finding of findings) if (finding !== blocking) means.output.finding(finding)
      if (blocking) throw new Failure(blocking.code, blocking.details)
      const warned = findings.some((finding) => finding.level === 'warning')
      if (warned && !(await confirm(question))) throw new Failure('cancelled')
    },
    close: connection.close,
  }
}

async function chosenPassword(kind: ChosenKind, { passwords, yes, ask, output }: Means): Promise<string> {
  const given = passwords.given(kind)
  if (given !== undefined) {
    const agreed = yes || !ask.possible || (await ask.confirm(output.t(`terminal.password.${kind}-use-given`), true))
    if (agreed) return given
  }
  if (!ask.possible) throw passwordMissing(kind, output.t)
  return ask.newPassword(output.t(`terminal.password.${kind}-new`))
}

/** The administrator password's part of a session. It is kept for as long as the command runs, for when a grant runs out. */
function createOperator(
  connection: Connection,
  { output, passwords, ask }: Means,
): Pick<Session, 'unlock' | 'operatorPassword' | 'guarded'> {
  const { t } = output
  let password: string | undefined
  let unlocked: Client | undefined

  async function attempt(tried: string): Promise<void> {
    const client = await connection.client()
    await client.operator.unlock({ password: tried })
    password = tried
    unlocked = client
  }

  async function unlock(): Promise<void> {
    const client = await connection.client()
    if (unlocked === client) return
    if (!(await client.app.state({})).operatorSet) return
    const known = password ?? passwords.given('operator')
    if (known !== undefined) return attempt(known)
    if (!ask.possible) throw passwordMissing('operator', t)
    return retyped(
      'operator-wrong',
      async () => attempt(await ask.password(t('terminal.password.operator-ask'))),
      () => output.note(t('terminal.password.operator-again')),
    )
  }

  async function guarded<T>(call: (client: Client) => Promise<T>): Promise<T> {
    try {
      return await call(await connection.client())
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'operator-needed') throw error
      unlocked = undefined
      await unlock()
      return call(await connection.client())
    }
  }

  async function operatorPassword(): Promise<string> {
    await unlock()
    if (password === undefined) throw new Failure('operator-unset')
    return password
  }
  return { unlock, operatorPassword, guarded }
}

/** The key's part of a session. A password that opened something is not asked for again. */
function createKeyPassword({ output, passwords, ask, progress }: Means): Session['withKeyPassword'] {
  let known: string | undefined
  return async (call) => {
    const fixed = known ?? passwords.given('key')
    if (fixed !== undefined) return call(fixed)
    if (!ask.possible) throw passwordMissing('key', output.t)
    const attempt = async () => {
      const typed = await ask.password(output.t('terminal.password.key-ask'))
      const result = await call(typed)
      known = typed
      return result
    }
    return retyped('wrong-password', attempt, () => {
      progress.end()
      output.note(output.t('terminal.password.key-again'))
    })
  }
}

async function callWithDatabasePassword<T>(
  { output, passwords, ask, progress }: Means,
  login: Login,
  call: (password: string) => Promise<T>,
): Promise<T> {
  const given = passwords.given('database')
  if (given !== undefined) return call(given)
  if (!ask.possible) throw passwordMissing('database', output.t)
  const user = visible(login.user)
  const question =
    login.name === undefined
      ? output.t('terminal.password.server-ask', { server: visible(serverOf(login)), user })
      : output.t('terminal.password.database-ask', { name: visible(login.name), user })
  return retyped(
    'database-denied',
    async () => call(await ask.password(question)),
    () => {
      progress.end()
      output.note(output.t('terminal.password.database-again'))
    },
  )
}

/** Tries up to three times while `attempt` fails with `code`. */
export async function retyped<T>(code: Failure['code'], attempt: () => Promise<T>, again: () => void): Promise<T> {
  for (let left = tries; ; left -= 1) {
    try {
      return await attempt()
    } catch (error) {
      if (left === 1 || !(error instanceof Failure) || error.code !== code) throw error
      again()
    }
  }
}

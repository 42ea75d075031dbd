// `arche key import`: keys of LabBook, of a medium, or of another Arche. A medium may have been in anybody's hands, so each key is shown first.
// Guarantees: nobody's key is added without a yes to its fingerprint, given here or beforehand (`--recipient`): `--yes` does not stand for that; a
// pair of keys only with its password. Nothing is changed before all that is answered.

import { Failure } from '../../api/failure.ts'
import type { ImportedKey, PairChoice } from '../../api/model.ts'
import { isForLabbook } from '../../api/plan-source.ts'
import { visible } from '../../api/text/visible.ts'
import { finish } from '../finish.ts'
import { absolute } from '../names.ts'
import { passwordMissing } from '../passwords.ts'
import type { Session } from '../session.ts'
import { UsageError } from '../usage.ts'
import { grouped, keyTable, tellLabbook } from './key.ts'

export interface ImportOptions {
  /** Fingerprints agreed to. */
  recipient?: string[]
  /** `--no-recipients`: nobody else's keys. */
  recipients?: boolean
}

export async function keyImport(session: Session, typed: string, options: ImportOptions): Promise<number> {
  const { output } = session
  const folder = absolute(typed)
  const { keys, odd } = await session.guarded((client) => client.key.look({ folder }))
  for (const problem of odd) output.finding({ ...problem, level: 'warning' })
  const fresh = keys.filter(({ state }) => state !== 'known')
  if (session.ask.possible && fresh.length > 0) for (const line of keyTable(fresh, output)) output.note(line)
  const recipients = await choosePeople(session, keys, options)
  const pairs = await provePairs(
    session,
    folder,
    fresh.filter(({ kind }) => kind === 'own'),
  )
  const taken = await session.guarded((client) => client.key.import({ folder, pairs, recipients }))
  for (const { password } of pairs.slice(0, 1))
    if (
      await concernsLabbook(
        session,
        taken.map(({ name }) => name),
      )
    )
      tellLabbook(session, password)
  if (taken.some((key) => key.kind === 'own' && !key.active)) output.note(output.t('terminal.key.use-hint'))
  for (const line of taken.length > 0 ? keyTable(taken, output) : []) output.say(line)
  const refused = fresh.length > 0 && taken.length === 0
  const said = refused
    ? output.t('terminal.key.none-taken')
    : output.t('terminal.key.imported', { count: taken.length })
  return finish(session, 'key import', { keys: taken }, said)
}

async function concernsLabbook(session: Session, names: readonly string[]): Promise<boolean> {
  const { plans } = await session.state()
  return names.some((name) => /labbook/i.test(name)) || plans.some(({ source }) => isForLabbook(source))
}

/** Fingerprints of the other people's keys to be taken. A newer copy of one that is here needs no further yes. */
async function choosePeople(session: Session, keys: readonly ImportedKey[], options: ImportOptions): Promise<string[]> {
  const { ask, yes, output } = session
  const named = (options.recipient ?? []).map((typed) => fingerprintTyped(typed, keys))
  const people = keys.filter(({ kind, state }) => kind === 'recipient' && state !== 'known')
  const chosen = people.filter(({ state, fingerprint }) => state === 'newer' || named.includes(fingerprint))
  const unnamed: ImportedKey[] = []
  for (const key of options.recipients === false ? [] : people.filter((one) => !chosen.includes(one))) {
    if (key.problem) output.finding({ ...key.problem, level: 'warning' })
    else unnamed.push(key)
  }
  if (unnamed.length > 0 && (yes || !ask.possible)) {
    const known = unnamed.map(({ name, fingerprint }) => `${visible(name)} (${grouped(fingerprint)})`).join(', ')
    const option = `--recipient ${unnamed.map(({ fingerprint }) => fingerprint).join(' ')}`
    throw new UsageError('recipients-unnamed', { keys: known, option })
  }
  for (const key of unnamed) {
    const words = { name: visible(key.name), fingerprint: grouped(key.fingerprint) }
    if (await ask.confirm(output.t('terminal.key.take-recipient', words), false)) chosen.push(key)
  }
  return chosen.map(({ fingerprint }) => fingerprint)
}

/** The whole of it: the end of one is easily made to fit. */
function fingerprintTyped(typed: string, keys: readonly ImportedKey[]): string {
  const wanted = typed.replaceAll(/\s/g, '').toUpperCase()
  if (keys.some(({ kind, fingerprint }) => kind === 'recipient' && fingerprint === wanted)) return wanted
  throw new UsageError('no-such-key', { name: visible(typed) })
}

/** Those whose password is known. Of several, some may be left out; none at all is a failure. */
async function provePairs(session: Session, folder: string, pairs: readonly ImportedKey[]): Promise<PairChoice[]> {
  const proven: PairChoice[] = []
  let wrong: Failure | undefined
  for (const { fingerprint, name } of pairs) {
    try {
      const password = await passwordOf(session, folder, { fingerprint, name })
      if (password !== undefined) proven.push({ fingerprint, password })
    } catch (error) {
      if (!(error instanceof Failure) || !leavesOut.has(error.code)) throw error
      wrong ??= error
      session.output.note(session.output.t('terminal.key.pair-left', { fingerprint: grouped(fingerprint) }))
      if (error.code !== 'wrong-password') session.output.finding({ ...error.toProblem(), level: 'warning' })
    }
  }
  if (proven.length === 0 && wrong) throw wrong
  return proven
}

const leavesOut = new Set<Failure['code']>(['wrong-password', 'key-unprotected', 'bad-key-file'])

/** Given, else typed; Enter alone leaves the pair out. */
async function passwordOf(
  session: Session,
  folder: string,
  { fingerprint, name }: Pick<ImportedKey, 'fingerprint' | 'name'>,
): Promise<string | undefined> {
  const { ask, output, passwords } = session
  const opens = async (password: string) => {
    await session.guarded((client) => client.key.prove({ folder, fingerprint, password }))
    return password
  }
  const given = passwords.given('key')
  if (given === undefined && !ask.possible) throw passwordMissing('key', output.t)
  if (given !== undefined && !ask.possible) return opens(given)
  if (given !== undefined) {
    const fits = await opens(given).catch(unlessWrong)
    if (fits !== undefined) return fits
  }
  const words = { name: visible(name), fingerprint: grouped(fingerprint) }
  for (;;) {
    const typed = await ask.password(output.t('terminal.password.pair-ask', words), { optional: true })
    if (typed === '') return undefined
    const fits = await opens(typed).catch(unlessWrong)
    if (fits !== undefined) return fits
    output.note(output.t('terminal.password.key-again'))
  }
}

function unlessWrong(error: unknown): undefined {
  if (error instanceof Failure && error.code === 'wrong-password') return undefined
  throw error
}

// `arche key …`: the backup key, its recovery sheet, further recipients, and its password in the keychain.
// Guarantees: a new key's password is typed twice and never shown; files are written only where none was, or after a yes.
// Does not make keys: the engine does.

import { Failure } from '../../api/failure.ts'
import { keyProblems } from '../../api/key-expiry.ts'
import { passesLabbook } from '../../api/labbook-password.ts'
import type { KeyInfo } from '../../api/model.ts'
import { isForLabbook } from '../../api/plan-source.ts'
import { visible } from '../../api/text/visible.ts'
import { exitCodes } from '../exit-codes.ts'
import { finish } from '../finish.ts'
import { readGiven, writeNew } from '../given-files.ts'
import { table } from '../layout.ts'
import { absolute } from '../names.ts'
import type { Output } from '../output.ts'
import type { Session } from '../session.ts'

/** "ABCD 1234 …": a fingerprint as people compare it. */
export function grouped(fingerprint: string): string {
  return fingerprint.replace(/(.{4})(?=.)/g, '$1 ')
}

export async function keyNew(session: Session, options: { name?: string; remember?: boolean }): Promise<number> {
  await session.unlock()
  // One that was given and is none is told before anything is asked.
  session.passwords.given('key')
  const instead = await agreeToAnother(session)
  const key = await createKey(session, { ...options, instead })
  session.output.emit('result', { command: 'key new', outcome: 'success', exitCode: exitCodes.success, key })
  return exitCodes.success
}

/**
 * Another key than the one in use is made only after a yes, which says what stays. True: the one in use is lost or damaged, and a person who has seen that
 * wants a new one; `--yes` alone does not mean that.
 */
async function agreeToAnother(session: Session): Promise<boolean> {
  const { output, ask, yes } = session
  const { keys, keyTrouble } = await session.state()
  if (keyTrouble) {
    if (yes || !ask.possible) throw new Failure(keyTrouble.code, keyTrouble.details)
    output.finding({ ...keyTrouble, level: 'warning' })
    if (!(await ask.confirm(output.t('terminal.key.instead'), false))) throw new Failure('cancelled')
    return true
  }
  const active = keys.find((key) => key.kind === 'own' && key.active)
  if (!active) return false
  output.note(output.t('terminal.key.stays', { fingerprint: grouped(active.fingerprint) }))
  if (!(await session.confirm(output.t('terminal.key.another')))) throw new Failure('cancelled')
  return false
}

interface Making {
  readonly name?: string
  readonly remember?: boolean
  /** In the place of one that is lost. */
  readonly instead?: boolean
  /** A LabBook server is about to be backed up with it. */
  readonly labbook?: boolean
}

/** Explains, asks for the password twice, makes the key. */
export async function createKey(session: Session, { labbook, ...making }: Making = {}): Promise<KeyInfo> {
  const { t, note, say } = session.output
  note(t('terminal.key.explain'))
  const password = await session.newPassword('key')
  if (labbook || (await plansLabbook(session))) tellLabbook(session, password)
  note(t('terminal.key.making'))
  const { name, remember = false, instead = false } = making
  const key = await session.guarded((client) =>
    client.key.create({ password, remember, instead, ...(name === undefined ? {} : { name }) }),
  )
  say(t('terminal.key.made', { fingerprint: grouped(key.fingerprint) }))
  say(t('terminal.key.sheet-advice'))
  return key
}

async function plansLabbook(session: Session): Promise<boolean> {
  return (await session.state()).plans.some(({ source }) => isForLabbook(source))
}

/** A password that LabBook's own restore would lose. */
export function tellLabbook({ output }: Pick<Session, 'output'>, password: string): void {
  if (!passesLabbook(password)) output.finding({ code: 'labbook-password', details: {}, level: 'info' })
}

/** Offers to make a backup key when there is none yet; one that is lost or damaged is named instead (`key-lost`, `key-damaged`). */
export async function ensureKey(session: Session, { labbook = false } = {}): Promise<void> {
  const { keys, keyTrouble } = await session.state()
  if (keyTrouble) throw new Failure(keyTrouble.code, keyTrouble.details)
  if (keys.some((key) => key.kind === 'own' && key.active)) return
  const { t, note } = session.output
  note(t('terminal.key.none'))
  if (!(await session.confirm(t('terminal.key.make-now'), true))) throw new Failure('no-key')
  await createKey(session, { labbook })
}

export async function keyList(session: Session): Promise<number> {
  const { keys, keychain, keyTrouble } = await session.state()
  const { output } = session
  const { t, say } = output
  output.emit('result', {
    command: 'key list',
    outcome: 'success',
    exitCode: exitCodes.success,
    keys,
    remembered: keychain.remembered,
  })
  if (keys.length === 0 && !keyTrouble) say(t('terminal.key.none'))
  for (const line of keys.length === 0 ? [] : keyTable(keys, output)) say(line)
  if (keychain.remembered) say(t('terminal.key.remembered'))
  for (const finding of keyProblems({ keys, keyTrouble }, Date.now())) output.finding(finding)
  return exitCodes.success
}

export function keyTable(keys: readonly KeyInfo[], output: Output): string[] {
  const { t, time } = output
  const columns = ['fingerprint', 'kind', 'name', 'created', 'expires'].map((name) => ({
    title: t(`terminal.column.${name}`),
  }))
  const rows = keys.map((key) => [
    key.fingerprint,
    t(`terminal.key.kind.${key.kind === 'recipient' ? 'recipient' : key.active ? 'active' : 'older'}`),
    visible(key.name),
    time(key.createdAt),
    key.expiresAt ? time(key.expiresAt) : t('terminal.key.never'),
  ])
  return table(columns, rows)
}

/** Uses another pair that is here for new backups. */
export async function keyUse(session: Session, typed: string): Promise<number> {
  const key = await keyTyped(session, typed, 'own')
  const used = await session.guarded((client) => client.key.activate({ fingerprint: key.fingerprint }))
  const { t } = session.output
  return finish(session, 'key use', { key: used }, t('terminal.key.used', { fingerprint: grouped(used.fingerprint) }))
}

/** A key by its fingerprint, or the end of one. */
async function keyTyped(session: Session, typed: string, kind: KeyInfo['kind']): Promise<KeyInfo> {
  const wanted = typed.replaceAll(/\s/g, '').toUpperCase()
  const { keys } = await session.state()
  const found = keys.filter((key) => key.kind === kind && wanted.length >= 8 && key.fingerprint.endsWith(wanted))
  const [key] = found
  if (!key || found.length > 1) throw new Failure('not-found', { name: typed })
  return key
}

/** Writes the recovery sheet; `-` is stdout. */
export async function keySheet(session: Session, options: { out?: string }): Promise<number> {
  const { output } = session
  const { fingerprint, html } = await (await session.client()).key.sheet({ language: output.language })
  if (options.out === '-') {
    output.say(html)
    output.emit('result', { command: 'key sheet', outcome: 'success', exitCode: exitCodes.success, fingerprint, html })
    return exitCodes.success
  }
  const path = absolute(options.out ?? `arche-recovery-sheet-${fingerprint.slice(-16)}.html`)
  await writeNew(session, path, html)
  output.emit('result', { command: 'key sheet', outcome: 'success', exitCode: exitCodes.success, fingerprint, path })
  output.say(output.t('terminal.key.sheet-written', { path: visible(path) }))
  return exitCodes.success
}

export async function recipientAdd(session: Session, file: string): Promise<number> {
  const armored = await readGiven(file, 1_000_000)
  const key = await session.guarded((client) => client.key.addRecipient({ armored }))
  return finish(
    session,
    'key recipient add',
    { key },
    session.output.t(`terminal.key.${key.replaced ? 'recipient-replaced' : 'recipient-added'}`, {
      name: visible(key.name),
      fingerprint: grouped(key.fingerprint),
    }),
  )
}

export async function recipientRemove(session: Session, typed: string): Promise<number> {
  const { fingerprint, name } = await keyTyped(session, typed, 'recipient')
  await session.guarded((client) => client.key.removeRecipient({ fingerprint }))
  const { t } = session.output
  return finish(
    session,
    'key recipient remove',
    { fingerprint },
    t('terminal.key.recipient-removed', { name: visible(name) }),
  )
}

export async function keyRemember(session: Session): Promise<number> {
  const { keychain } = await session.state()
  if (keychain.problem) throw new Failure(keychain.problem.code, keychain.problem.details)
  await session.unlock()
  await session.withKeyPassword((password) => session.guarded((client) => client.key.remember({ password })))
  return finish(session, 'key remember', {}, session.output.t('terminal.key.now-remembered'))
}

export async function keyForget(session: Session): Promise<number> {
  await session.guarded((client) => client.key.forget({}))
  return finish(session, 'key forget', {}, session.output.t('terminal.key.forgotten'))
}

// `arche key …`: the backup key, its recovery sheet, further recipients, and its password in the keychain.
// Guarantees: a new key's password is typed twice and never shown; files are written only where none was, or after a yes.
// Does not make keys: the engine does.
import { Failure } from '../../api/failure.ts'
import type { KeyInfo } from '../../api/model.ts'
import { visible } from '../../api/text/visible.ts'
import { exitCodes } from '../exit-codes.ts'
import { finish } from '../finish.ts'
import { readGiven, writeNew } from '../given-files.ts'
import { table } from '../layout.ts'
import { absolute } from '../names.ts'
import type { Output } from '../output.ts'
import type { Session } from '../session.ts'

/** "ABCD 1234 …": a fingerprint as people compare it. */
function grouped(fingerprint: string): string {
  return fingerprint.replace(/(.{4})(?=.)/g, '$1 ')
}

export async function keyNew(session: Session, options: { name?: string; remember?: boolean }): Promise<number> {
  await session.unlock()
  const key = await createKey(session, options)
  session.output.emit('result', { command: 'key new', outcome: 'success', exitCode: exitCodes.success, key })
  return exitCodes.success
}

/** Explains, asks for the password twice, makes the key. */
export async function createKey(
  session: Session,
  options: { name?: string; remember?: boolean } = {},
): Promise<KeyInfo> {
  const { t, note, say } = session.output
  note(t('terminal.key.explain'))
  const password = await session.newPassword('key')
  note(t('terminal.key.making'))
  const { name, remember } = options
  const key = await session.guarded((client) =>
    client.key.create({ password, remember: remember === true, ...(name === undefined ? {} : { name }) }),
  )
  say(t('terminal.key.made', { fingerprint: grouped(key.fingerprint) }))
  say(t('terminal.key.sheet-advice'))
  return key
}

/** Offers to make a backup key when there is none that could be used. */
export async function ensureKey(session: Session): Promise<void> {
  const { keys } = await session.state()
  if (keys.some((key) => key.kind === 'own' && key.active)) return
  const { t, note } = session.output
  note(t('terminal.key.none'))
  if (!(await session.confirm(t('terminal.key.make-now'), true))) throw new Failure('no-key')
  await createKey(session)
}

export async function keyList(session: Session): Promise<number> {
  const { keys, keychain } = await session.state()
  const { output } = session
  const { t, say } = output
  output.emit('result', {
    command: 'key list',
    outcome: 'success',
    exitCode: exitCodes.success,
    keys,
    remembered: keychain.remembered,
  })
  if (keys.length === 0) say(t('terminal.key.none'))
  else for (const line of keyTable(keys, output)) say(line)
  if (keychain.remembered) say(t('terminal.key.remembered'))
  for (const key of keys) if (key.problem) output.finding({ ...key.problem, level: 'warning' })
  return exitCodes.success
}

function keyTable(keys: readonly KeyInfo[], output: Output): string[] {
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

/** Takes over the keys of LabBook, or of another Arche. */
export async function keyImport(session: Session, typed: string): Promise<number> {
  const { t, say } = session.output
  const keys = await session.guarded((client) => client.key.import({ folder: absolute(typed) }))
  if (keys.length > 0) for (const line of keyTable(keys, session.output)) say(line)
  return finish(session, 'key import', { keys }, t('terminal.key.imported', { count: keys.length }))
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
    session.output.t('terminal.key.recipient-added', {
      name: visible(key.name),
      fingerprint: grouped(key.fingerprint),
    }),
  )
}

export async function recipientRemove(session: Session, typed: string): Promise<number> {
  const wanted = typed.replaceAll(/\s/g, '').toUpperCase()
  const { keys } = await session.state()
  const found = keys.filter((key) => key.kind === 'recipient' && wanted.length >= 8 && key.fingerprint.endsWith(wanted))
  const [key] = found
  if (!key || found.length > 1) throw new Failure('not-found', { name: typed })
  await session.guarded((client) => client.key.removeRecipient({ fingerprint: key.fingerprint }))
  return finish(
    session,
    'key recipient remove',
    { fingerprint: key.fingerprint },
    session.output.t('terminal.key.recipient-removed', { name: visible(key.name) }),
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

// `arche place …`: places that keep backups, configured once: a folder, or an account of a server.
// Guarantees: before anything secret is sent the host key of a new server is shown, and a person says yes, or it was given (`--host-key`): `--yes` is no
// answer to that. Passwords and keys are asked for or given as every other password, never as arguments.
// Connects to nothing: the engine does.
import { Failure } from '../../api/failure.ts'
import { type Place, type PlaceSeen, parseAddress, type StoreSpec, whereIs } from '../../api/place.ts'
import { describe } from '../../api/text/text.ts'
import { visible } from '../../api/text/visible.ts'
import { exitCodes } from '../exit-codes.ts'
import { finish } from '../finish.ts'
import { facts, table } from '../layout.ts'
import { absolute, placeNamed } from '../names.ts'
import type { Output } from '../output.ts'
import { unlockPlace, withPlaceSecrets } from '../place-secrets.ts'
import type { Session } from '../session.ts'
import { UsageError } from '../usage.ts'
import { roomFacts } from './keep.ts'
import { makeReady } from './medium.ts'
import { noteFacts } from './place-note.ts'

export interface PlaceAddOptions {
  name?: string
  keyFile?: string
  hostKey?: string
  /** A new place, whatever was here before. */
  new?: boolean
}

type Address = NonNullable<ReturnType<typeof parseAddress>>

/** A name that a place has already means that place: how it is reached is changed. */
export async function placeAdd(session: Session, typed: string, options: PlaceAddOptions): Promise<number> {
  const { t, note } = session.output
  const address = parseAddress(typed)
  if (!address && /^[a-z][a-z0-9+.-]*:\/\//i.test(typed)) throw new UsageError('bad-address', { value: visible(typed) })
  const { places = [] } = await session.state()
  const old = options.name === undefined ? undefined : places.find(({ name }) => name === options.name)
  if (old) {
    const words = { name: visible(old.name), path: visible(whereIs(old.store)) }
    if (!(await session.confirm(t('terminal.place.change-ask', words)))) throw new Failure('cancelled')
  }
  const { place, adopted } = address
    ? await addServer(session, address, options, old)
    : await addFolder(session, absolute(typed), options, old)
  const words = { name: visible(place.name), path: visible(whereIs(place.store)) }
  if (adopted && !old) note(t('terminal.place.adopted'))
  return finish(session, 'place add', { place, adopted }, t('terminal.place.saved', words))
}

interface Saved {
  readonly place: Place
  readonly adopted: boolean
}

async function addServer(
  session: Session,
  address: Address,
  { name, keyFile, hostKey: given }: PlaceAddOptions,
  old: Place | undefined,
): Promise<Saved> {
  const hostKey = given === undefined ? await agreedHostKey(session, address, old?.store) : printed(given)
  const store = { ...address, hostKey }
  const draft = { store, ...(name === undefined ? {} : { name }), ...(old ? { id: old.id } : {}) }
  await session.unlock()
  // What is kept for the account is taken again, unless something else is given.
  const kept = old && keyFile === undefined && session.passwords.given('place') === undefined
  if (kept && sameAccount(old.store, store)) {
    const [seen] = await (await session.client()).place.list({ id: old.id })
    if (seen && !seen.locked) return session.guarded((client) => client.place.save({ draft }))
  }
  return withPlaceSecrets(session, { store, keyFile }, async (secrets) => {
    const save = (remember: boolean) =>
      session.guarded((client) => client.place.save({ draft, secrets, remember }, signalOf(session)))
    try {
      return await save(true)
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'no-keychain') throw error
      const saved = await save(false)
      session.output.warning(error.toProblem())
      session.output.note(session.output.t('terminal.place.not-kept'))
      return saved
    }
  })
}

function signalOf({ interrupts: { signal } }: Session): { signal: AbortSignal } {
  return { signal }
}

function sameAccount(one: StoreSpec, other: StoreSpec): boolean {
  if (one.kind !== 'sftp' || other.kind !== 'sftp') return false
  return one.host === other.host && (one.port ?? 22) === (other.port ?? 22) && one.user === other.user
}

function printed(hostKey: string): string {
  const trimmed = hostKey.trim().replace(/=$/, '')
  if (/^SHA256:[A-Za-z0-9+/]{43}$/.test(trimmed)) return trimmed
  throw new UsageError('bad-value', { name: '--host-key', value: visible(hostKey), command: 'arche place add' })
}

/** The host key of the server, once a person has seen it; the one that is known needs no second look. */
async function agreedHostKey(session: Session, address: Address, known: StoreSpec | undefined): Promise<string> {
  const { output, ask } = session
  const { host, port } = address
  const where = port === undefined ? { host } : { host, port }
  const { type, fingerprint } = await (await session.client()).place.look(where, signalOf(session))
  if (known?.kind === 'sftp' && known.hostKey === fingerprint && known.host === host) return fingerprint
  const server = port === undefined ? host : `${host}:${port}`
  if (!ask.possible) throw new Failure('place-host-key-new', { name: server, found: fingerprint, type })
  for (const line of facts([
    [output.t('terminal.place.server'), visible(server)],
    [output.t('terminal.place.host-key'), `${fingerprint} (${visible(type)})`],
  ]))
    output.note(line)
  output.note(output.t('terminal.place.host-key-why'))
  if (!(await ask.confirm(output.t('terminal.place.host-key-ask'), false))) throw new Failure('cancelled')
  return fingerprint
}

async function addFolder(
  session: Session,
  path: string,
  { name, new: asNew }: PlaceAddOptions,
  old: Place | undefined,
): Promise<Saved> {
  const client = await session.client()
  const { medium } = await client.medium.check({ medium: path }, signalOf(session))
  const adopted = medium.initialised && medium.id !== undefined
  const named = name === undefined ? {} : { name }
  if (!adopted && !old) await makeReady(session, path, { ...named, ...(asNew ? { new: true } : {}) })
  const draft = { store: { kind: 'folder' as const, path }, ...named, ...(old ? { id: old.id } : {}) }
  const { place } = await session.guarded((guarded) => guarded.place.save({ draft }))
  return { place, adopted }
}

/** Exit 3 when one was asked and is not fine. */
export async function placeList(session: Session, { test = false }: { test?: boolean }): Promise<number> {
  const { output } = session
  const client = await session.client()
  const seen = await client.place.list({ ask: test }, signalOf(session))
  // Asked after that: what is free there may be known only now.
  const state = await session.state()
  const space = state.space ?? []
  const places = seen.map((one) => ({ ...one, space: space.filter(({ place }) => place === one.place.id) }))
  if (places.length === 0) output.say(output.t('terminal.place.none'))
  else for (const line of placeTable(places, output)) output.say(line)
  const here = places.flatMap((one) => one.space)
  for (const line of facts(roomFacts(state, here, output))) output.say(line)
  for (const line of facts(
    noteFacts(
      state,
      seen.map(({ place }) => place),
    ),
  ))
    output.say(line)
  const wrong = places.flatMap(({ place, state }) => (state?.problem ? [{ place, problem: state.problem }] : []))
  for (const { problem } of wrong) output.warning(problem)
  if (wrong.length === 0) return finish(session, 'place list', { places })
  output.emit('result', { command: 'place list', outcome: 'warning', exitCode: exitCodes.warning, places })
  return exitCodes.warning
}

function placeTable(places: readonly PlaceSeen[], output: Output): string[] {
  const { t, bytes, time } = output
  const columns = [
    { title: t('terminal.column.name') },
    { title: t('terminal.column.path') },
    { title: t('terminal.column.free'), align: 'right' as const },
    { title: t('terminal.column.state') },
    { title: t('terminal.column.last-backup') },
  ]
  const rows = places.map((seen) => [
    visible(seen.place.name),
    visible(whereIs(seen.place.store)),
    seen.state?.free === undefined ? '—' : bytes(seen.state.free),
    stateWords(seen, output),
    seen.state?.newest === undefined ? '—' : time(seen.state.newest),
  ])
  return table(columns, rows)
}

function stateWords({ locked, state }: PlaceSeen, { t, language }: Output): string {
  if (state?.problem) return describe(state.problem, language).text
  if (state) return t('terminal.place.state.fine')
  return locked ? t('terminal.place.state.locked') : '—'
}

export async function placeTest(session: Session, typed: string): Promise<number> {
  const { t, bytes } = session.output
  const place = placeNamed(typed, await session.state())
  await unlockPlace(session, place)
  const trial = await session.guarded((client) => client.place.test({ id: place.id }, signalOf(session)))
  const { up, down, free } = trial
  const rates = { up: bytes(Math.round(up)), down: bytes(Math.round(down)) }
  session.output.say(t('terminal.place.tested', { name: visible(place.name), size: bytes(trial.bytes) }))
  for (const line of facts([
    [t('terminal.place.rate'), t('terminal.place.rates', rates)],
    ...(free === undefined ? [] : [[t('terminal.column.free'), bytes(free)] as const]),
  ]))
    session.output.say(line)
  return finish(session, 'place test', { place, trial })
}

export async function placeRemove(session: Session, typed: string): Promise<number> {
  const { t } = session.output
  const place = placeNamed(typed, await session.state())
  const words = { name: visible(place.name), path: visible(whereIs(place.store)) }
  if (!(await session.confirm(t('terminal.place.remove-ask', words)))) throw new Failure('cancelled')
  await session.guarded((client) => client.place.remove({ id: place.id }))
  return finish(session, 'place remove', { place }, t('terminal.place.removed', words))
}

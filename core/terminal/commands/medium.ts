// `arche medium …`: the media that are connected, making one ready for backups, ejecting it.
// Guarantees: what speaks against a medium is shown before it is initialised, and warnings are asked about.
// Does not look for drives: the engine does.
import { Failure } from '../../api/failure.ts'
import type { Medium } from '../../api/model.ts'
import { visible } from '../../api/text/visible.ts'
import { finish } from '../finish.ts'
import { facts, table } from '../layout.ts'
import { absolute, mediumRef } from '../names.ts'
import type { Output } from '../output.ts'
import { readyPlace } from '../place-secrets.ts'
import { choices, type Session } from '../session.ts'
import { noteFacts } from './place-note.ts'

export async function mediumList(session: Session): Promise<number> {
  const { output } = session
  const client = await session.client()
  const media = await client.medium.list({}, { signal: session.interrupts.signal })
  const state = await session.state()
  const { known } = state
  const away = known.filter((one) => !media.some((medium) => medium.id === one.id))
  if (media.length === 0) output.say(output.t('terminal.medium.none'))
  else for (const line of mediumTable(media, output)) output.say(line)
  if (away.length > 0)
    output.say(output.t('terminal.medium.away', { names: away.map((one) => visible(one.name)).join(', ') }))
  for (const line of facts(noteFacts(state, known))) output.say(line)
  return finish(session, 'medium list', { media, known })
}

function mediumTable(media: readonly Medium[], output: Output): string[] {
  const { t, bytes, time } = output
  const columns = [
    { title: t('terminal.column.name') },
    { title: t('terminal.column.path') },
    { title: t('terminal.column.free'), align: 'right' as const },
    { title: t('terminal.column.size'), align: 'right' as const },
    { title: t('terminal.column.state') },
    { title: t('terminal.column.last-backup') },
  ]
  const rows = media.map((medium) => [
    visible(medium.name),
    visible(medium.path),
    medium.free === undefined ? '—' : bytes(medium.free),
    medium.size === undefined ? '—' : bytes(medium.size),
    t(`terminal.medium.state.${stateOf(medium)}`),
    medium.lastBackup ? time(medium.lastBackup) : '—',
  ])
  return table(columns, rows)
}

function stateOf(medium: Medium): string {
  if (medium.initialised) return medium.readOnly ? 'ready-read-only' : 'ready'
  if (medium.system) return 'system'
  return medium.readOnly ? 'read-only' : 'new'
}

export interface InitOptions {
  name?: string
  /** A new medium, whatever was here before. */
  new?: boolean
}

/** PATH is always a path here: what is to be made ready is shown by pointing at it. A known name works too. */
export async function mediumInit(session: Session, typed: string, options: InitOptions): Promise<number> {
  const ref = mediumRef(typed, await session.state())
  const medium = await makeReady(session, ref, options)
  return finish(
    session,
    'medium init',
    { medium },
    session.output.t('terminal.medium.initialised', { name: visible(medium.name), path: visible(medium.path) }),
  )
}

/** Shows the findings, asks, initialises. No: Failure `cancelled`. */
export async function makeReady(session: Session, ref: string, options: InitOptions = {}): Promise<Medium> {
  const { t } = session.output
  const client = await session.client()
  const { medium, findings } = await client.medium.check({ medium: ref }, { signal: session.interrupts.signal })
  const notYet = findings.filter(({ code }) => code !== 'not-initialised' && !(options.new && choices.has(code)))
  const shown = { name: visible(medium.name), path: visible(medium.path) }
  const warned = notYet.some((finding) => finding.level === 'warning')
  await session.consider(notYet, t('terminal.medium.init-anyway', shown))
  if (!warned && !(await session.confirm(t('terminal.medium.init-ask', shown), true))) throw new Failure('cancelled')
  const name = options.name === undefined ? {} : { name: options.name }
  return session.guarded((guarded) => guarded.medium.init({ medium: ref, ...name, asNew: true }))
}

export async function mediumEject(session: Session, typed: string): Promise<number> {
  const ref = mediumRef(typed, await session.state())
  await (await session.client()).medium.eject({ medium: ref })
  return finish(
    session,
    'medium eject',
    { medium: ref },
    session.output.t('terminal.medium.ejected', { name: visible(typed) }),
  )
}

/**
 * A medium named after `--from`, as the engine wants it; without: the only one that is ready, or the one that a person chooses. Failures:
 * `no-medium`, `several-media`, each with what is connected.
 */
export async function fromMedium(session: Session, typed: string | undefined): Promise<string> {
  const { output, ask, interrupts } = session
  if (typed !== undefined) {
    const named = mediumRef(typed === '.' ? absolute('.') : typed, await session.state())
    await readyPlace(session, named)
    return named
  }
  const media = await (await session.client()).medium.list({}, { signal: interrupts.signal })
  const ready = media.filter(({ initialised }) => initialised)
  const connected = ready.filter(({ kind }) => !kind)
  const removable = connected.filter(({ fixed }) => !fixed)
  // As for a backup: a folder on a fixed disk is always there, so where a real medium is plugged in, that one is meant; a place in the network last.
  const fitting = [removable, connected, ready].find((some) => some.length > 0) ?? []
  const [only, ...others] = fitting
  if (!only) throw new Failure('no-medium', { found: media.map(titleOf), wanted: '' })
  if (others.length === 0) {
    output.note(output.t('terminal.medium.only', { name: visible(only.name), path: visible(only.path) }))
    await readyPlace(session, only.path)
    return only.path
  }
  if (!ask.possible) throw new Failure('several-media', { found: fitting.map(titleOf), wanted: '' })
  const choices = fitting.map((medium) => ({ value: medium.path, name: visible(titleOf(medium)) }))
  const chosen = await ask.select(output.t('terminal.medium.which'), choices)
  await readyPlace(session, chosen)
  return chosen
}

function titleOf({ name, path }: Medium): string {
  return `${name} (${path})`
}

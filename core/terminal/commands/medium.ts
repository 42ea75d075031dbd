// `arche medium …`: the media that are connected, making one ready for backups, ejecting it.
// Guarantees: what speaks against a medium is shown before it is initialised, and warnings are asked about.
// Does not look for drives: the engine does.
import { Failure } from '../../api/failure.ts'
import type { Medium } from '../../api/model.ts'
import { visible } from '../../api/text/visible.ts'
import { finish } from '../finish.ts'
import { table } from '../layout.ts'
import { absolute, mediumRef } from '../names.ts'
import type { Output } from '../output.ts'
import type { Session } from '../session.ts'

export async function mediumList(session: Session): Promise<number> {
  const { output } = session
  const client = await session.client()
  const media = await client.medium.list({}, { signal: session.interrupts.signal })
  const { known } = await session.state()
  const away = known.filter((one) => !media.some((medium) => medium.id === one.id))
  if (media.length === 0) output.say(output.t('terminal.medium.none'))
  else for (const line of mediumTable(media, output)) output.say(line)
  if (away.length > 0)
    output.say(output.t('terminal.medium.away', { names: away.map((one) => visible(one.name)).join(', ') }))
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

/** PATH is always a path here: what is to be made ready is shown by pointing at it. A known name works too. */
export async function mediumInit(session: Session, typed: string, options: { name?: string }): Promise<number> {
  const ref = mediumRef(typed, await session.state())
  const medium = await makeReady(session, ref, options.name)
  return finish(
    session,
    'medium init',
    { medium },
    session.output.t('terminal.medium.initialised', { name: visible(medium.name), path: visible(medium.path) }),
  )
}

/** Shows the findings, asks, initialises. No: Failure `cancelled`. */
export async function makeReady(session: Session, ref: string, name?: string): Promise<Medium> {
  const { t } = session.output
  const client = await session.client()
  const { medium, findings } = await client.medium.check({ medium: ref }, { signal: session.interrupts.signal })
  const notYet = findings.filter((finding) => finding.code !== 'not-initialised')
  const shown = { name: visible(medium.name), path: visible(medium.path) }
  const warned = notYet.some((finding) => finding.level === 'warning')
  await session.consider(notYet, t('terminal.medium.init-anyway', shown))
  if (!warned && !(await session.confirm(t('terminal.medium.init-ask', shown), true))) throw new Failure('cancelled')
  return session.guarded((guarded) => guarded.medium.init({ medium: ref, ...(name === undefined ? {} : { name }) }))
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

/** A medium named after `--from`; the plain name or path is what the engine gets. */
export async function fromMedium(session: Session, typed: string): Promise<string> {
  return mediumRef(typed === '.' ? absolute('.') : typed, await session.state())
}

// `arche safety …`: what restores replaced and keep aside.
// Guarantees: removing is asked about; the newest restore's files are never offered.
import { Failure } from '../../api/failure.ts'
import { visible } from '../../api/text/visible.ts'
import { finish } from '../finish.ts'
import { table } from '../layout.ts'
import { runNamed, shortId } from '../names.ts'
import type { Session } from '../session.ts'
import { UsageError } from '../usage.ts'

export async function safetyList(session: Session): Promise<number> {
  const { t, say, time } = session.output
  const aside = await (await session.client()).safety.list({})
  const columns = [
    'terminal.column.run',
    'keep.terminal.column-restore',
    'terminal.column.date',
    'keep.terminal.column-due',
    'keep.terminal.column-folders',
  ].map((key) => ({ title: t(key) })) // prettier-ignore
  const rows = aside.map(({ id, subject, time: iso, due, removable, folders }) => [
    shortId(id),
    visible(subject),
    time(iso),
    due === undefined ? t(`keep.terminal.${removable ? 'never' : 'newest-restore'}`) : time(due),
    folders.map(visible).join(', ') || '—',
  ])
  if (rows.length === 0) say(t('keep.terminal.safety-none'))
  else for (const line of table(columns, rows)) say(line)
  return finish(session, 'safety list', { aside })
}

export async function safetyRemove(
  session: Session,
  typed: readonly string[],
  options: { all?: boolean },
): Promise<number> {
  const { t, bytes, say } = session.output
  if (options.all && typed.length > 0) throw new UsageError('conflict', { name: '--all' })
  if (!options.all && typed.length === 0)
    throw new UsageError('missing-argument', { name: t('terminal.arg.run'), command: 'arche safety remove' })
  const client = await session.client()
  const list = (await client.safety.list({})).filter(({ removable }) => removable)
  const runs = options.all ? [] : await client.run.history({ limit: 1000 })
  const named = typed.map((one) => runNamed(one, runs).id)
  const ids = options.all ? list.map(({ id }) => id) : [...new Set(named)]
  if (ids.length === 0) {
    say(t('keep.terminal.safety-none'))
    return finish(session, 'safety remove', { removed: 0, freed: 0 })
  }
  if (!(await session.confirm(t('keep.terminal.safety-ask', { count: ids.length })))) throw new Failure('cancelled')
  const { removed, freed } = await session.guarded((guarded) => guarded.safety.remove({ ids }))
  if (removed < ids.length) session.output.note(t('keep.terminal.safety-some-left'))
  return finish(session, 'safety remove', { removed, freed }, t('keep.terminal.safety-removed', { size: bytes(freed) }))
}

export async function safetyDays(session: Session, typed: string): Promise<number> {
  const days = Number(typed)
  if (!Number.isInteger(days) || days < 0 || days > 3650)
    throw new UsageError('not-number', { name: session.output.t('terminal.arg.days'), value: visible(typed) })
  await session.guarded((client) => client.settings.save({ safetyDays: days }))
  return finish(session, 'safety days', { days }, session.output.t('keep.terminal.safety-days', { count: days }))
}

// `arche place make-room`: older backups are removed from a place, so that the next ones fit.
// Guarantees: what would go, of which plan, and whether that is enough is shown before it is asked about; exactly that is removed, or nothing. Where all
// that may go would not do, nothing is proposed.
import type { RoomPreview } from '../../api/contract-artifact.ts'
import { blocking, Failure } from '../../api/failure.ts'
import { visible } from '../../api/text/visible.ts'
import { exitCodes } from '../exit-codes.ts'
import { finish } from '../finish.ts'
import { followRun } from '../follow.ts'
import { facts, table } from '../layout.ts'
import { planNamed } from '../names.ts'
import { reportRun } from '../run-report.ts'
import type { Session } from '../session.ts'
import { UsageError } from '../usage.ts'
import { fromMedium } from './medium.ts'

export interface MakeRoomOptions {
  plan?: string
  need?: string
  backups?: string
  others?: boolean
}

const command = 'place make-room'

export async function makeRoom(session: Session, typed: string, options: MakeRoomOptions): Promise<number> {
  const { output } = session
  const { t, bytes } = output
  if (options.need !== undefined && options.backups !== undefined)
    throw new UsageError('conflict', { name: '--backups' })
  if (options.others && options.plan === undefined) throw new UsageError('conflict', { name: '--others' })
  const plan = options.plan === undefined ? undefined : planNamed(options.plan, (await session.state()).plans)
  const wanted = {
    medium: await fromMedium(session, typed),
    ...(plan ? { planId: plan.id, others: options.others ?? false } : {}),
    ...(options.need === undefined ? {} : { need: sizeOf(options.need) }),
    ...(options.backups === undefined ? {} : { backups: countOf(options.backups) }),
  }
  const client = await session.client()
  const preview = await client.artifact.previewRoom(wanted, { signal: session.interrupts.signal })
  tell(session, preview)
  const { going, freed, enough } = preview
  if (!enough) {
    output.emit('result', { command, outcome: 'warning', exitCode: exitCodes.warning, ...preview, removed: [] })
    return exitCodes.warning
  }
  if (going.length === 0) return finish(session, command, { ...preview, removed: [] })
  const failure = blocking(preview.findings)
  if (failure) throw failure
  for (const finding of preview.findings) output.finding(finding)
  if (!(await session.confirm(t('keep.terminal.ask', { count: going.length, size: bytes(freed) }))))
    throw new Failure('cancelled')
  const { id } = await session.guarded((guarded) => guarded.artifact.remove({ preview: preview.id }))
  const run = await followRun(session, id)
  return reportRun(session, command, run, [
    [t('keep.terminal.removed'), (run.removed ?? []).map(visible).join('\n') || '—'],
    [t('keep.terminal.freed'), bytes(run.bytes)],
  ])
}

function tell({ output }: Session, { medium, need, free, going, freed, could, enough, heldBack }: RoomPreview): void {
  const { t, say, bytes, time } = output
  for (const line of facts([
    [t('keep.room.place'), visible(medium.name)],
    [t('keep.room.need'), bytes(need)],
    [t('keep.room.free'), bytes(free)],
  ]))
    say(line)
  for (const { plan, problem } of heldBack) output.warning({ ...problem, details: { ...problem.details, name: plan } })
  if (!enough) say(t('keep.room.tooLittle', { size: bytes(could), missing: bytes(need - free - could) }))
  else if (going.length === 0) say(t('keep.room.already'))
  if (going.length === 0) return
  say(t('keep.room.goes', { count: going.length, size: bytes(freed), after: bytes(free + freed) }))
  const columns = [
    { title: t('terminal.column.date') },
    { title: t('terminal.column.plan') },
    { title: t('terminal.column.size'), align: 'right' as const },
    { title: t('terminal.column.archive') },
  ]
  const rows = going.map(({ plan, artifact }) => [
    time(artifact.time),
    visible(plan),
    bytes(artifact.size),
    visible(artifact.name),
  ])
  for (const line of table(columns, rows)) say(`  ${line}`)
}

function countOf(typed: string): number {
  const count = Number(typed)
  if (Number.isInteger(count) && count >= 1 && count <= 1000) return count
  throw new UsageError('not-number', { name: '--backups', value: visible(typed) })
}

const units: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 }

/** `500MB`, `1.5 Go`, `2G`, or bytes: decimal units, as sizes are shown. */
function sizeOf(typed: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:[.,]\d+)?)\s*([kmgt]?)[bo]?$/i.exec(typed.trim()) ?? []
  const size = Math.round(Number(number.replace(',', '.')) * (units[unit.toLowerCase()] ?? 0))
  if (size >= 1 && size <= Number.MAX_SAFE_INTEGER) return size
  throw new UsageError('bad-size', { name: '--need', value: visible(typed) })
}

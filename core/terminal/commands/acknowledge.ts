// `arche plan acknowledge`: a person has seen the alarms of a plan, which are then quiet until there is news.
// Guarantees: says which, and until when; what asks for a decision is left to `plan accept`.
import { isAcknowledgeable, isAcknowledged, quietDays } from '../../api/acknowledge.ts'
import { alarmInWords } from '../../api/text/schedule-text.ts'
import { visible } from '../../api/text/visible.ts'
import { finish } from '../finish.ts'
import { planNamed } from '../names.ts'
import type { Session } from '../session.ts'

export async function planAcknowledge(session: Session, typed: string, options: { undo?: boolean }): Promise<number> {
  const { t, language } = session.output
  const { plans, alarms } = await session.state()
  const plan = planNamed(typed, plans)
  const acknowledged = options.undo !== true
  const concerned = alarms.filter(
    (alarm) => alarm.planId === plan.id && isAcknowledgeable(alarm) && isAcknowledged(alarm) !== acknowledged,
  )
  for (const { kind, since } of concerned)
    await session.guarded((client) => client.plan.acknowledge({ planId: plan.id, kind, since, acknowledged }))
  const said = { name: visible(plan.name), count: quietDays }
  const key = concerned.length === 0 ? 'nothing' : acknowledged ? 'done' : 'undone'
  const lines = [...concerned.map((alarm) => alarmInWords(alarm, language)), t(`schedule.acknowledge.${key}`, said)]
  const about = { id: plan.id, acknowledged, alarms: concerned.map(({ kind, since }) => ({ kind, since })) }
  return finish(session, 'plan acknowledge', about, lines.join('\n'))
}

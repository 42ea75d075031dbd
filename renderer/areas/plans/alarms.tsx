// Alarms as banners below the status: what happened to which plan, why, and the one thing to do about it.
// Guarantees: shows what the engine computed from history; it goes away by itself when the reason has gone. What a person has acknowledged is folded, not gone.
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconBellOff, IconBellRinging, IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useState } from 'react'
import { isAcknowledgeable, isAcknowledged, quietDays } from '../../../core/api/acknowledge.ts'
import { isAcceptable } from '../../../core/api/loss.ts'
import type { Alarm } from '../../../core/api/schedule.ts'
import { alarmInWords } from '../../../core/api/text/schedule-text.ts'
import { call } from '../../client.ts'
import { AcceptButton, Losses } from '../../parts/accept-losses.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { useTask } from '../../parts/task.ts'
import { show, useEngine, useFromEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { missingFor } from '../../text/missing.ts'
import { SpaceWays } from '../places/space-ways.tsx'
import { isFull, placeOfAlarm, waysOf } from './alarm-ways.ts'

/** Of all plans, or only what is missing in the backups of one. */
export function Alarms({ planId }: { planId?: string }) {
  const { say } = useText()
  const all = useEngine('alarms').alarms
  const alarms = planId === undefined ? all : all.filter((one) => one.planId === planId && isAcceptable(one))
  if (alarms.length === 0) return null
  return (
    <Stack gap="xs" component="section" aria-label={say('schedule.main.alarms')} data-testid="alarms">
      {alarms
        .filter((alarm) => !isAcknowledged(alarm))
        .map((alarm) => (
          <AlarmBanner key={keyOf(alarm)} alarm={alarm} />
        ))}
      <Folded alarms={alarms.filter(isAcknowledged)} />
    </Stack>
  )
}

function keyOf({ kind, planId }: Alarm): string {
  return `${kind} ${planId}`
}

/** Those that a person has acknowledged: one line, until somebody asks for them. */
function Folded({ alarms }: { alarms: readonly Alarm[] }) {
  const { say } = useText()
  const [open, setOpen] = useState(false)
  if (alarms.length === 0) return null
  const Chevron = open ? IconChevronDown : IconChevronRight
  return (
    <Stack gap="xs" data-testid="alarms-acknowledged">
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        onClick={() => setOpen(!open)}
        aria-expanded={open}
        leftSection={<IconBellOff size={16} aria-hidden />}
        rightSection={<Chevron size={16} aria-hidden />}
        style={{ alignSelf: 'flex-start' }}
      >
        {say('schedule.acknowledge.folded', { count: alarms.length })}
      </Button>
      {open && alarms.map((alarm) => <AlarmBanner key={keyOf(alarm)} alarm={alarm} />)}
    </Stack>
  )
}

function AcknowledgeButton({ alarm }: { alarm: Alarm }) {
  const { say, language } = useText()
  const task = useTask()
  const { planId, kind, since } = alarm
  const acknowledged = !isAcknowledged(alarm)
  const act = () =>
    void task.run(async () => {
      await call((client) => client.plan.acknowledge({ planId, kind, since, acknowledged }))
    })
  const words = { alarm: alarmInWords(alarm, language) }
  return (
    <>
      <Button
        variant="subtle"
        size="xs"
        onClick={act}
        loading={task.busy}
        aria-label={say(`schedule.acknowledge.${acknowledged ? 'describe' : 'describeUndo'}`, words)}
        data-testid="acknowledge"
      >
        {say(`schedule.acknowledge.${acknowledged ? 'button' : 'undo'}`)}
      </Button>
      <ProblemView problem={task.problem} />
    </>
  )
}

/** How long it stays quiet. */
function Quiet({ at }: { at: string }) {
  const { say, time } = useText()
  const until = new Date(Date.parse(at) + quietDays * 24 * 3600 * 1000).toISOString()
  return (
    <Text size="sm" c="dimmed">
      {say('schedule.acknowledge.until', { time: time(until) })}
    </Text>
  )
}

function AlarmBanner({ alarm }: { alarm: Alarm }) {
  const { say, language, problem: inWords } = useText()
  const missing = useFromEngine((state) => missingFor('backup', state))
  const waits = alarm.kind === 'medium-needed'
  const Icon = waits ? IconBellRinging : IconAlertTriangle
  const why = alarm.problem && inWords(alarm.problem)
  const place = useFromEngine((state) => placeOfAlarm(alarm, state))
  const ways = waysOf(alarm, place, !missing)
  return (
    <Alert
      color={isAcknowledged(alarm) ? 'gray' : waits ? 'yellow' : 'red'}
      icon={<Icon aria-hidden />}
      role="status"
      data-testid={`alarm-${alarm.kind}`}
    >
      <Group justify="space-between" wrap="nowrap" gap="md">
        <Stack gap={2}>
          <Text fw={600} size="sm">
            {alarmInWords(alarm, language)}
          </Text>
          {alarm.acknowledgedAt !== undefined && <Quiet at={alarm.acknowledgedAt} />}
          {alarm.losses && <Losses losses={alarm.losses} />}
          {why && (
            <Text size="sm">
              {why.text} {why.hint}
            </Text>
          )}
          {isFull(alarm) && <SpaceWays place={place} planId={alarm.planId} />}
        </Stack>
        <Stack gap="xs" flex="none">
          {ways.map(({ to, label }) => (
            <Button key={label} variant="default" size="xs" onClick={() => show(to)}>
              {say(label)}
            </Button>
          ))}
          {isAcknowledgeable(alarm) && <AcknowledgeButton alarm={alarm} />}
          {isAcceptable(alarm) && <AcceptButton planId={alarm.planId} runId={alarm.runId} subject={alarm.subject} />}
        </Stack>
      </Group>
    </Alert>
  )
}

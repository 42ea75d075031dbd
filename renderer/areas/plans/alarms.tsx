// Alarms as banners below the status: what happened to which plan, why, and the one thing to do about it.
// Guarantees: shows what the engine computed from history; it goes away by itself when the reason has gone.
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconBellRinging } from '@tabler/icons-react'
import { isAcceptable } from '../../../core/api/loss.ts'
import type { Alarm } from '../../../core/api/schedule.ts'
import { alarmInWords } from '../../../core/api/text/schedule-text.ts'
import { AcceptButton, Losses } from '../../parts/accept-losses.tsx'
import { type Route, show, useEngine, useFromEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { missingFor } from '../../text/missing.ts'
import { SpaceWays } from '../places/space-ways.tsx'

/** Of all plans, or only what is missing in the backups of one. */
export function Alarms({ planId }: { planId?: string }) {
  const { say } = useText()
  const all = useEngine('alarms').alarms
  const alarms = planId === undefined ? all : all.filter((one) => one.planId === planId && isAcceptable(one))
  if (alarms.length === 0) return null
  return (
    <Stack gap="xs" component="section" aria-label={say('schedule.main.alarms')} data-testid="alarms">
      {alarms.map((alarm) => (
        <AlarmBanner key={`${alarm.kind} ${alarm.planId}`} alarm={alarm} />
      ))}
    </Stack>
  )
}

function AlarmBanner({ alarm }: { alarm: Alarm }) {
  const { say, language, problem: inWords } = useText()
  const missing = useFromEngine((state) => missingFor('backup', state))
  const waits = alarm.kind === 'medium-needed'
  const Icon = waits ? IconBellRinging : IconAlertTriangle
  const why = alarm.problem && inWords(alarm.problem)
  const way: { to: Route; label: string } | undefined = alarm.runId
    ? { to: { name: 'run', id: alarm.runId }, label: say('schedule.main.seeRun') }
    : alarm.placeId !== undefined
      ? { to: { name: 'place', id: alarm.placeId }, label: say('window.place.see') }
      : missing
        ? undefined
        : { to: { name: 'backup', plan: alarm.planId }, label: say('schedule.main.backUp') }
  return (
    <Alert
      color={waits ? 'yellow' : 'red'}
      icon={<Icon aria-hidden />}
      role="status"
      data-testid={`alarm-${alarm.kind}`}
    >
      <Group justify="space-between" wrap="nowrap" gap="md">
        <Stack gap={2}>
          <Text fw={600} size="sm">
            {alarmInWords(alarm, language)}
          </Text>
          {alarm.losses && <Losses losses={alarm.losses} />}
          {why && (
            <Text size="sm">
              {why.text} {why.hint}
            </Text>
          )}
          {isFull(alarm) && <FullPlace alarm={alarm} />}
        </Stack>
        <Stack gap="xs" flex="none">
          {way && !waits && (
            <Button variant="default" size="xs" onClick={() => show(way.to)}>
              {way.label}
            </Button>
          )}
          {isAcceptable(alarm) && <AcceptButton planId={alarm.planId} runId={alarm.runId} subject={alarm.subject} />}
        </Stack>
      </Group>
    </Alert>
  )
}

/** A backup did not fit, or soon will not. */
function isFull({ kind, problem }: Alarm): boolean {
  return kind === 'filling' || problem?.code === 'no-space'
}

function FullPlace({ alarm: { planId, placeId, runId } }: { alarm: Alarm }) {
  const place = useFromEngine(({ runs }) => placeId ?? runs.find(({ id }) => id === runId)?.medium?.id)
  return <SpaceWays place={place} planId={planId} />
}

// Alarms as banners below the status: what happened to which plan, why, and the one thing to do about it.
// Guarantees: shows what the engine computed from history; it goes away by itself when the reason has gone.
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconBellRinging } from '@tabler/icons-react'
import type { Alarm } from '../../core/api/schedule.ts'
import { alarmInWords } from '../../core/api/text/schedule-text.ts'
import { type Route, show, useEngine, useFromEngine } from '../store.ts'
import { useText } from '../text/i18n.ts'
import { missingFor } from '../text/missing.ts'

export function Alarms() {
  const { say } = useText()
  const { alarms } = useEngine('alarms')
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
    : missing
      ? undefined
      : { to: { name: 'wizard', wizard: 'backup' }, label: say('schedule.main.backUp') }
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
          {why && (
            <Text size="sm">
              {why.text} {why.hint}
            </Text>
          )}
        </Stack>
        {way && !waits && (
          <Button variant="default" size="xs" flex="none" onClick={() => show(way.to)}>
            {way.label}
          </Button>
        )}
      </Group>
    </Alert>
  )
}

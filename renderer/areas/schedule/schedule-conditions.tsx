// On which conditions scheduled backups begin, how often one that failed is tried again, and when it is alarmed. Everything has a value already.
import { Checkbox, Group, Stack } from '@mantine/core'
import { useText } from '../../text/i18n.ts'
import { isConditional } from './schedule-answers.ts'
import { type AnswersProps, ClockField, CountField } from './schedule-fields.tsx'

export function ConditionFields({ answers, change }: AnswersProps) {
  const { say } = useText()
  return (
    <Stack gap="md">
      <Checkbox
        label={say('schedule.window.mainsPower')}
        description={say('schedule.window.mainsPowerHelp')}
        checked={answers.mainsPower}
        onChange={(event) => change({ mainsPower: event.currentTarget.checked })}
        data-testid="schedule-mains"
      />
      <Checkbox
        label={say('schedule.window.unmetered')}
        description={say('schedule.window.unmeteredHelp')}
        checked={answers.unmetered}
        onChange={(event) => change({ unmetered: event.currentTarget.checked })}
        data-testid="schedule-unmetered"
      />
      <Checkbox
        label={say('schedule.window.window')}
        checked={answers.limited}
        onChange={(event) => change({ limited: event.currentTarget.checked })}
        data-testid="schedule-limited"
      />
      {answers.limited && (
        <Group ml="xl">
          <ClockField
            label={say('schedule.window.windowFrom')}
            value={answers.windowFrom}
            onChange={(windowFrom) => change({ windowFrom })}
            id="window-from"
          />
          <ClockField
            label={say('schedule.window.windowTo')}
            value={answers.windowTo}
            onChange={(windowTo) => change({ windowTo })}
            id="window-to"
          />
        </Group>
      )}
      {isConditional(answers) && (
        <CountField
          label={say('schedule.window.anywayAfterDays')}
          value={answers.anywayAfterDays}
          onChange={(anywayAfterDays) => change({ anywayAfterDays })}
          range={[1, 30]}
          id="anyway"
        />
      )}
      <CountField
        label={say('schedule.window.retries')}
        value={answers.retries}
        onChange={(retries) => change({ retries })}
        range={[0, 5]}
        id="retries"
      />
      <CountField
        label={say('schedule.window.alarmAfterDays')}
        value={answers.alarmAfterDays}
        onChange={(alarmAfterDays) => change({ alarmAfterDays })}
        range={[1, 90]}
        id="alarm"
      />
    </Stack>
  )
}

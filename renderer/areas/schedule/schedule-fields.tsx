// When backups are due, as a form: kind, times, and the next times that follow.
// Guarantees: the preview is the engine's own computation, on this computer's clock; changes nothing.
import { Chip, Group, List, NumberInput, Radio, Stack, Text } from '@mantine/core'
import { Fragment, useEffect, useState } from 'react'
import type { Schedule } from '../../../core/api/schedule.ts'
import { formatMoment } from '../../../core/api/text/format.ts'
import { weekdayName } from '../../../core/api/text/schedule-text.ts'
import { call } from '../../client.ts'
import { useNow } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { TimeField } from '../../parts/time-field.tsx'
import { useText } from '../../text/i18n.ts'
import { type ScheduleAnswers, whenOf } from './schedule-answers.ts'

export interface AnswersProps {
  answers: ScheduleAnswers
  change: (part: Partial<ScheduleAnswers>) => void
}

export type Kind = ScheduleAnswers['kind']
const allKinds: readonly Kind[] = ['daily', 'weekly', 'hours', 'monthly', 'medium', 'off']

/** `kinds`: those offered. */
export function WhenFields({ answers, change, kinds = allKinds }: AnswersProps & { kinds?: readonly Kind[] }) {
  const { say } = useText()
  return (
    <Stack gap="lg">
      <Radio.Group
        label={say('schedule.window.kindLabel')}
        value={answers.kind}
        onChange={(kind) => change({ kind: kinds.find((one) => one === kind) ?? answers.kind })}
      >
        <Stack gap="xs" mt="xs">
          {kinds.map((kind) => (
            <Fragment key={kind}>
              <KindOption kind={kind} />
              {kind === answers.kind && <TimeFields answers={answers} change={change} />}
            </Fragment>
          ))}
        </Stack>
      </Radio.Group>
      <NextTimes when={whenOf(answers)} />
    </Stack>
  )
}

function KindOption({ kind }: { kind: Kind }) {
  const { say } = useText()
  return (
    <Radio.Card value={kind} className="choice" withBorder={false} data-testid={`schedule-${kind}`}>
      <Group wrap="nowrap">
        <Radio.Indicator />
        <Stack gap={0}>
          <Text>{say(`schedule.window.kind.${kind}`)}</Text>
          {(kind === 'medium' || kind === 'off') && (
            <Text size="sm" c="dimmed">
              {say(`schedule.window.kindHelp.${kind}`)}
            </Text>
          )}
        </Stack>
      </Group>
    </Radio.Card>
  )
}

/** Below the kind that is chosen. */
function TimeFields(props: AnswersProps) {
  if (props.answers.kind === 'medium' || props.answers.kind === 'off') return null
  return (
    <Stack pl="xl" pb="xs" gap="sm">
      <KindFields {...props} />
    </Stack>
  )
}

function KindFields({ answers, change }: AnswersProps) {
  const { say } = useText()
  const at = (
    <ClockField label={say('schedule.window.at')} value={answers.at} onChange={(at) => change({ at })} id="at" />
  )
  switch (answers.kind) {
    case 'daily':
      return at
    case 'weekly':
      return (
        <>
          <Weekdays days={answers.days} onChange={(days) => change({ days })} />
          {at}
        </>
      )
    case 'hours':
      return (
        <Group align="flex-start">
          <CountField
            label={say('schedule.window.every')}
            value={answers.every}
            onChange={(every) => change({ every })}
            range={[1, 24]}
            id="every"
          />
          <ClockField
            label={say('schedule.window.from')}
            value={answers.from}
            onChange={(from) => change({ from })}
            id="from"
          />
        </Group>
      )
    case 'monthly':
      return (
        <Group align="flex-start">
          <CountField
            label={say('schedule.window.day')}
            help={say('schedule.window.dayHelp')}
            value={answers.day}
            onChange={(day) => change({ day })}
            range={[1, 31]}
            id="day"
          />
          {at}
        </Group>
      )
    default:
      return null
  }
}

function Weekdays({ days, onChange }: { days: readonly number[]; onChange: (days: number[]) => void }) {
  const { say, language } = useText()
  const label = say('schedule.window.days')
  return (
    <Stack gap="xs" role="group" aria-label={label}>
      <Text size="sm" fw={500}>
        {label}
      </Text>
      <Chip.Group multiple value={days.map(String)} onChange={(chosen) => onChange(chosen.map(Number))}>
        <Group gap="xs">
          {[1, 2, 3, 4, 5, 6, 7].map((day) => (
            <Chip key={day} value={String(day)} variant="outline" data-testid={`weekday-${day}`}>
              {weekdayName(day, language)}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
    </Stack>
  )
}

interface ClockProps {
  label: string
  value: string
  onChange: (value: string) => void
  id: string
}

export function ClockField({ label, value, onChange, id }: ClockProps) {
  return (
    <TimeField
      label={label}
      value={value}
      onChange={onChange}
      w="9rem"
      required
      withAsterisk={false}
      data-testid={`schedule-${id}`}
    />
  )
}

interface CountProps {
  label: string
  help?: string
  value: number | string
  onChange: (value: number | string) => void
  range: readonly [number, number]
  id: string
}

export function CountField({ label, help, value, onChange, range: [min, max], id }: CountProps) {
  return (
    <NumberInput
      label={label}
      description={help}
      value={value}
      onChange={onChange}
      min={min}
      max={max}
      allowDecimal={false}
      w="100%"
      maw={id === 'every' || id === 'day' ? '14rem' : '26rem'}
      data-testid={`schedule-${id}`}
    />
  )
}

/** The next three times, as the engine computes them. */
export function NextTimes({ when }: { when: Schedule | undefined }) {
  const { say, language } = useText()
  const now = useNow()
  const [times, setTimes] = useState<string[]>([])
  const { run } = useTask()
  const wanted = when && when.kind !== 'medium' ? JSON.stringify(when) : undefined
  useEffect(() => {
    setTimes([])
    if (wanted === undefined) return
    const schedule: Schedule = JSON.parse(wanted)
    void run(async (signal) => {
      const found = await call((client) => client.schedule.preview({ schedule, count: 3 }, { signal }))
      if (!signal.aborted) setTimes(found.times)
    })
  }, [wanted, run])
  if (!when) return null
  return (
    <Stack gap={4} role="status" data-testid="schedule-next">
      <Text size="sm" fw={500}>
        {say('schedule.window.next')}
      </Text>
      {when.kind === 'medium' ? (
        <Text size="sm">{say('schedule.window.nextOnArrival')}</Text>
      ) : (
        <List size="sm">
          {times.map((time) => (
            <List.Item key={time}>{formatMoment(time, language, now)}</List.Item>
          ))}
        </List>
      )}
    </Stack>
  )
}

// The first fact of the main screen: when the next automatic backup comes, or why not; pausing and resuming.
// Guarantees: says what the engine's schedule says; a pause always has its end beside it.
import { Button, Group, Stack, Text } from '@mantine/core'
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { useState } from 'react'
import { endOfPause, type Pause, pauses } from '../../../core/api/pause.ts'
import type { ScheduleState } from '../../../core/api/schedule.ts'
import { formatMoment } from '../../../core/api/text/format.ts'
import { scheduleInWords } from '../../../core/api/text/schedule-text.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { call } from '../../client.ts'
import { ProblemView } from '../../parts/problem-view.tsx'
import { useNow } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { firstOf } from '../../text/schedules.ts'

export function AutomaticFact() {
  const { say, language } = useText()
  const state = useEngine('paused', 'plans', 'schedules')
  const first = firstOf(state)
  const plan = state.plans.find((one) => one.id === first?.planId)
  if (!first || !plan?.schedule) return <Text>{say('window.main.notActive')}</Text>
  const others = state.schedules.filter((one) => one.state !== 'inactive').length - 1
  const about = [
    scheduleInWords(plan.schedule.when, language),
    state.plans.length > 1 ? visible(plan.name) : '',
    others > 0 ? say(others === 1 ? 'schedule.main.more_one' : 'schedule.main.more_other', { count: others }) : '',
  ]
  return (
    <Stack gap={4} data-testid="automatic" data-state={first.state}>
      <Text fw={500}>
        <Headline schedule={first} />
      </Text>
      <Text size="xs" c="dimmed">
        {about.filter((words) => words !== '').join(' · ')}
      </Text>
      <Why schedule={first} />
      <PauseButton paused={state.paused !== null} />
    </Stack>
  )
}

function Headline({ schedule: { state, nextDue, until, reason } }: { schedule: ScheduleState }): string {
  const { say, language } = useText()
  const { paused } = useEngine('paused')
  const now = useNow()
  const when = (iso: string) => formatMoment(iso, language, now)
  if (state === 'running') return say('schedule.main.running')
  if (paused) return say('schedule.main.paused', { when: when(paused.until) })
  if (state === 'waiting' && until !== undefined) return say(waitsFor(reason), { when: when(until) })
  if (state === 'waiting') return say('schedule.main.waiting')
  if (state === 'retrying' && until !== undefined) return say('schedule.main.retrying', { when: when(until) })
  if (nextDue === undefined) return say('schedule.main.onArrival')
  return say(state === 'reminder' ? 'schedule.main.reminder' : 'schedule.main.next', { when: when(nextDue) })
}

/** Without its medium it is given up in the end; whatever else it waits for, it begins then. */
function waitsFor(reason: ScheduleState['reason']) {
  const missing = reason?.code === 'medium-absent' || reason?.code === 'no-medium'
  return missing ? 'schedule.main.waitingUntil' : 'schedule.main.startsBy'
}

/** Why it waits, and which medium of several is due. */
function Why({ schedule: { state, reason, medium } }: { schedule: ScheduleState }) {
  const { say, relative, problem: inWords } = useText()
  const now = useNow()
  const inWordsOf = ({ name, lastBackup }: { name: string; lastBackup?: string | undefined }) => {
    const age = lastBackup === undefined ? say('schedule.main.never') : relative(lastBackup, now)
    return say('schedule.main.age', { name: visible(name), age })
  }
  return (
    <>
      {reason && state !== 'paused' && <Text size="sm">{inWords(reason).text}</Text>}
      {medium && medium.ages.length > 1 && (
        <>
          <Text size="sm">{say('schedule.main.dueMedium', { name: visible(medium.due.name) })}</Text>
          <Text size="xs" c="dimmed">
            {medium.ages.map(inWordsOf).join(' · ')}
          </Text>
        </>
      )}
    </>
  )
}

function PauseButton({ paused }: { paused: boolean }) {
  const { say } = useText()
  const task = useTask()
  const [asking, setAsking] = useState(false)
  const pause = (length: Pause) =>
    void task.run(async () => {
      const until = new Date(endOfPause(length, Date.now())).toISOString()
      await call((client) => client.schedule.pause({ until }))
      setAsking(false)
    })
  const resume = () => void task.run(() => call((client) => client.schedule.resume({})).then(() => undefined))
  const look = { variant: 'default', size: 'compact-xs', loading: task.busy } as const
  return (
    <>
      <Group gap="xs">
        {paused ? (
          <Button
            {...look}
            leftSection={<IconPlayerPlay size={14} aria-hidden />}
            onClick={resume}
            data-testid="schedule-resume"
          >
            {say('schedule.main.resume')}
          </Button>
        ) : (
          <Button
            {...look}
            leftSection={<IconPlayerPause size={14} aria-hidden />}
            onClick={() => setAsking(!asking)}
            aria-expanded={asking}
            data-testid="schedule-pause"
          >
            {say('schedule.main.pause')}
          </Button>
        )}
        {asking &&
          !paused &&
          pauses.map((length) => (
            <Button {...look} key={length} onClick={() => pause(length)}>
              {say(`schedule.main.pauseFor.${length}`)}
            </Button>
          ))}
      </Group>
      <ProblemView problem={task.problem} />
    </>
  )
}

// How far the copies of each plan are: done, under way, waiting and for what; and making one now.
// Guarantees: says what the engine says; nothing is shown while no plan has copies.
import { Button, Group, Stack, Text } from '@mantine/core'
import { IconCircleCheck, IconClock, IconCopy, IconPlayerPlay, IconRefresh } from '@tabler/icons-react'
import { placeIdsOf } from '../../../core/api/destination.ts'
import type { Plan } from '../../../core/api/plan.ts'
import type { CopyState } from '../../../core/api/schedule.ts'
import { formatMoment } from '../../../core/api/text/format.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { guarded } from '../../parts/operator.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { FileName, Section, StateBadge, useNow, When } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { show, useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'

const looks = {
  none: { color: 'gray', icon: IconClock },
  done: { color: 'green', icon: IconCircleCheck },
  waiting: { color: 'yellow', icon: IconClock },
  running: { color: 'sea', icon: IconPlayerPlay },
  retrying: { color: 'yellow', icon: IconRefresh },
} as const satisfies Record<CopyState['state'], object>

export function Copies() {
  const { say } = useText()
  const { plans, schedules } = useEngine('plans', 'schedules')
  const rows = schedules.flatMap(({ planId, copies = [] }) => {
    const plan = plans.find(({ id }) => id === planId)
    return plan ? copies.map((copy) => ({ plan, copy })) : []
  })
  if (rows.length === 0) return null
  return (
    <Section title={say('copy.window.state')} testId="copies">
      <Stack gap="xs" component="ul" m={0} p={0}>
        {rows.map(({ plan, copy }) => (
          <CopyLine key={copy.destination} plan={plan} copy={copy} />
        ))}
      </Stack>
    </Section>
  )
}

function CopyLine({ plan, copy }: { plan: Plan; copy: CopyState }) {
  const { say, language, problem } = useText()
  const now = useNow()
  return (
    <Stack component="li" className="choice" gap={4} data-testid="copy" data-state={copy.state} data-place={copy.name}>
      <Group justify="space-between" wrap="nowrap" gap="md">
        <Group gap="sm" miw={0}>
          <Text fw={600} component="span">
            <FileName name={plan.name} />
            {' → '}
            <FileName name={copy.name} />
          </Text>
          <StateBadge look={looks[copy.state]}>{say(`copy.state.${copy.state}`)}</StateBadge>
          {copy.newest !== undefined && (
            <Text size="sm" component="span">
              {say('copy.window.newest')} <When iso={copy.newest} />
            </Text>
          )}
        </Group>
        {(copy.state === 'waiting' || copy.state === 'retrying') && <CopyNow plan={plan} copy={copy} />}
      </Group>
      {copy.reason && <Text size="sm">{problem(copy.reason).text}</Text>}
      {copy.until !== undefined && (
        <Text size="sm" c="dimmed">
          {say('copy.window.again', { when: formatMoment(copy.until, language, now) })}
        </Text>
      )}
    </Stack>
  )
}

/** Only where the place is there now. */
function CopyNow({ plan, copy }: { plan: Plan; copy: CopyState }) {
  const { say } = useText()
  const { media } = useEngine('media')
  const task = useTask()
  const destination = plan.destinations.find(({ id }) => id === copy.destination)
  const ids = destination ? placeIdsOf(destination.place) : []
  const to = ids.find((id) => media.some((medium) => medium.initialised && medium.id === id))
  if (to === undefined) return null
  const start = () =>
    void task.run(async () => {
      const { id } = await guarded((client) => client.copy.start({ planId: plan.id, to }))
      show({ name: 'run', id })
    })
  return (
    <Stack gap="xs" flex="none">
      <Button
        variant="default"
        size="xs"
        leftSection={<IconCopy size={16} aria-hidden />}
        onClick={start}
        loading={task.busy}
        aria-label={say('copy.window.nowName', { plan: visible(plan.name), name: visible(copy.name) })}
        data-testid="copy-now"
      >
        {say('copy.window.now')}
      </Button>
      <ProblemView problem={task.problem} />
    </Stack>
  )
}

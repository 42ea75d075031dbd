// One row for each plan: how it is, its last good backup, its last days, its size, what comes next, and a button that backs it up at once.
// Guarantees: the headline above follows from these rows (core/api/protection.ts); what keeps a backup from starting is said in its row.
import { ActionIcon, Anchor, Group, Stack, Table, Text, Tooltip, VisuallyHidden } from '@mantine/core'
import { IconDatabaseExport } from '@tabler/icons-react'
import type { Plan } from '../../../core/api/plan.ts'
import type { PlanRow } from '../../../core/api/protection-model.ts'
import type { ScheduleState } from '../../../core/api/schedule.ts'
import { formatMoment } from '../../../core/api/text/format.ts'
import { reasonInWords } from '../../../core/api/text/protection-text.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { DayStrip, SizeCurve } from '../../parts/day-strip.tsx'
import { guarded } from '../../parts/operator.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { FileName, levelLooks, lookOf, Section, StateBadge, useNow, When } from '../../parts/show.tsx'
import { type Task, useTask } from '../../parts/task.ts'
import { show, useEngine, useFromEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { missingFor } from '../../text/missing.ts'

const columns = 6

export function PlanRows() {
  const { say } = useText()
  const { rows = [], plans, schedules } = useEngine('rows', 'plans', 'schedules')
  if (rows.length === 0) return null
  return (
    <Section title={say('window.overview.plans')} testId="plan-rows">
      <Table.ScrollContainer minWidth={560} className="panel">
        <Table verticalSpacing="xs" aria-label={say('window.overview.plans')}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{say('window.overview.plan')}</Table.Th>
              <Table.Th>{say('window.overview.lastGood')}</Table.Th>
              <Table.Th>{say('window.overview.lastDays')}</Table.Th>
              <Table.Th>{say('window.overview.size')}</Table.Th>
              <Table.Th>{say('window.overview.next')}</Table.Th>
              <Table.Th>
                <VisuallyHidden>{say('window.overview.now')}</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.flatMap((row) => {
              const plan = plans.find(({ id }) => id === row.planId)
              const schedule = schedules.find(({ planId }) => planId === row.planId)
              return plan ? [<OneRow key={row.planId} row={row} plan={plan} schedule={schedule} />] : []
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  )
}

interface RowProps {
  row: PlanRow
  plan: Plan
  schedule: ScheduleState | undefined
}

function OneRow({ row, plan, schedule }: RowProps) {
  const { say, bytes, language } = useText()
  const now = useNow()
  const isRunning = useFromEngine(({ runs }) =>
    runs.some((run) => run.kind === 'backup' && run.planId === plan.id && run.outcome === undefined),
  )
  const task = useTask()
  const { level, reason } = row.protection
  const size = row.sizes.at(-1)
  const main = (
    <Table.Tr data-testid="plan-row" data-plan={plan.name} data-level={level} data-reason={reason}>
      <Table.Td miw={140}>
        <Stack gap={2} align="flex-start">
          <Anchor
            component="button"
            fw={600}
            ta="left"
            onClick={() => show({ name: 'plan', id: plan.id })}
            data-testid="plan-open"
          >
            <FileName name={plan.name} />
          </Anchor>
          {isRunning ? (
            <StateBadge look={lookOf(undefined)}>{say('common.outcome.running')}</StateBadge>
          ) : (
            <StateBadge look={levelLooks[level]}>{say(`common.level.${level}`)}</StateBadge>
          )}
          {level !== 'protected' && (
            <Text size="xs" c="dimmed">
              {reasonInWords(row.protection, row.lastGood, language, now)}
            </Text>
          )}
        </Stack>
      </Table.Td>
      <Table.Td>
        {row.lastGood === undefined ? say('window.main.neverYet') : <When iso={row.lastGood} stacked />}
      </Table.Td>
      <Table.Td>
        <DayStrip days={row.days} now={now} />
      </Table.Td>
      <Table.Td>
        {size !== undefined && (
          <Group gap="xs" wrap="nowrap">
            <Text size="sm" component="span">
              {bytes(size)}
            </Text>
            <SizeCurve sizes={row.sizes} />
          </Group>
        )}
      </Table.Td>
      <Table.Td>
        <Next plan={plan} schedule={schedule} now={now} />
      </Table.Td>
      <Table.Td>
        <Start plan={plan} task={task} isRunning={isRunning} />
      </Table.Td>
    </Table.Tr>
  )
  if (!task.problem) return main
  return (
    <>
      {main}
      <Table.Tr data-testid="plan-refused" data-plan={plan.name}>
        <Table.Td colSpan={columns}>
          <ProblemView problem={task.problem} />
        </Table.Td>
      </Table.Tr>
    </>
  )
}

/** When its schedule begins it next; why not is said in full elsewhere. */
function Next({ plan, schedule, now }: { plan: Plan; schedule: ScheduleState | undefined; now: number }) {
  const { say, language } = useText()
  const { paused } = useEngine('paused')
  if (!plan.schedule) return <Text size="sm">{say('window.overview.byHand')}</Text>
  if (paused)
    return <Text size="sm">{say('schedule.main.paused', { when: formatMoment(paused.until, language, now) })}</Text>
  if (!schedule) return null
  const { state, until, nextDue } = schedule
  if (state === 'retrying' && until !== undefined)
    return <Text size="sm">{say('schedule.main.retrying', { when: formatMoment(until, language, now) })}</Text>
  if (state === 'waiting') return <Text size="sm">{say('schedule.main.waiting')}</Text>
  if (nextDue === undefined) return <Text size="sm">{say('schedule.main.onArrival')}</Text>
  return <Text size="sm">{formatMoment(nextDue, language, now)}</Text>
}

/** To the plan's own place, at once. What forbids it is thrown by the engine before anything is written. */
function Start({ plan, task, isRunning }: { plan: Plan; task: Task; isRunning: boolean }) {
  const { say } = useText()
  const missing = useFromEngine((state) => missingFor('backup', state))
  // Still reached by the keyboard, so that it can say why.
  const refused = isRunning || missing !== undefined
  const start = () => {
    if (refused) return
    void task.run(() => guarded((client) => client.backup.start({ planId: plan.id })).then(() => undefined))
  }
  const name = say('window.overview.start', { name: visible(plan.name) })
  const why = missing && !isRunning ? say(`window.missing.${missing.reason}`) : undefined
  return (
    <Tooltip label={why ?? name}>
      <ActionIcon
        variant="default"
        size="lg"
        aria-label={why === undefined ? name : `${name}: ${why}`}
        onClick={start}
        loading={task.busy}
        {...(refused ? { 'data-disabled': true, 'aria-disabled': true } : {})}
        data-testid="plan-start"
      >
        <IconDatabaseExport size={18} aria-hidden />
      </ActionIcon>
    </Tooltip>
  )
}

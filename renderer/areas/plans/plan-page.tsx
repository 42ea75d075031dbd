// One plan at a glance: how it stands, its year, how large and how long, its backups and why each is kept, what was done lately.
import { Button, DataList, Group, Loader, Paper, Stack, Text, Title } from '@mantine/core'
import { IconCalendarTime, IconDatabaseExport, IconEdit } from '@tabler/icons-react'
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import type { Plan } from '../../../core/api/plan.ts'
import type { PlanTrend } from '../../../core/api/plan-trend.ts'
import { destinationLines } from '../../../core/api/text/destination-text.ts'
import { formatMoment } from '../../../core/api/text/format.ts'
import { packInWords } from '../../../core/api/text/pack-text.ts'
import { scheduleInWords } from '../../../core/api/text/schedule-text.ts'
import { translator } from '../../../core/api/text/text.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { call } from '../../client.ts'
import { guarded } from '../../parts/operator.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { levelLooks, Panel, Row, Section, StateBadge, useNow, When } from '../../parts/show.tsx'
import { SourceLines } from '../../parts/source-lines.tsx'
import { useTask } from '../../parts/task.ts'
import { show, useEngine, useFromEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { missingFor } from '../../text/missing.ts'
import { knownPlaces } from '../../text/places.ts'
import { useRunsFound } from '../runs/runs-found.ts'
import { RunsTable } from '../runs/runs-table.tsx'
import { Alarms } from './alarms.tsx'
import { PlanBackups } from './plan-backups.tsx'
import { PlanCalendar } from './plan-calendar.tsx'

const PlanCharts = lazy(async () => ({ default: (await import('./plan-charts.tsx')).PlanCharts }))

export function PlanPage({ id }: { id: string }) {
  const { say } = useText()
  const plan = useFromEngine(({ plans }) => plans.find((one) => one.id === id))
  if (!plan) return <Text className="choice">{say('window.plans.gone')}</Text>
  return (
    <Stack gap="lg">
      <Head plan={plan} />
      <Alarms planId={id} />
      <Facts plan={plan} />
      <Year planId={id} />
      <PlanBackups plan={plan} />
      <Lately planId={id} />
    </Stack>
  )
}

function Head({ plan }: { plan: Plan }) {
  const { say } = useText()
  const row = useFromEngine(({ rows = [] }) => rows.find(({ planId }) => planId === plan.id))
  const missing = useFromEngine((state) => missingFor('backup', state))
  const running = useFromEngine(({ runs }) =>
    runs.some((run) => run.kind === 'backup' && run.planId === plan.id && run.outcome === undefined),
  )
  const task = useTask()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const name = visible(plan.name)
  const start = () =>
    void task.run(() => guarded((client) => client.backup.start({ planId: plan.id })).then(() => undefined))
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Group gap="sm">
          <Title order={1} ref={heading} tabIndex={-1} data-testid="plan-title">
            {name}
          </Title>
          {row && (
            <StateBadge look={levelLooks[row.protection.level]}>
              {say(`common.level.${row.protection.level}`)}
            </StateBadge>
          )}
        </Group>
        <Group gap="xs">
          <Button
            leftSection={<IconDatabaseExport size={18} aria-hidden />}
            onClick={start}
            loading={task.busy}
            disabled={running || missing !== undefined}
            data-testid="plan-page-start"
          >
            {say('window.overview.now')}
          </Button>
          <Button
            variant="default"
            leftSection={<IconEdit size={18} aria-hidden />}
            onClick={() => show({ name: 'plan-edit', id: plan.id, from: 'page' })}
            aria-label={say('window.plans.editName', { name })}
            data-testid="plan-edit"
          >
            {say('window.plans.edit')}
          </Button>
          <Button
            variant="default"
            leftSection={<IconCalendarTime size={18} aria-hidden />}
            onClick={() => show({ name: 'schedule', plan: plan.id })}
            aria-label={say('schedule.window.ofPlan', { name })}
          >
            {say('window.actions.schedule')}
          </Button>
        </Group>
      </Group>
      {row && row.protection.level !== 'protected' && <Text>{say(`common.protection.${row.protection.reason}`)}</Text>}
      <ProblemView problem={task.problem} />
    </Stack>
  )
}

function Facts({ plan }: { plan: Plan }) {
  const { say, language } = useText()
  const now = useNow()
  const { rows = [], schedules, ...places } = useEngine('rows', 'schedules', 'known', 'media', 'places')
  const t = translator(language)
  const lastGood = rows.find(({ planId }) => planId === plan.id)?.lastGood
  const next = schedules.find(({ planId }) => planId === plan.id)?.nextDue
  const named = knownPlaces(places)
  const nameOf = (id: string) => named.find((one) => one.id === id)?.name
  return (
    <DataList withDivider labelWidth="13rem" className="panel" p="md" data-testid="plan-facts">
      <Row label={say('window.overview.lastGood')}>
        {lastGood === undefined ? say('window.main.neverYet') : <When iso={lastGood} />}
      </Row>
      <Row label={say('window.overview.next')}>
        {next === undefined
          ? scheduleInWords(plan.schedule?.when, language)
          : `${formatMoment(next, language, now)} (${scheduleInWords(plan.schedule?.when, language)})`}
      </Row>
      <Row label={say('window.plan.what')}>
        <SourceLines source={plan.source} />
      </Row>
      <Row label={say('window.plan.where')}>
        <Stack gap={2}>
          {destinationLines(plan, nameOf, t).map((line) => (
            <span key={line}>{line}</span>
          ))}
        </Stack>
      </Row>
      <Row label={say('window.plan.packed')}>{packInWords(plan.method, t)}</Row>
    </DataList>
  )
}

/** Read again when a backup of the plan has ended. */
function Year({ planId }: { planId: string }) {
  const { say } = useText()
  const [trend, setTrend] = useState<PlanTrend>()
  const { run, problem } = useTask()
  const ended = useFromEngine(
    ({ runs }) =>
      runs.find((one) => one.planId === planId && one.kind === 'backup' && one.outcome !== undefined)?.endedAt,
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: `ended` says that there is something new
  useEffect(() => {
    void run(async (signal) => {
      const found = await call((client) => client.plan.trend({ id: planId }, { signal }))
      if (!signal.aborted) setTrend(found)
    })
  }, [run, planId, ended])
  if (!trend) return problem ? <ProblemView problem={problem} /> : <Loader aria-label={say('window.connecting')} />
  return (
    <>
      <Panel title={say('window.plan.yearTitle')}>
        <PlanCalendar planId={planId} trend={trend} />
      </Panel>
      {trend.points.length > 1 && (
        <Section title={say('window.plan.growth')}>
          <Paper className="panel" p="md" mih={200}>
            <Suspense fallback={<Loader aria-label={say('window.connecting')} />}>
              <PlanCharts points={trend.points} />
            </Suspense>
          </Paper>
        </Section>
      )}
    </>
  )
}

const few = 8

function Lately({ planId }: { planId: string }) {
  const { say } = useText()
  const filter = useMemo(() => ({ planId }), [planId])
  const { runs, problem } = useRunsFound(filter)
  return (
    <Section
      title={say('window.runs.title')}
      action={
        <Button
          variant="subtle"
          size="xs"
          onClick={() => show({ name: 'activity', plan: planId })}
          data-testid="plan-all"
        >
          {say('window.runs.all')}
        </Button>
      }
    >
      <ProblemView problem={problem} />
      {runs.length === 0 ? (
        <Text size="sm" className="choice">
          {say('window.runs.none')}
        </Text>
      ) : (
        <RunsTable runs={runs.slice(0, few)} />
      )}
    </Section>
  )
}

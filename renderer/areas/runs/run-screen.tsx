// One run: how it stands, its operations with start, duration, bytes and rate, warnings file by file, the log, export.
import { Button, Code, DataList, Group, Loader, ScrollArea, Stack, Table, Text, Title } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { memo, useEffect, useMemo, useRef } from 'react'
import { isAcceptable } from '../../../core/api/loss.ts'
import type { Checked, LogLine, Progress, Run } from '../../../core/api/model.ts'
import { formatDuration } from '../../../core/api/text/format.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { call } from '../../client.ts'
import { AcceptButton } from '../../parts/accept-losses.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { ProgressCard } from '../../parts/progress-card.tsx'
import { RestartAfter, RestartEnd } from '../../parts/restart-card.tsx'
import { leftBackup, neverBegan, RunActions, RunResult } from '../../parts/run-result.tsx'
import { FileName, OutcomeBadge, Row, Section, useNow, When } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { useLog, useRun } from '../../parts/use-run.ts'
import { useEngine } from '../../store.ts'
import { type Say, useText } from '../../text/i18n.ts'
import { begunIn, lineInWords } from '../../text/log-text.ts'
import { rateOf, secondsOf } from '../../text/numbers.ts'
import { SpaceWays } from '../places/space-ways.tsx'

export function RunScreen({ id }: { id: string }) {
  const { say } = useText()
  const { run, progress, ended, problem } = useRun(id)
  const lines = useLog(id, run?.endedAt ?? versionOf(progress))
  return (
    <Stack gap="lg">
      <RunTitle run={run} />
      <ProblemView problem={problem} />
      {!run && !problem && <Loader aria-label={say('window.connecting')} />}
      {progress && !ended && <ProgressCard progress={progress} />}
      {run && ended && <RunResult run={run} />}
      {run?.kind === 'restart' && ended && <RestartEnd run={run} />}
      {run && ended && <RestartAfter run={run} />}
      {run && ended && <RunActions run={run} />}
      {run && ended && <AcceptRun run={run} />}
      {run && ended && didNotFit(run) && <SpaceWays place={run.medium?.id} planId={run.planId} />}
      {run && <RunFacts run={run} />}
      {run && <Operations run={run} lines={lines} />}
      {run && !neverBegan(run) && <Log run={run} lines={lines} />}
    </Stack>
  )
}

/** A backup or a copy for which there was no room. */
function didNotFit({ kind, failure }: Run): boolean {
  return (kind === 'backup' || kind === 'copy') && failure?.code === 'no-space'
}

/** Where the run's plan waits for a person to look at it. */
function AcceptRun({ run: { id, planId, subject } }: { run: Run }) {
  const { alarms } = useEngine('alarms')
  const waits = alarms.some((alarm) => isAcceptable(alarm) && alarm.runId === id)
  if (!waits || planId === undefined) return null
  return (
    <Group>
      <AcceptButton planId={planId} runId={id} subject={subject} />
    </Group>
  )
}

/** Changes when the log may have grown; a restart tells each line that its command says. */
function versionOf(progress: Progress | undefined): string {
  const said = progress?.kind === 'restart' ? progress.path : ''
  return `${progress?.operation} ${progress?.warnings} ${said}`
}

function RunTitle({ run }: { run: Run | undefined }) {
  const { say } = useText()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const title = run
    ? say('window.progress.title', { kind: say(`common.kind.${run.kind}`), subject: visible(run.subject) })
    : say('window.run.details')
  return (
    <Group justify="space-between">
      <Title order={1} ref={heading} tabIndex={-1} data-testid="run-title">
        {title}
      </Title>
      {run && <OutcomeBadge outcome={run.outcome} />}
    </Group>
  )
}

const RunFacts = memo(function RunFacts({ run }: { run: Run }) {
  const { say, bytes, time } = useText()
  // The result of a backup says these already.
  const kept = leftBackup(run)
  return (
    <DataList withDivider labelWidth="13rem" className="panel" p="md">
      <Row label={say(neverBegan(run) ? 'schedule.run.noted' : 'window.run.started')}>
        <When iso={run.startedAt} />
      </Row>
      <Row label={say('window.run.trigger')}>{say(`common.trigger.${run.trigger}`)}</Row>
      {run.dueAt !== undefined && <DueTime run={run} dueAt={run.dueAt} />}
      {run.attempt !== undefined && run.attempt > 1 && <Row label={say('schedule.run.attempt')}>{run.attempt}</Row>}
      {run.from && (
        <Row label={say('copy.from')}>
          <FileName name={run.from.name} />
        </Row>
      )}
      {run.medium && !kept && (
        <Row label={say(run.kind === 'copy' ? 'copy.to' : 'window.runs.medium')}>
          <FileName name={run.medium.name} />
        </Row>
      )}
      {run.artifact !== undefined && !kept && (
        <Row label={say('window.run.artifact')}>
          <FileName name={run.artifact} />
        </Row>
      )}
      {run.madeAt !== undefined && (
        <Row label={say('copy.window.madeAt')}>
          <When iso={run.madeAt} />
        </Row>
      )}
      {run.checked && <Row label={say('window.run.checked')}>{checkedInWords(run.checked, say)}</Row>}
      {run.stored > 0 && !kept && <Row label={say('window.run.stored')}>{bytes(run.stored)}</Row>}
      {run.sha256 !== undefined && (
        <Row label="SHA-256">
          <Code className="name">{run.sha256}</Code>
        </Row>
      )}
      {run.safety && run.safety.folders.length > 0 && (
        <Row label={say('window.run.safety')}>
          <Stack gap={2}>
            {run.safety.folders.map((path) => (
              <FileName key={path} name={path} />
            ))}
            {run.safety.undone && <Text size="sm">{say('window.run.undone')}</Text>}
            {run.safety.removedAt !== undefined && (
              <Text size="sm">{say('keep.window.safety.removed', { time: time(run.safety.removedAt) })}</Text>
            )}
          </Stack>
        </Row>
      )}
      {run.lossesAccepted !== undefined && (
        <Row label={say('keep.loss.acceptedOn')}>
          <When iso={run.lossesAccepted} />
        </Row>
      )}
      {run.removed && run.removed.length > 0 && (
        <Row label={say('keep.window.removedList')}>
          <Stack gap={2} data-testid="run-removed">
            {run.removed.map((name) => (
              <FileName key={name} name={name} />
            ))}
          </Stack>
        </Row>
      )}
    </DataList>
  )
})

/** How many backups were good, of all that were come to, and how deep it was looked. */
function checkedInWords(checked: readonly Checked[], say: Say): string {
  const good = checked.filter((one) => one.good)
  const opened = good.filter((one) => one.opened).length
  return say('window.run.checkedText', { good: good.length, all: checked.length, opened })
}

/** The due time that the run stands for; several that were missed at once are one record. */
function DueTime({ run: { dues = 1, dueFrom }, dueAt }: { run: Run; dueAt: string }) {
  const { say, time } = useText()
  if (dues < 2 || dueFrom === undefined)
    return (
      <Row label={say('schedule.run.due')}>
        <When iso={dueAt} />
      </Row>
    )
  return (
    <Row label={say('schedule.run.dues')}>
      {say('schedule.run.duesText', { count: dues, from: time(dueFrom), to: time(dueAt) })}
    </Row>
  )
}

const Operations = memo(function Operations({ run, lines }: { run: Run; lines: readonly LogLine[] }) {
  const { say, bytes, time } = useText()
  const now = useNow(run.endedAt === undefined ? 1 : undefined)
  const begun = useMemo(() => begunIn(lines), [lines])
  const operations = run.operations.length > 0 ? run.operations : begun
  if (operations.length === 0) return null
  return (
    <Section title={say('window.run.operations')}>
      {/* Nothing in it takes the keyboard, which has to scroll it. */}
      <Table.ScrollContainer
        minWidth={640}
        className="panel"
        scrollAreaProps={{ viewportProps: { tabIndex: 0, role: 'group', 'aria-label': say('window.run.operations') } }}
      >
        <Table verticalSpacing="xs" horizontalSpacing="md" data-testid="operations-table">
          <Table.Thead>
            <Table.Tr>
              {(['operation', 'started', 'duration', 'bytes', 'rate'] as const).map((column) => (
                <Table.Th key={column}>{say(`window.run.${column}`)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {operations.map((one) => {
              const seconds = secondsOf({ ...one, endedAt: one.endedAt ?? run.endedAt }, now)
              const rate = rateOf(one.bytes, seconds)
              return (
                <Table.Tr key={`${one.name} ${one.startedAt}`}>
                  <Table.Td>{say(`common.operation.${one.name}`)}</Table.Td>
                  <Table.Td>{time(one.startedAt)}</Table.Td>
                  <Table.Td>{formatDuration(seconds)}</Table.Td>
                  <Table.Td>{one.bytes > 0 ? bytes(one.bytes) : '–'}</Table.Td>
                  <Table.Td>{rate === undefined ? '–' : say('window.run.perSecond', { bytes: bytes(rate) })}</Table.Td>
                </Table.Tr>
              )
            })}
            {run.endedAt !== undefined && (
              <Table.Tr>
                <Table.Td>{say('window.run.end')}</Table.Td>
                <Table.Td>{time(run.endedAt)}</Table.Td>
                <Table.Td colSpan={3}>
                  <OutcomeBadge outcome={run.outcome} />
                </Table.Td>
              </Table.Tr>
            )}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  )
})

/** More of them take longer to lay out than a frame lasts; the exported file has all. */
const shownLines = 200

const Log = memo(function Log({ run, lines }: { run: Run; lines: readonly LogLine[] }) {
  const { say, language } = useText()
  const task = useTask()
  const first = Math.max(0, lines.length - shownLines)
  const last = lines.slice(first).map((line, index) => ({ line, number: first + index }))
  const save = () =>
    void task.run(async () => {
      const name = `arche-${run.kind}-${run.startedAt.slice(0, 19).replaceAll(':', '-')}.log`
      const title = say('window.run.exportTitle')
      await call((client) =>
        client.shell.saveText({ title, name, text: lines.map((line) => `${lineInWords(line, language)}\n`).join('') }),
      )
    })
  return (
    <Section
      title={say('window.run.log')}
      action={
        <Button
          variant="default"
          size="xs"
          leftSection={<IconDownload size={16} aria-hidden />}
          onClick={save}
          loading={task.busy}
          data-testid="export-log"
        >
          {say('window.run.export')}
        </Button>
      }
    >
      <ScrollArea.Autosize
        mah={384}
        className="log"
        data-testid="log"
        viewportProps={{ tabIndex: 0, role: 'group', 'aria-label': say('window.run.log') }}
      >
        {lines.length === 0 && <p>{say('window.run.noLog')}</p>}
        {last.map(({ number, line }) => (
          <Line key={number} line={line} />
        ))}
      </ScrollArea.Autosize>
      <ProblemView problem={task.problem} />
    </Section>
  )
})

const Line = memo(function Line({ line }: { line: LogLine }) {
  const { language } = useText()
  return <p>{lineInWords(line, language)}</p>
})

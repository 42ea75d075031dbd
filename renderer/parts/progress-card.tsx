// Work in progress: what is being done, since when, how far, how fast, how long still, on which file, and how to stop it.
// Guarantees: cancelling asks first and says what it means; the numbers are the engine's.
import { Progress as Bar, Button, Group, Modal, Stack, Text, Title, type TitleOrder } from '@mantine/core'
import { IconPlayerStop } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import type { Progress } from '../../core/api/model.ts'
import { formatDuration } from '../../core/api/text/format.ts'
import { visible } from '../../core/api/text/visible.ts'
import { call } from '../client.ts'
import { type Key, useText } from '../text/i18n.ts'
import { percentOf } from '../text/numbers.ts'
import { ProblemView } from './problem-view.tsx'
import { FileName } from './show.tsx'
import { useTask } from './task.ts'

interface Props {
  progress: Progress
  order?: TitleOrder
  /** Beside the cancel button. */
  children?: React.ReactNode
}

export function ProgressCard({ progress, order = 2, children }: Props) {
  const { say } = useText()
  const title = say('window.progress.title', {
    kind: say(`common.kind.${progress.kind}`),
    subject: visible(progress.subject),
  })
  return (
    <Stack className="panel" p="md" gap="xs" data-testid="progress" component="section" aria-label={title}>
      <Group justify="space-between" wrap="nowrap">
        <Title order={order}>{title}</Title>
        <Group gap="xs" wrap="nowrap">
          {children}
          <CancelButton progress={progress} />
        </Group>
      </Group>
      <ProgressFacts progress={progress} />
    </Stack>
  )
}

/** Work that says nothing for longer (ms) than any disk needs may be held up by one that does not answer. */
const silence = 60_000

function Still({ movedAt }: Pick<Progress, 'movedAt'>) {
  const { say, time } = useText()
  const [now, look] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => look(Date.now()), 10_000)
    return () => clearInterval(timer)
  }, [])
  if (movedAt === undefined || now - Date.parse(movedAt) < silence) return null
  return (
    <Text size="sm" data-testid="progress-still">
      {say('window.progress.still', { time: time(movedAt) })}
    </Text>
  )
}

export function ProgressFacts({ progress }: { progress: Progress }) {
  const { say, time } = useText()
  const percent = percentOf(progress.done, progress.total)
  const operation = say(`common.operation.${progress.operation}`)
  return (
    <Stack gap={6}>
      <Group justify="space-between" wrap="nowrap">
        <Text fw={600}>
          {operation}
          <Text span size="sm" c="dimmed" fw={400}>
            {' '}
            {say('window.progress.since', { time: time(progress.operationStartedAt) })}
          </Text>
        </Text>
        {percent !== undefined && (
          <Text fw={600} data-testid="progress-percent">
            {say('window.progress.percent', { percent: Math.floor(percent) })}
          </Text>
        )}
      </Group>
      <Bar
        value={percent ?? 100}
        animated={percent === undefined}
        size="lg"
        transitionDuration={200}
        aria-label={operation}
      />
      <Group justify="space-between" gap="md">
        <Text size="sm">
          <Amount progress={progress} />
        </Text>
        {progress.remaining !== undefined && (
          <Text size="sm">{say('window.progress.remaining', { duration: formatDuration(progress.remaining) })}</Text>
        )}
      </Group>
      <Text size="xs" c="dimmed" mih="1.5em" lineClamp={1} data-testid="progress-path">
        {progress.path !== undefined && <FileName name={progress.path} />}
      </Text>
      <Still movedAt={progress.movedAt} />
      {progress.warnings > 0 && <Text size="sm">{say('window.progress.warnings', { count: progress.warnings })}</Text>}
    </Stack>
  )
}

function Amount({ progress }: { progress: Progress }) {
  const { say, bytes } = useText()
  if (progress.kind === 'restart') return null
  const done = bytes(progress.done)
  const amount = progress.total === undefined ? done : say('window.progress.of', { done, total: bytes(progress.total) })
  if (progress.rate <= 0) return amount
  return say('window.progress.rate', { amount, rate: bytes(progress.rate) })
}

function cancelMeans(kind: Progress['kind']): Key {
  if (kind === 'restart') return 'window.progress.cancelRestart'
  if (kind === 'restore' || kind === 'undo') return 'window.progress.cancelRestore'
  return kind === 'backup' || kind === 'copy' ? 'window.progress.cancelBackup' : 'window.progress.cancelOther'
}

function CancelButton({ progress }: { progress: Progress }) {
  const { say } = useText()
  const [asking, setAsking] = useState(false)
  const task = useTask()
  const stop = () =>
    void task.run(() => call((client) => client.run.cancel({ id: progress.id })).then(() => setAsking(false)))
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconPlayerStop size={16} aria-hidden />}
        onClick={() => setAsking(true)}
        disabled={progress.cancelling}
        data-testid="cancel-run"
      >
        {say(progress.cancelling ? 'window.progress.cancelling' : 'window.progress.cancel')}
      </Button>
      <Modal
        opened={asking && !progress.cancelling}
        onClose={() => setAsking(false)}
        title={say('window.progress.cancelTitle')}
        closeButtonProps={{ 'aria-label': say('window.close') }}
        centered
      >
        <Stack>
          <Text size="sm">{say(cancelMeans(progress.kind))}</Text>
          <ProblemView problem={task.problem} />
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setAsking(false)} data-autofocus>
              {say('window.progress.continue')}
            </Button>
            <Button color="red" onClick={stop} loading={task.busy} data-testid="cancel-run-confirm">
              {say('window.progress.cancelNow')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}

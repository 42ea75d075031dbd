// After a restore: the restart that its plan names is proposed, confirmed, and run with its output in view.
// Guarantees: nothing is restarted unasked; the command is shown before it is run; a failure is said with what the command said.
import { Alert, Button, Code, Group, Modal, ScrollArea, Stack, Text } from '@mantine/core'
import { IconPower, IconRefresh } from '@tabler/icons-react'
import { useState } from 'react'
import type { Run } from '../../core/api/model.ts'
import type { Plan, Restart } from '../../core/api/plan.ts'
import { restartAfter } from '../../core/api/restart.ts'
import { visible } from '../../core/api/text/visible.ts'
import { call } from '../client.ts'
import { useEngine } from '../store.ts'
import { useText } from '../text/i18n.ts'
import { guarded } from './operator.tsx'
import { ProblemView } from './problem-view.tsx'
import { ProgressCard } from './progress-card.tsx'
import { Section } from './show.tsx'
import { useTask } from './task.ts'
import { useLog, useRun } from './use-run.ts'

/** What belongs to a restore that has ended; nothing where no restart is called for. */
export function RestartAfter({ run }: { run: Run }) {
  const { plans, runs } = useEngine('plans', 'runs')
  const [started, setStarted] = useState<string>()
  if (started !== undefined) return <RestartRun key={started} id={started} onAgain={() => setStarted(undefined)} />
  const found = restartAfter(run, plans, runs)
  return found ? <Proposal {...found} onStarted={setStarted} /> : null
}

interface ProposalProps {
  plan: Plan
  restart: Restart
  onStarted: (id: string) => void
}

function Proposal({ plan, restart, onStarted }: ProposalProps) {
  const { say } = useText()
  const [asking, setAsking] = useState(false)
  const task = useTask()
  const start = () =>
    void task.run(async () => {
      if (restart.kind === 'arche') {
        await call((client) => client.shell.restart({}))
        return
      }
      const { id } = await guarded((client) => client.restart.start({ planId: plan.id }))
      onStarted(id)
    })
  return (
    <Section title={say('window.restart.title')} testId="restart-proposal">
      <Stack className="panel" p="md" gap="sm">
        <Text size="sm">
          {restart.kind === 'arche'
            ? say('window.restart.textArche')
            : say('window.restart.text', { plan: visible(plan.name) })}
        </Text>
        {restart.kind === 'command' && <Command text={restart.command} />}
        <Group>
          <Button
            leftSection={<IconPower size={18} aria-hidden />}
            onClick={() => setAsking(true)}
            data-testid="restart-now"
          >
            {say('window.restart.now')}
          </Button>
        </Group>
      </Stack>
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        title={say(restart.kind === 'arche' ? 'window.restart.title' : 'window.restart.confirmTitle')}
        closeButtonProps={{ 'aria-label': say('window.close') }}
        centered
      >
        <Stack>
          {restart.kind === 'command' && <Command text={restart.command} />}
          <Text size="sm">
            {say(restart.kind === 'arche' ? 'window.restart.textArche' : 'window.restart.confirmText')}
          </Text>
          <ProblemView problem={task.problem} />
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setAsking(false)} data-autofocus>
              {say('window.cancel')}
            </Button>
            <Button onClick={start} loading={task.busy} data-testid="restart-confirm">
              {say('window.restart.now')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </Section>
  )
}

function Command({ text }: { text: string }) {
  return (
    <Code block className="name">
      {visible(text)}
    </Code>
  )
}

function RestartRun({ id, onAgain }: { id: string; onAgain: () => void }) {
  const { say } = useText()
  const { run, progress, ended, problem } = useRun(id)
  return (
    <Section title={say('common.kind.restart')} testId="restart-run">
      <Stack gap="sm">
        <ProblemView problem={problem} />
        {progress && !ended && <ProgressCard progress={progress} order={3} />}
        <RestartOutput id={id} version={ended ? 'ended' : (progress?.path ?? '')} />
        {run && ended && <RestartEnd run={run} />}
        {run && ended && run.outcome !== 'success' && (
          <Group>
            <Button variant="default" leftSection={<IconRefresh size={16} aria-hidden />} onClick={onAgain}>
              {say('window.restart.again')}
            </Button>
          </Group>
        )}
      </Stack>
    </Section>
  )
}

/** How a restart ended, and what to do then. */
export function RestartEnd({ run }: { run: Run }) {
  const { say } = useText()
  const good = run.outcome === 'success' || run.outcome === 'warning'
  return (
    <Stack gap="sm" data-testid="restart-outcome" data-outcome={run.outcome}>
      <Alert color={good ? 'green' : 'red'} role="status">
        <Text size="sm" fw={600}>
          {say(good ? 'window.restart.reload' : 'window.restart.failed')}
        </Text>
      </Alert>
      {run.failure && run.outcome !== 'cancelled' && <ProblemView problem={run.failure} />}
    </Stack>
  )
}

/** The lines that the command said, as they come. `version` changes when there may be more. */
function RestartOutput({ id, version }: { id: string; version: string }) {
  const { say } = useText()
  const lines = useLog(id, version)
  const said = lines.flatMap(({ text }, number) => (text === undefined ? [] : [{ text, number }]))
  return (
    <ScrollArea.Autosize
      mah={220}
      className="log"
      data-testid="restart-output"
      viewportProps={{ tabIndex: 0, role: 'log', 'aria-label': say('window.restart.output') }}
    >
      {said.length === 0 && <p>{say('window.restart.noOutput')}</p>}
      {said.map(({ text, number }) => (
        <p key={number}>{visible(text)}</p>
      ))}
    </ScrollArea.Autosize>
  )
}

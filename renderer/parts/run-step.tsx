// The last step of a backup or restore: progress while it runs, then the result. Leaving does not cancel.
import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { show } from '../store.ts'
import { useText } from '../text/i18n.ts'
import { ProgressCard } from './progress-card.tsx'
import { RestartAfter } from './restart-card.tsx'
import { RunActions, RunResult } from './run-result.tsx'
import { useLeave } from './screen.tsx'
import { useRun } from './use-run.ts'

interface Props {
  id: string
  /** Where a restore writes to, offered to be opened. */
  folders?: string[]
  /** What else there is to be done meanwhile. */
  children?: React.ReactNode
}

export function RunStep({ id, folders = [], children }: Props) {
  const { say } = useText()
  const leave = useLeave()
  const { run, progress, ended } = useRun(id)
  const heading = useRef<HTMLHeadingElement>(null)
  const key = ended ? 'ended' : 'running'
  useEffect(() => {
    if (key) heading.current?.focus()
  }, [key])
  return (
    <div className="wizard-page">
      <div className="wizard-body">
        <Stack gap="lg">
          <Title order={1} ref={heading} tabIndex={-1}>
            {say(ended ? 'window.run.ended' : 'window.run.running')}
          </Title>
          {progress && <ProgressCard progress={progress} />}
          {!ended && <Text size="sm">{say('window.run.mayLeave')}</Text>}
          {run && ended && <RunResult run={run} />}
          {run && ended && <RestartAfter run={run} />}
          {run && ended && <RunActions run={run} folders={folders} />}
          {children}
        </Stack>
      </div>
      <Group className="wizard-bar" justify="flex-end">
        <Button variant="default" onClick={() => show({ name: 'run', id })} data-testid="run-details">
          {say('window.run.details')}
        </Button>
        <Button onClick={leave} data-testid="wizard-finish">
          {say(ended ? 'window.wizard.finish' : 'window.close')}
        </Button>
      </Group>
    </div>
  )
}

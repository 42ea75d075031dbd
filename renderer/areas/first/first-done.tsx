// After the first start: keep the recovery sheet, and make the first backup at once.
import { Alert, Stack, Text } from '@mantine/core'
import { IconFileCertificate } from '@tabler/icons-react'
import { useState } from 'react'
import type { Medium } from '../../../core/api/model.ts'
import { refOf } from '../../parts/medium-choice.tsx'
import { guarded } from '../../parts/operator.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { RunStep } from '../../parts/run-step.tsx'
import { SheetButtons } from '../../parts/sheet-buttons.tsx'
import { useTask } from '../../parts/task.ts'
import { FinishPage } from '../../parts/wizard.tsx'
import { show, useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'

interface Props {
  medium: Medium | undefined
  /** The password of the plan's database, as it was typed a moment ago. */
  given: { databasePassword?: string }
  restoreOnly: boolean
}

export function FirstDoneStep({ medium, given, restoreOnly }: Props) {
  const { say } = useText()
  const { plans } = useEngine('plans')
  const [runId, setRunId] = useState<string>()
  const task = useTask()
  const plan = plans[0]
  const start = () =>
    void task.run(async () => {
      if (!plan || !medium) return
      const { id } = await guarded((client) =>
        client.backup.start({ planId: plan.id, medium: refOf(medium), ...given }),
      )
      setRunId(id)
    })
  if (runId !== undefined) return <RunStep id={runId} />
  if (restoreOnly) return <RestoreNext />
  const possible = plan !== undefined && medium?.initialised === true
  return (
    <FinishPage
      title={say('window.first.doneTitle')}
      busy={task.busy}
      {...(possible ? { next: say('window.first.backupNow'), onNext: start } : {})}
    >
      <Alert color="sea" icon={<IconFileCertificate aria-hidden />} title={say('window.first.sheetTitle')} role="note">
        <Stack gap="sm">
          <Text size="sm">{say('window.first.sheetText')}</Text>
          <SheetButtons />
        </Stack>
      </Alert>
      <Text>{say(possible ? 'window.first.backupText' : 'window.first.noBackupText')}</Text>
      <ProblemView problem={task.problem} />
    </FinishPage>
  )
}

function RestoreNext() {
  const { say } = useText()
  return (
    <FinishPage
      title={say('window.first.doneTitle')}
      next={say('window.actions.restore')}
      onNext={() => show({ name: 'restore' })}
    >
      <Text>{say('window.first.restoreText')}</Text>
    </FinishPage>
  )
}

// The key password, typed or remembered; the backup is opened with it at once, so that a wrong one shows within a second.
// Guarantees: only the head of the backup is read; nothing is touched.
import { PasswordInput, Radio, Stack } from '@mantine/core'
import { useState } from 'react'
import { guarded } from '../../parts/operator.tsx'
import { useTask } from '../../parts/task.ts'
import { StepPage } from '../../parts/wizard.tsx'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import type { StepProps } from './answers.ts'

export function RestorePasswordStep({ medium, answers, change, onNext, onBack }: StepProps) {
  const { say } = useText()
  const { remembered } = useEngine('keychain').keychain
  const [typed, setTyped] = useState(answers.keyPassword ?? '')
  const [useRemembered, setUseRemembered] = useState(remembered && answers.keyPassword === undefined)
  const task = useTask()
  const open = () =>
    void task
      .run(async (signal) => {
        const keyPassword = useRemembered ? undefined : typed
        const inspection = await guarded((client) =>
          client.restore.inspect(
            { medium, artifact: answers.artifact?.name ?? '', keyPassword, full: false },
            { signal },
          ),
        )
        // Left meanwhile: another backup may be chosen by now.
        if (!signal.aborted) change({ inspection, keyPassword, only: [] })
      })
      .then((done) => done && onNext())

  return (
    <StepPage
      title={say('window.restore.passwordTitle')}
      lead={say('window.restore.passwordLead')}
      help="key"
      next={say('window.wizard.next')}
      onNext={open}
      ready={useRemembered || typed !== ''}
      busy={task.busy}
      problem={task.problem}
      onBack={onBack}
    >
      {remembered && (
        <Radio.Group
          label={say('window.restore.passwordFrom')}
          value={useRemembered ? 'remembered' : 'typed'}
          onChange={(value) => {
            setUseRemembered(value === 'remembered')
            task.clear()
          }}
        >
          <Stack gap="xs" mt="xs">
            <Radio value="remembered" label={say('window.restore.remembered')} data-testid="use-remembered" />
            <Radio value="typed" label={say('window.restore.typed')} data-testid="use-typed" />
          </Stack>
        </Radio.Group>
      )}
      {!useRemembered && (
        <PasswordInput
          label={say('window.key.password')}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value)
            task.clear()
          }}
          maxLength={1024}
          autoComplete="off"
          visibilityToggleButtonProps={{ 'aria-label': say('window.password.reveal'), tabIndex: 0 }}
          data-testid="key-password"
        />
      )}
    </StepPage>
  )
}

// What logs in to a server: a password, or a private key from a file with its passphrase.
// Guarantees: nothing is sent or kept by these fields; the form that holds them does.
import { Button, FileButton, Group, PasswordInput, Stack, Text } from '@mantine/core'
import { IconKey } from '@tabler/icons-react'
import { visible } from '../../../core/api/text/visible.ts'
import { ProblemView } from '../../parts/problem-view.tsx'
import { useTask } from '../../parts/task.ts'
import { useText } from '../../text/i18n.ts'
import type { SecretAnswers } from './place-draft.ts'

interface Props {
  answers: SecretAnswers
  onChange: (part: Partial<SecretAnswers>) => void
}

export function SecretFields({ answers, onChange }: Props) {
  const { say } = useText()
  const task = useTask()
  const read = (file: File | null) =>
    void task.run(async () => {
      if (file) onChange({ key: await file.text(), keyName: file.name })
    })
  return (
    <Stack gap="sm">
      <Secret
        label={say('copy.places.password')}
        value={answers.password}
        onChange={(password) => onChange({ password })}
        id="password"
      />
      <Group gap="sm">
        <FileButton onChange={read}>
          {(props) => (
            <Button
              {...props}
              variant="default"
              size="xs"
              leftSection={<IconKey size={16} aria-hidden />}
              data-testid="place-key-file"
            >
              {say('copy.places.keyFile')}
            </Button>
          )}
        </FileButton>
        {answers.key !== '' && (
          <Text size="sm" role="status">
            {visible(answers.keyName)}
          </Text>
        )}
      </Group>
      {answers.key !== '' && (
        <Secret
          label={say('copy.places.passphrase')}
          value={answers.passphrase}
          onChange={(passphrase) => onChange({ passphrase })}
          id="passphrase"
        />
      )}
      <ProblemView problem={task.problem} />
    </Stack>
  )
}

interface SecretProps {
  label: string
  value: string
  onChange: (value: string) => void
  id: string
}

function Secret({ label, value, onChange, id }: SecretProps) {
  const { say } = useText()
  return (
    <PasswordInput
      label={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      maxLength={1024}
      autoComplete="off"
      visibilityToggleButtonProps={{ 'aria-label': say('window.password.reveal'), tabIndex: 0 }}
      data-testid={`place-${id}`}
    />
  )
}

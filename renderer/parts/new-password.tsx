// Choosing a password: typed twice, with a meter that advises.
// Guarantees: only an empty or differing password is refused; spaces and every script are welcome and never altered.
import { PasswordInput, Progress, Stack, Text } from '@mantine/core'
import { type Key, useText } from '../text/i18n.ts'
import { strengthOf } from '../text/strength.ts'

export interface NewPassword {
  first: string
  second: string
}

export const noPassword: NewPassword = { first: '', second: '' }

export function isChosen({ first, second }: NewPassword): boolean {
  return first !== '' && first === second
}

interface Props {
  value: NewPassword
  onChange: (value: NewPassword) => void
  label: string
  /** Prefix of the test ids: `<id>-first`, `<id>-second`. */
  id: string
}

export function NewPasswordFields({ value, onChange, label, id }: Props) {
  const { say } = useText()
  const reveal = { 'aria-label': say('window.password.reveal'), tabIndex: 0 }
  const differs = value.second !== '' && value.first !== value.second
  return (
    <Stack gap="sm">
      <div>
        <PasswordInput
          label={label}
          value={value.first}
          onChange={(event) => onChange({ ...value, first: event.currentTarget.value })}
          visibilityToggleButtonProps={reveal}
          maxLength={1024}
          autoComplete="new-password"
          data-testid={`${id}-first`}
        />
        <Meter password={value.first} />
      </div>
      <PasswordInput
        label={say('window.password.again')}
        value={value.second}
        onChange={(event) => onChange({ ...value, second: event.currentTarget.value })}
        error={differs ? say('window.password.differs') : undefined}
        visibilityToggleButtonProps={reveal}
        maxLength={1024}
        autoComplete="new-password"
        data-testid={`${id}-second`}
      />
    </Stack>
  )
}

const words = ['known', 'weak', 'fair', 'good', 'strong'] as const
const colors = ['red', 'red', 'yellow', 'sea', 'green'] as const

function Meter({ password }: { password: string }) {
  const { say } = useText()
  const strength = strengthOf(password)
  const key: Key = password === '' ? 'window.password.advice' : `window.password.strength.${words[strength]}`
  return (
    <Stack gap={4} mt={6} data-testid="password-strength" data-strength={password === '' ? '' : strength}>
      <Progress
        value={password === '' ? 0 : Math.max(8, strength * 25)}
        color={colors[strength]}
        size="sm"
        aria-label={say('window.password.meter')}
      />
      <Text size="xs" c="dimmed" role="status">
        {say(key)}
      </Text>
    </Stack>
  )
}

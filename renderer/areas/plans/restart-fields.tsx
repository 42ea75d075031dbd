// What a plan restarts after a restore: nothing, a command, or Arche itself.
import { Radio, Stack, TextInput } from '@mantine/core'
import { useText } from '../../text/i18n.ts'
import type { Choice } from './choice.ts'

const kinds = ['none', 'command', 'arche'] as const

export function RestartFields({ choice, onChange }: { choice: Choice; onChange: (choice: Choice) => void }) {
  const { say } = useText()
  const { restart } = choice
  const change = (part: Partial<Choice['restart']>) => onChange({ ...choice, restart: { ...restart, ...part } })
  return (
    <Stack gap="sm">
      <Radio.Group
        label={say('window.restart.label')}
        description={say('window.restart.help')}
        value={restart.kind}
        onChange={(value) => change({ kind: kinds.find((kind) => kind === value) ?? 'none' })}
      >
        <Stack gap="xs" mt="xs">
          {kinds.map((kind) => (
            <Radio
              key={kind}
              value={kind}
              label={say(`window.restart.kinds.${kind}`)}
              data-testid={`restart-kind-${kind}`}
            />
          ))}
        </Stack>
      </Radio.Group>
      {restart.kind === 'command' && (
        <TextInput
          label={say('window.restart.command')}
          description={say('window.restart.commandHelp')}
          value={restart.command}
          maxLength={4000}
          onChange={(event) => change({ command: event.currentTarget.value })}
          data-testid="restart-command"
        />
      )}
    </Stack>
  )
}

// What this window asks for before it acts: the administrator password, and the key password where this computer does not keep it.
import { Stack } from '@mantine/core'
import { Panel } from '../../parts/show.tsx'
import { useText } from '../../text/i18n.ts'
import { KeyPassword, OperatorPassword } from './passwords.tsx'

export function SecurityScreen() {
  const { say } = useText()
  return (
    <Stack gap="xl" className="column">
      <Panel title={say('window.settings.operator')}>
        <OperatorPassword />
      </Panel>
      <Panel title={say('window.settings.keyPassword')} help="key">
        <KeyPassword />
      </Panel>
    </Stack>
  )
}

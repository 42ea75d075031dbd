// Keys and passwords: what opens the backups, who may open them too, and what guards this window.
import { Stack } from '@mantine/core'
import { Panel } from '../../parts/show.tsx'
import { useText } from '../../text/i18n.ts'
import { KeyList, Recipients } from './key-list.tsx'
import { KeyPassword, OperatorPassword } from './passwords.tsx'

export function KeysScreen() {
  const { say } = useText()
  return (
    <Stack gap="xl" className="column">
      <Panel title={say('window.settings.keys')} help="key">
        <KeyList />
      </Panel>
      <Panel title={say('window.settings.recipients')}>
        <Recipients />
      </Panel>
      <Panel title={say('window.settings.keyPassword')}>
        <KeyPassword />
      </Panel>
      <Panel title={say('window.settings.operator')}>
        <OperatorPassword />
      </Panel>
    </Stack>
  )
}

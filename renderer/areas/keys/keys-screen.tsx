// Keys: what opens the backups, and who may open them too.
import { Stack } from '@mantine/core'
import { Panel } from '../../parts/show.tsx'
import { useText } from '../../text/i18n.ts'
import { KeyList, Recipients } from './key-list.tsx'

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
    </Stack>
  )
}

// What goes on without this window: the program in the tray from the login on, and the service from the start of the computer on.
import { Stack } from '@mantine/core'
import { LoginStart } from '../../parts/login-start.tsx'
import { Panel } from '../../parts/show.tsx'
import { useText } from '../../text/i18n.ts'
import { ServiceSetting } from './settings-service.tsx'

export function BackgroundScreen() {
  const { say } = useText()
  return (
    <Stack gap="xl" className="column">
      <Panel title={say('desktop.settings.title')}>
        <LoginStart />
      </Panel>
      <Panel title={say('desktop.service.title')}>
        <ServiceSetting />
      </Panel>
    </Stack>
  )
}

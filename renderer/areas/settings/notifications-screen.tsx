// Who is told what: people by e-mail, watchmen by a call.
import { Stack } from '@mantine/core'
import { Panel } from '../../parts/show.tsx'
import { useText } from '../../text/i18n.ts'
import { MailSetting, Watchmen } from './mail-setting.tsx'

export function NotificationsScreen() {
  const { say } = useText()
  return (
    <Stack gap="xl" className="column">
      <Panel title={say('mail.window.title')}>
        <MailSetting />
      </Panel>
      <Panel title={say('mail.window.pingTitle')}>
        <Watchmen />
      </Panel>
    </Stack>
  )
}

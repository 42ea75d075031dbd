// Who is told what: people by e-mail, watchmen by a call. One form, saved and discarded as a whole.
// Guarantees: what could not be saved stays typed, and unsaved.
import { Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { ProblemView } from '../../parts/problem-view.tsx'
import { Panel } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { SaveBar } from '../../parts/unsaved.tsx'
import { useText } from '../../text/i18n.ts'
import { MailSetting, useMailForm } from './mail-setting.tsx'
import { usePingForm, Watchmen } from './watchmen.tsx'

export function NotificationsScreen() {
  const { say } = useText()
  const mail = useMailForm()
  const pings = usePingForm()
  const task = useTask()
  const [saved, setSaved] = useState(false)
  const unsaved = mail.unsaved || pings.unsaved
  const save = () =>
    void task.run(async () => {
      setSaved(false)
      if (mail.unsaved) await mail.save()
      if (pings.unsaved) await pings.save()
      setSaved(true)
    })
  return (
    <form
      className="column"
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <Stack gap="lg">
        <Panel title={say('mail.window.title')}>
          <MailSetting form={mail} />
        </Panel>
        <Panel title={say('mail.window.pingTitle')}>
          <Watchmen form={pings} />
        </Panel>
        <ProblemView problem={task.problem} />
        <Text size="sm" role="status">
          {saved && !unsaved && say('mail.window.saved')}
        </Text>
        {unsaved && (
          <SaveBar
            unsaved
            busy={task.busy}
            possible={pings.possible && (!mail.unsaved || mail.settings !== undefined)}
            onDiscard={() => {
              mail.discard()
              pings.discard()
            }}
            testId="mail-save"
          />
        )}
      </Stack>
    </form>
  )
}

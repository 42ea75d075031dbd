// Whether Arche starts, hidden in the tray, when this person logs in: read from the system, changed at once.
// Guarantees: shows what the system says after each change; where no tray icons are shown, says how the window is opened then.
import { Stack, Switch, Text } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { DesktopFacts } from '../../core/api/desktop.ts'
import { call } from '../client.ts'
import { useText } from '../text/i18n.ts'
import { ProblemView } from './problem-view.tsx'
import { useTask } from './task.ts'

/** Undefined until the desktop has answered. */
export function useDesktopFacts() {
  const [facts, setFacts] = useState<DesktopFacts>()
  const task = useTask()
  const { run } = task
  useEffect(() => void run(async () => setFacts(await call((client) => client.shell.desktop({})))), [run])
  const startAtLogin = (on: boolean) =>
    run(async () => setFacts(await call((client) => client.shell.startAtLogin({ on }))))
  return { facts, startAtLogin, task }
}

export function LoginStart() {
  const { say } = useText()
  const { facts, startAtLogin, task } = useDesktopFacts()
  return (
    <Stack gap="sm">
      <Switch
        label={say('desktop.settings.startAtLogin')}
        description={say('desktop.settings.startAtLoginHelp')}
        checked={facts?.startAtLogin ?? false}
        disabled={!facts || task.busy}
        onChange={(event) => void startAtLogin(event.currentTarget.checked)}
        data-testid="start-at-login"
      />
      {facts?.tray === false && <Text size="sm">{say('desktop.settings.noTray')}</Text>}
      <ProblemView problem={task.problem} />
    </Stack>
  )
}

// Settings: language, start at login, operator password, key password, keys and recipients, plans, places, and what this program is.
// Guarantees: each part saves by itself and says so; nothing is saved by merely looking.
import { Button, DataList, Group, Paper, Select, Stack, Title } from '@mantine/core'
import { IconFolder } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import { Settings } from '../../../core/api/model.ts'
import { call } from '../../client.ts'
import { LoginStart } from '../../parts/login-start.tsx'
import { guarded } from '../../parts/operator.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { FileName, Row, Section } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { ToMain } from '../../parts/to-main.tsx'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { KeyList, Recipients } from './settings-keys.tsx'
import { MailSetting, Watchmen } from './settings-mail.tsx'
import { KeyPassword, OperatorPassword } from './settings-passwords.tsx'
import { PlaceList } from './settings-places.tsx'
import { PlanList } from './settings-plans.tsx'
import { SafetySetting } from './settings-safety.tsx'
import { ServiceSetting } from './settings-service.tsx'

export function SettingsScreen() {
  const { say } = useText()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <Stack gap="xl" maw="52rem" mx="auto">
      <Stack gap="xs">
        <ToMain />
        <Title order={1} ref={heading} tabIndex={-1}>
          {say('window.settings.title')}
        </Title>
      </Stack>
      <Part title={say('window.settings.language')}>
        <LanguageSetting />
      </Part>
      <Part title={say('desktop.settings.title')}>
        <LoginStart />
      </Part>
      <Part title={say('desktop.service.title')}>
        <ServiceSetting />
      </Part>
      <Part title={say('window.plans.title')}>
        <PlanList />
      </Part>
      <Part title={say('copy.places.title')}>
        <PlaceList />
      </Part>
      <Part title={say('keep.window.safety.title')}>
        <SafetySetting />
      </Part>
      <Part title={say('mail.window.title')}>
        <MailSetting />
      </Part>
      <Part title={say('mail.window.pingTitle')}>
        <Watchmen />
      </Part>
      <Part title={say('window.settings.operator')}>
        <OperatorPassword />
      </Part>
      <Part title={say('window.settings.keyPassword')}>
        <KeyPassword />
      </Part>
      <Part title={say('window.settings.keys')}>
        <KeyList />
      </Part>
      <Part title={say('window.settings.recipients')}>
        <Recipients />
      </Part>
      <Part title={say('window.settings.about')}>
        <About />
      </Part>
    </Stack>
  )
}

function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <Section title={title}>
      <Paper className="panel" p="md">
        {children}
      </Paper>
    </Section>
  )
}

function LanguageSetting() {
  const { say } = useText()
  const { settings } = useEngine('settings')
  const task = useTask()
  const save = (value: string | null) =>
    void task.run(async () => {
      const language = Settings.shape.language.parse(value)
      await guarded((client) => client.settings.save({ language }))
    })
  return (
    <Stack gap="sm">
      <Select
        label={say('window.settings.languageLabel')}
        data={[
          { value: 'system', label: say('window.settings.system') },
          { value: 'en', label: 'English' },
          { value: 'fr', label: 'Français' },
        ]}
        value={settings.language}
        onChange={save}
        allowDeselect={false}
        maw="20rem"
        data-testid="language-select"
      />
      <ProblemView problem={task.problem} />
    </Stack>
  )
}

function About() {
  const { say } = useText()
  const { version, dataFolder, host } = useEngine('version', 'dataFolder', 'host')
  const task = useTask()
  return (
    <Stack gap="sm">
      <DataList labelWidth="11rem">
        <Row label={say('window.settings.version')}>
          <span data-testid="version">{version}</span>
        </Row>
        <Row label={say('window.settings.host')}>
          <FileName name={host} />
        </Row>
        <Row label={say('window.settings.dataFolder')}>
          <span data-testid="data-folder">
            <FileName name={dataFolder} />
          </span>
        </Row>
      </DataList>
      <Group>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconFolder size={16} aria-hidden />}
          onClick={() =>
            void task.run(() => call((client) => client.shell.showFolder({ path: dataFolder })).then(() => undefined))
          }
        >
          {say('window.run.openFolder')}
        </Button>
      </Group>
      <ProblemView problem={task.problem} />
    </Stack>
  )
}

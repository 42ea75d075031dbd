// The settings of the program itself: its language, how it lives on this desktop, and what it is.
// Guarantees: each part saves by itself and says so; nothing is saved by merely looking.
import { Button, DataList, Group, SegmentedControl, Select, Stack } from '@mantine/core'
import { IconFolder } from '@tabler/icons-react'
import { Settings } from '../../../core/api/model.ts'
import { call } from '../../client.ts'
import { LoginStart } from '../../parts/login-start.tsx'
import { guarded } from '../../parts/operator.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { FileName, Panel, Row } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { ServiceSetting } from './settings-service.tsx'

export function SettingsScreen() {
  const { say } = useText()
  return (
    <Stack gap="xl" className="column">
      <Panel title={say('window.settings.language')}>
        <LanguageSetting />
      </Panel>
      <Panel title={say('window.settings.look')}>
        <ThemeSetting />
      </Panel>
      <Panel title={say('desktop.settings.title')}>
        <LoginStart />
      </Panel>
      <Panel title={say('desktop.service.title')}>
        <ServiceSetting />
      </Panel>
      <Panel title={say('window.settings.about')}>
        <About />
      </Panel>
    </Stack>
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

function ThemeSetting() {
  const { say } = useText()
  const { settings } = useEngine('settings')
  const task = useTask()
  const save = (value: string) =>
    void task.run(async () => {
      const theme = Settings.shape.theme.parse(value)
      await guarded((client) => client.settings.save({ theme }))
    })
  return (
    <Stack gap="sm" align="flex-start">
      <SegmentedControl
        aria-label={say('window.settings.look')}
        data={(['system', 'light', 'dark'] as const).map((value) => ({
          value,
          label: say(`window.settings.theme.${value}`),
        }))}
        value={settings.theme ?? 'system'}
        onChange={save}
        data-testid="theme-select"
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

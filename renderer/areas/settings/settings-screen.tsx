// How the window looks: its language, light or dark.
// Guarantees: each takes effect, and is kept, as it is chosen.
import { SegmentedControl, Select, Stack } from '@mantine/core'
import { Settings } from '../../../core/api/model.ts'
import { guarded } from '../../parts/operator.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { Panel } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'

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

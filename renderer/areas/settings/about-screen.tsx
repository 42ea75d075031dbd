// What this program is, what stays open without it, and where it keeps what is its own.
import { Anchor, Button, DataList, Group, Stack, Text } from '@mantine/core'
import { IconFolder } from '@tabler/icons-react'
import { call } from '../../client.ts'
import { ProblemView } from '../../parts/problem-view.tsx'
import { FileName, Panel, Row } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { show, useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'

export function AboutScreen() {
  const { say } = useText()
  const { version, host } = useEngine('version', 'host')
  return (
    <Stack gap="xl" className="column">
      <Panel title={say('window.settings.about')}>
        <DataList labelWidth="11rem">
          <Row label={say('window.settings.version')}>
            <span data-testid="version">{version}</span>
          </Row>
          <Row label={say('window.settings.licence')}>{say('window.settings.licenceText')}</Row>
          <Row label={say('window.settings.host')}>
            <FileName name={host} />
          </Row>
        </DataList>
      </Panel>
      <Panel title={say('window.settings.open')} help="without">
        <Stack gap="sm" align="flex-start">
          <Text size="sm">{say('window.settings.openText')}</Text>
          <Anchor
            component="button"
            size="sm"
            ta="left"
            onClick={() => show({ name: 'help', chapter: 'without' })}
            data-testid="about-open"
          >
            {say('window.settings.openHow')}
          </Anchor>
        </Stack>
      </Panel>
      <Panel title={say('window.settings.folders')}>
        <Folders />
      </Panel>
    </Stack>
  )
}

/** What lies in the data folder (ARCHITECTURE.md, “Data folder”), in the order in which somebody looks for it. */
const files = [
  ['configFile', 'config.json'],
  ['keyFolder', 'keys'],
  ['runLogs', 'runs'],
  ['troubleLog', 'arche.log'],
] as const

function Folders() {
  const { say } = useText()
  const { dataFolder } = useEngine('dataFolder')
  const task = useTask()
  const open = () =>
    void task.run(() => call((client) => client.shell.showFolder({ path: dataFolder })).then(() => undefined))
  return (
    <Stack gap="sm">
      <DataList labelWidth="11rem">
        <Row label={say('window.settings.dataFolder')}>
          <span data-testid="data-folder">
            <FileName name={dataFolder} />
          </span>
        </Row>
        {files.map(([label, name]) => (
          <Row key={name} label={say(`window.settings.${label}`)}>
            <FileName name={`${dataFolder}/${name}`} />
          </Row>
        ))}
      </DataList>
      <Group>
        <Button variant="default" size="xs" leftSection={<IconFolder size={16} aria-hidden />} onClick={open}>
          {say('window.run.openFolder')}
        </Button>
      </Group>
      <ProblemView problem={task.problem} />
    </Stack>
  )
}

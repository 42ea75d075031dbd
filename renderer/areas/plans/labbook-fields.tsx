// A LabBook server to be backed up: where its documents are, and how to reach its database. "Test" asks the server.
import { Button, Group, Stack, TextInput } from '@mantine/core'
import { call } from '../../client.ts'
import { ProblemView } from '../../parts/problem-view.tsx'
import { useTask } from '../../parts/task.ts'
import { useText } from '../../text/i18n.ts'
import type { Choice, LabbookAnswers } from './choice.ts'
import { LoginFields, Test } from './login-fields.tsx'

interface Props {
  choice: Choice
  onChange: (choice: Choice) => void
}

export function LabbookFields({ choice, onChange }: Props) {
  const { labbook } = choice
  const change = (part: Partial<LabbookAnswers>) => onChange({ ...choice, labbook: { ...labbook, ...part } })
  return (
    <Stack>
      <StorageField value={labbook.storage} onChange={(storage) => change({ storage })} />
      <DatabaseField value={labbook.database} onChange={(database) => change({ database })} />
      <LoginFields id="labbook" login={labbook} onChange={change} />
      <Test key={JSON.stringify(labbook)} choice={choice} />
    </Stack>
  )
}

function DatabaseField({ value, onChange }: { value: string; onChange: (name: string) => void }) {
  const { say } = useText()
  return (
    <TextInput
      label={say('window.labbook.database')}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      data-testid="labbook-database"
    />
  )
}

function StorageField({ value, onChange }: { value: string; onChange: (path: string) => void }) {
  const { say } = useText()
  const task = useTask()
  const choose = () =>
    void task.run(async () => {
      const title = say('window.labbook.storage')
      const [folder] = await call((client) => client.shell.chooseFolders({ title, several: false }))
      if (folder !== undefined) onChange(folder)
    })
  return (
    <>
      <Group align="flex-end" wrap="nowrap">
        <TextInput
          flex={1}
          label={say('window.labbook.storage')}
          description={say('window.labbook.storageHelp')}
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
          data-testid="labbook-storage"
        />
        <Button variant="default" onClick={choose} loading={task.busy}>
          {say('window.labbook.choose')}
        </Button>
      </Group>
      <ProblemView problem={task.problem} />
    </>
  )
}

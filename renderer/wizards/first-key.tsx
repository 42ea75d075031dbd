// The backup key in the first start: a new one, or those of a key folder that is there already (LabBook's, or of a medium).
// Guarantees: nothing is read or made yet; that a key password cannot be recovered is said before either.
import { Alert, Button, Checkbox, Group, Radio, Stack, Text, TextInput } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { call } from '../client.ts'
import { ProblemView } from '../parts/problem-view.tsx'
import { useTask } from '../parts/task.ts'
import { useText } from '../text/i18n.ts'
import type { KeyFolderAnswers } from './first-start.tsx'
import { DoneAlready, type PartProps } from './first-steps.tsx'
import { isKeyReady, KeyFields } from './key-wizard.tsx'
import { StepPage } from './wizard.tsx'

const noFolder: KeyFolderAnswers = { path: '', understood: false }

export function FirstKeyStep({ answers, change, onNext, onBack, done }: PartProps) {
  const { say } = useText()
  const { keyFolder } = answers
  const answered = keyFolder ? keyFolder.path !== '' && keyFolder.understood : isKeyReady(answers.key)
  return (
    <StepPage
      title={say('window.first.keyTitle')}
      lead={say('window.key.passwordLead')}
      next={say('window.wizard.next')}
      onNext={onNext}
      ready={done || answered}
      onBack={onBack}
    >
      {done ? (
        <DoneAlready />
      ) : (
        <>
          <Radio.Group
            label={say('window.first.keyFrom')}
            value={keyFolder ? 'import' : 'new'}
            onChange={(value) => change({ keyFolder: value === 'import' ? noFolder : undefined })}
          >
            <Stack gap="xs" mt="xs">
              <Radio value="new" label={say('window.first.keyNew')} data-testid="key-new" />
              <Radio
                value="import"
                label={say('window.first.keyImport')}
                description={say('window.first.keyImportHelp')}
                data-testid="key-import"
              />
            </Stack>
          </Radio.Group>
          {keyFolder ? (
            <KeyFolderFields answers={keyFolder} onChange={(folder) => change({ keyFolder: folder })} />
          ) : (
            <KeyFields answers={answers.key} onChange={(key) => change({ key })} />
          )}
        </>
      )}
    </StepPage>
  )
}

interface FieldsProps {
  answers: KeyFolderAnswers
  onChange: (answers: KeyFolderAnswers) => void
}

function KeyFolderFields({ answers, onChange }: FieldsProps) {
  const { say } = useText()
  const task = useTask()
  const choose = () =>
    void task.run(async () => {
      const title = say('window.settings.importKeysTitle')
      const [path] = await call((client) => client.shell.chooseFolders({ title, several: false }))
      if (path !== undefined) onChange({ ...answers, path })
    })
  return (
    <Stack>
      <Group align="flex-end" wrap="nowrap">
        <TextInput
          flex={1}
          label={say('window.first.keyFolder')}
          description={say('window.first.keyFolderHelp')}
          value={answers.path}
          onChange={(event) => onChange({ ...answers, path: event.currentTarget.value })}
          data-testid="key-folder"
        />
        <Button variant="default" onClick={choose} loading={task.busy}>
          {say('window.labbook.choose')}
        </Button>
      </Group>
      <ProblemView problem={task.problem} />
      <Alert color="yellow" icon={<IconAlertTriangle aria-hidden />} title={say('window.key.warningTitle')} role="note">
        <Stack gap="sm">
          <Text size="sm">{say('window.first.keyKnown')}</Text>
          <Checkbox
            label={say('window.first.keyUnderstood')}
            checked={answers.understood}
            onChange={(event) => onChange({ ...answers, understood: event.currentTarget.checked })}
            data-testid="key-folder-understood"
          />
        </Stack>
      </Alert>
    </Stack>
  )
}

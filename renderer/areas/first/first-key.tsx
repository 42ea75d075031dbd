// The backup key in the first start: a new one, or those of a key folder that is there already (LabBook's, or of a medium).
// Guarantees: nothing is made or taken yet; that a key password cannot be recovered is said before a new one is chosen; what a folder holds is shown
// key by key, and answered.

import { Button, Group, Radio, Stack, TextInput } from '@mantine/core'
import { isForLabbook } from '../../../core/api/plan-source.ts'
import { call } from '../../client.ts'
import { choiceOf, pickOf } from '../../parts/key-pick.ts'
import { KeyPickFields } from '../../parts/key-pick-fields.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { useTask } from '../../parts/task.ts'
import { StepPage } from '../../parts/wizard.tsx'
import { useText } from '../../text/i18n.ts'
import { isKeyReady, KeyFields } from '../keys/key-wizard.tsx'
import { draftOf } from '../plans/choice.ts'
import type { KeyFolderAnswers } from './answers.ts'
import { DoneAlready, type PartProps } from './first-steps.tsx'

const noFolder: KeyFolderAnswers = { path: '', pick: undefined }

export function FirstKeyStep({ answers, change, onNext, onBack, done }: PartProps) {
  const { say } = useText()
  const { keyFolder } = answers
  const answered = keyFolder ? hasPair(keyFolder) : isKeyReady(answers.key)
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
            <KeyFields
              answers={answers.key}
              onChange={(key) => change({ key })}
              labbook={draftOf(answers.what) !== undefined && isForLabbook(answers.what)}
            />
          )}
        </>
      )}
    </StepPage>
  )
}

/** Without a key pair there would be nothing to encrypt for. */
function hasPair({ pick }: KeyFolderAnswers): boolean {
  return pick !== undefined && choiceOf(pick).pairs.length > 0
}

interface FieldsProps {
  answers: KeyFolderAnswers
  onChange: (answers: KeyFolderAnswers) => void
}

function KeyFolderFields({ answers, onChange }: FieldsProps) {
  const { say } = useText()
  const task = useTask()
  const { path, pick } = answers
  const look = async (folder: string) => {
    onChange({ path: folder, pick: undefined })
    onChange({ path: folder, pick: pickOf(await call((client) => client.key.look({ folder }))) })
  }
  const choose = () =>
    void task.run(async () => {
      const title = say('window.settings.importKeysTitle')
      const [folder] = await call((client) => client.shell.chooseFolders({ title, several: false }))
      if (folder !== undefined) await look(folder)
    })
  return (
    <Stack>
      <Group align="flex-end" wrap="nowrap">
        <TextInput
          flex={1}
          label={say('window.first.keyFolder')}
          description={say('window.first.keyFolderHelp')}
          value={path}
          onChange={(event) => onChange({ path: event.currentTarget.value, pick: undefined })}
          data-testid="key-folder"
        />
        <Button variant="default" onClick={choose} disabled={task.busy}>
          {say('window.labbook.choose')}
        </Button>
        <Button
          variant="default"
          onClick={() => void task.run(() => look(path))}
          disabled={path === ''}
          loading={task.busy}
          data-testid="key-look"
        >
          {say('window.keyPick.look')}
        </Button>
      </Group>
      <ProblemView problem={task.problem} />
      {pick && <KeyPickFields pick={pick} onChange={(next) => onChange({ path, pick: next })} />}
    </Stack>
  )
}

// The third page of the first start: the backup key, a new one or those of a key folder that is there already (LabBook's, or of a medium); and an administrator
// password, only where it is proposed, as a tick.
// Guarantees: nothing is made or taken yet; that a key password cannot be recovered is said before a new one is chosen; what a folder holds is shown
// key by key, and answered.

import { Button, Checkbox, Group, Radio, Stack, Text, TextInput } from '@mantine/core'
import type { OperatorProposal } from '../../../core/api/operator-proposal.ts'
import { isForLabbook } from '../../../core/api/plan-source.ts'
import { call } from '../../client.ts'
import { pickOf } from '../../parts/key-pick.ts'
import { KeyPickFields } from '../../parts/key-pick-fields.tsx'
import { NewPasswordFields, noPassword } from '../../parts/new-password.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { useTask } from '../../parts/task.ts'
import { StepPage } from '../../parts/wizard.tsx'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { KeyFields } from '../keys/key-wizard.tsx'
import { draftOf } from '../plans/choice.ts'
import {
  type FirstProps,
  isKeyAnswered,
  isOperatorAnswered,
  type KeyFolderAnswers,
  named,
  proposalFor,
} from './answers.ts'
import { DoneAlready } from './first-what.tsx'

const noFolder: KeyFolderAnswers = { path: '', pick: undefined }

export function FirstKeyStep({ answers, change, onNext, onBack, done }: FirstProps & { done: boolean }) {
  const { say } = useText()
  const state = useEngine('operatorSet', 'severalPeople', 'plans')
  const proposed = proposalFor(answers, state, say)
  const { keyFolder } = answers
  return (
    <StepPage
      title={say('window.first.keyTitle')}
      lead={say('window.key.passwordLead')}
      next={say('window.wizard.next')}
      onNext={onNext}
      ready={done ? isOperatorAnswered(answers) : isKeyAnswered(answers)}
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
              labbook={draftOf(named(answers, say)) !== undefined && isForLabbook(answers.what)}
            />
          )}
          <Text size="sm">{say('window.first.sheetComes')}</Text>
        </>
      )}
      {proposed && <Operator proposed={proposed} answers={answers} change={change} />}
    </StepPage>
  )
}

function Operator({
  proposed,
  answers: { operator },
  change,
}: Pick<FirstProps, 'answers' | 'change'> & { proposed: OperatorProposal }) {
  const { say } = useText()
  return (
    <Stack gap="sm" className="choice" data-testid="first-operator">
      <Checkbox
        label={say('window.first.operator')}
        description={`${say(`common.operatorProposed.${proposed}`)} ${say('terminal.operator.guards')}`}
        checked={operator !== undefined}
        onChange={(event) => change({ operator: event.currentTarget.checked ? noPassword : undefined })}
        data-testid="first-operator-tick"
      />
      {operator && (
        <NewPasswordFields
          id="new-operator-password"
          label={say('window.operator.label')}
          value={operator}
          onChange={(next) => change({ operator: next })}
        />
      )}
    </Stack>
  )
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

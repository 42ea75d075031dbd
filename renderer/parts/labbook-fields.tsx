// A LabBook server to be backed up: where its documents are, and how to reach its database. "Test" asks the server.
// Guarantees: a test changes nothing and needs no medium; its findings go as soon as an answer is changed.
import { Button, Checkbox, Group, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Finding } from '../../core/api/failure.ts'
import { call } from '../client.ts'
import { useEngine } from '../store.ts'
import { useText } from '../text/i18n.ts'
import { type Choice, databasePasswordOf, draftOf, type LabbookAnswers } from '../wizards/choice.ts'
import { Findings, ProblemView } from './problem-view.tsx'
import { useTask } from './task.ts'

const fields = ['database', 'user', 'server'] as const

interface Props {
  choice: Choice
  onChange: (choice: Choice) => void
}

export function LabbookFields({ choice, onChange }: Props) {
  const { say } = useText()
  const { keychain } = useEngine()
  const { labbook } = choice
  const change = (part: Partial<LabbookAnswers>) => onChange({ ...choice, labbook: { ...labbook, ...part } })
  return (
    <Stack>
      <StorageField value={labbook.storage} onChange={(storage) => change({ storage })} />
      {fields.map((field) => (
        <TextInput
          key={field}
          label={say(`window.labbook.${field}`)}
          description={field === 'server' ? say('window.labbook.serverHelp') : undefined}
          value={labbook[field]}
          onChange={(event) => change({ [field]: event.currentTarget.value })}
          data-testid={`labbook-${field}`}
        />
      ))}
      <DatabasePassword value={labbook.password} onChange={(password) => change({ password })} />
      <Checkbox
        label={say('window.labbook.remember')}
        description={say('window.labbook.rememberHelp')}
        checked={labbook.remember}
        disabled={keychain.problem !== undefined}
        onChange={(event) => change({ remember: event.currentTarget.checked })}
        data-testid="labbook-remember"
      />
      <Test key={JSON.stringify(labbook)} choice={choice} />
    </Stack>
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

export function DatabasePassword({ value, onChange }: { value: string; onChange: (password: string) => void }) {
  const { say } = useText()
  return (
    <PasswordInput
      label={say('window.labbook.password')}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      maxLength={1024}
      autoComplete="off"
      visibilityToggleButtonProps={{ 'aria-label': say('window.password.reveal'), tabIndex: 0 }}
      data-testid="database-password"
    />
  )
}

function Test({ choice }: { choice: Choice }) {
  const { say } = useText()
  const task = useTask()
  const [findings, setFindings] = useState<Finding[]>([])
  // The plan's name plays no part in a test.
  const plan = draftOf({ ...choice, name: choice.name || 'LabBook' })
  const test = () =>
    void task.run(async (signal) => {
      if (!plan) return
      const found = await call((client) => client.plan.check({ plan, ...databasePasswordOf(choice) }, { signal }))
      if (!signal.aborted) setFindings(found)
    })
  return (
    <>
      <Group>
        <Button variant="default" onClick={test} loading={task.busy} disabled={!plan} data-testid="labbook-test">
          {say('window.labbook.test')}
        </Button>
      </Group>
      <Findings findings={findings} />
      <ProblemView problem={task.problem} />
    </>
  )
}

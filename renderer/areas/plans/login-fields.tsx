// How to reach a database server: user, address, password, whether it is kept; and the button that asks the server.
// Guarantees: a test changes nothing and needs no medium; its findings go as soon as an answer is changed (`key` it by the answers).
import { Button, Checkbox, Group, PasswordInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Finding } from '../../../core/api/failure.ts'
import { call } from '../../client.ts'
import { Findings, ProblemView } from '../../parts/problem-view.tsx'
import { useTask } from '../../parts/task.ts'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { type Choice, databasePasswordOf, draftOf, type LoginAnswers } from './choice.ts'

interface Props {
  /** Words and test ids: a server that holds one database, or a whole one. */
  id: 'labbook' | 'mysql'
  login: LoginAnswers
  onChange: (part: Partial<LoginAnswers>) => void
}

export function LoginFields({ id, login, onChange }: Props) {
  const { say } = useText()
  const { keychain } = useEngine('keychain')
  return (
    <>
      <TextInput
        label={say(`window.${id}.user`)}
        value={login.user}
        onChange={(event) => onChange({ user: event.currentTarget.value })}
        data-testid={`${id}-user`}
      />
      <TextInput
        label={say(`window.${id}.server`)}
        description={say('window.labbook.serverHelp')}
        value={login.server}
        onChange={(event) => onChange({ server: event.currentTarget.value })}
        data-testid={`${id}-server`}
      />
      <DatabasePassword value={login.password} onChange={(password) => onChange({ password })} />
      <Checkbox
        label={say('window.labbook.remember')}
        description={say('window.labbook.rememberHelp')}
        checked={login.remember}
        disabled={keychain.problem !== undefined}
        onChange={(event) => onChange({ remember: event.currentTarget.checked })}
        data-testid={`${id}-remember`}
      />
    </>
  )
}

interface PasswordProps {
  value: string
  onChange: (password: string) => void
}

export function DatabasePassword({ value, onChange }: PasswordProps) {
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

export function Test({ choice }: { choice: Choice }) {
  const { say } = useText()
  const task = useTask()
  const [findings, setFindings] = useState<Finding[]>([])
  // Neither the plan's name nor what it restarts plays a part in a test.
  const plan = draftOf({ ...choice, name: choice.name || 'LabBook', restart: { kind: 'none', command: '' } })
  const test = () =>
    void task.run(async (signal) => {
      if (!plan) return
      const found = await call((client) => client.plan.check({ plan, ...databasePasswordOf(choice) }, { signal }))
      if (!signal.aborted) setFindings(found)
    })
  return (
    <>
      <Group>
        <Button
          variant="default"
          onClick={test}
          loading={task.busy}
          disabled={!plan}
          data-testid={`${choice.kind}-test`}
        >
          {say('window.labbook.test')}
        </Button>
      </Group>
      <Findings findings={findings} />
      <ProblemView problem={task.problem} />
    </>
  )
}

// The administrator password (setting it, changing it, taking it away), and whether this computer keeps the key password.
// Guarantees: fields are emptied after each try; where there is no keychain, it says so instead of offering it.
import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { operatorProposal } from '../../../core/api/operator-proposal.ts'
import { call } from '../../client.ts'
import { isChosen, NewPasswordFields, noPassword } from '../../parts/new-password.tsx'
import { useNotice } from '../../parts/notice.ts'
import { guarded } from '../../parts/operator.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { useTask } from '../../parts/task.ts'
import { useUnsaved } from '../../parts/unsaved.tsx'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'

export function OperatorPassword() {
  const { say } = useText()
  const { operatorSet, severalPeople, plans } = useEngine('operatorSet', 'severalPeople', 'plans')
  const proposed = operatorProposal({ operatorSet, severalPeople, sources: plans.map(({ source }) => source) })
  return (
    <Stack gap="sm" maw="30rem">
      <Text size="sm">{say('window.settings.operatorGuards')}</Text>
      {proposed && (
        <Text size="sm" data-testid="operator-proposed">
          {say(`common.operatorProposed.${proposed}`)}
        </Text>
      )}
      {/* Another form: nothing typed into the former stays. */}
      <OperatorForm key={String(operatorSet)} changes={operatorSet} />
    </Stack>
  )
}

/** Sets the password, or changes the one that there is or takes it away. */
function OperatorForm({ changes }: { changes: boolean }) {
  const { say } = useText()
  const notice = useNotice()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState(noPassword)
  useUnsaved({ current, next }, { current: '', next: noPassword })
  const task = useTask()
  const told = changes ? ({ current } as const) : {}
  const save = () =>
    void task.run(async () => {
      await call((client) => client.operator.set({ ...told, next: next.first }))
      setCurrent('')
      setNext(noPassword)
      notice(say(changes ? 'window.settings.operatorChanged' : 'window.settings.operatorChosen'))
    })
  const remove = () =>
    void task.run(async () => {
      await call((client) => client.operator.remove({ current }))
      notice(say('window.settings.operatorRemoved'))
    })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <Stack gap="sm">
        {changes && (
          <PasswordInput
            label={say('window.settings.operatorCurrent')}
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
            visibilityToggleButtonProps={{ 'aria-label': say('window.password.reveal'), tabIndex: 0 }}
            autoComplete="off"
            data-testid="operator-current"
          />
        )}
        <NewPasswordFields
          id="new-operator-password"
          label={say('window.settings.operatorNew')}
          value={next}
          onChange={setNext}
        />
        <ProblemView problem={task.problem} />
        <Group>
          <Button
            type="submit"
            loading={task.busy}
            disabled={(changes && current === '') || !isChosen(next)}
            data-testid="operator-save"
          >
            {say(changes ? 'window.settings.operatorSave' : 'window.settings.operatorChoose')}
          </Button>
          {changes && (
            <Button
              variant="default"
              loading={task.busy}
              disabled={current === ''}
              onClick={remove}
              data-testid="operator-remove"
            >
              {say('window.settings.operatorRemove')}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  )
}

export function KeyPassword() {
  const { say } = useText()
  const { keychain, keys } = useEngine('keychain', 'keys')
  const task = useTask()
  const hasKey = keys.some((key) => key.kind === 'own' && key.active)
  if (keychain.problem) return <ProblemView problem={keychain.problem} level="info" />
  if (!hasKey) return <Text size="sm">{say('window.missing.key')}</Text>
  if (!keychain.remembered) return <RememberForm />
  return (
    <Stack gap="sm">
      <Text size="sm">{say('window.settings.remembered')}</Text>
      <Group>
        <Button
          variant="default"
          loading={task.busy}
          onClick={() => void task.run(() => guarded((client) => client.key.forget()).then(() => undefined))}
          data-testid="forget-password"
        >
          {say('window.settings.forget')}
        </Button>
      </Group>
      <ProblemView problem={task.problem} />
    </Stack>
  )
}

function RememberForm() {
  const { say } = useText()
  const [password, setPassword] = useState('')
  useUnsaved(password, '')
  const task = useTask()
  const save = () =>
    void task.run(async () => {
      await guarded((client) => client.key.remember({ password }))
      setPassword('')
    })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <Stack gap="sm" maw="30rem">
        <Text size="sm">{say('window.settings.notRemembered')}</Text>
        <PasswordInput
          label={say('window.key.password')}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': say('window.password.reveal'), tabIndex: 0 }}
          autoComplete="off"
          data-testid="remember-password"
        />
        <ProblemView problem={task.problem} />
        <Group>
          <Button
            type="submit"
            variant="default"
            loading={task.busy}
            disabled={password === ''}
            data-testid="remember-save"
          >
            {say('window.settings.remember')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

// The administrator password: the small dialog that asks where a call needs it, and the calls that ask by themselves.
// Guarantees: the enforcement is the engine's; here a refused call asks once and is repeated once. After wrong tries the
// waiting time counts down. The password is forgotten as soon as it was sent.
import { Button, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core'
import { useEffect, useState } from 'react'
import { create } from 'zustand'
import { Failure, type Problem } from '../../core/api/failure.ts'
import { type Client, call } from '../client.ts'
import { useText } from '../text/i18n.ts'
import { ProblemView } from './problem-view.tsx'
import { useTask } from './task.ts'

const useAsking = create<{ answer: ((given: boolean) => void) | undefined }>()(() => ({ answer: undefined }))

/** Opens the dialog; true once the session is open. */
function ask(): Promise<boolean> {
  useAsking.getState().answer?.(false)
  return new Promise((resolve) => useAsking.setState({ answer: resolve }))
}

/** A call that may need the administrator password, where there is one. Giving up the dialog ends it as `cancelled`. */
export async function guarded<T>(work: (client: Client) => Promise<T>): Promise<T> {
  try {
    return await call(work)
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'operator-needed') throw error
    if (!(await ask())) throw cancelled(error)
    return call(work)
  }
}

function cancelled(cause: unknown): Failure {
  return new Failure('cancelled', {}, { cause })
}

/** The password field with its own failure and waiting time. `submit` is for the button that belongs to it. */
function useOperatorForm(onUnlocked: () => void) {
  const [password, setPassword] = useState('')
  const task = useTask()
  const wait = useWait(task.problem)
  const submit = () => {
    if (password === '' || wait > 0) return
    void task
      .run(async () => {
        try {
          await call((client) => client.operator.unlock({ password }))
        } finally {
          setPassword('')
        }
      })
      .then((done) => done && onUnlocked())
  }
  const ready = password !== '' && wait === 0
  return { password, setPassword, task, wait, submit, ready }
}

function OperatorField({ form }: { form: ReturnType<typeof useOperatorForm> }) {
  const { say } = useText()
  const { problem } = form.task
  const waiting = problem?.code === 'operator-wait'
  return (
    <Stack gap="sm">
      <PasswordInput
        label={say('window.operator.label')}
        value={form.password}
        onChange={(event) => form.setPassword(event.currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': say('window.password.reveal'), tabIndex: 0 }}
        data-testid="operator-password"
        data-autofocus
        autoComplete="off"
      />
      {waiting && form.wait > 0 && (
        <Text role="status" size="sm" data-testid="operator-wait">
          {say('window.operator.wait', { seconds: form.wait })}
        </Text>
      )}
      {!waiting && <ProblemView problem={problem} />}
    </Stack>
  )
}

/** Seconds left of an `operator-wait`, counted down. */
function useWait(problem: Problem | undefined): number {
  const [left, setLeft] = useState(0)
  useEffect(() => {
    if (problem?.code !== 'operator-wait') return setLeft(0)
    const end = Date.now() + Number(problem.details.seconds ?? 0) * 1000
    const tick = () => setLeft(Math.max(0, Math.ceil((end - Date.now()) / 1000)))
    tick()
    const timer = setInterval(tick, 250)
    return () => clearInterval(timer)
  }, [problem])
  return left
}

export function OperatorDialog() {
  const answer = useAsking((state) => state.answer)
  const close = (given: boolean) => {
    answer?.(given)
    useAsking.setState({ answer: undefined })
  }
  const { say } = useText()
  return (
    <Modal
      opened={answer !== undefined}
      onClose={() => close(false)}
      title={say('window.operator.title')}
      closeButtonProps={{ 'aria-label': say('window.close') }}
      centered
      // Above the dialog whose button asked for it.
      zIndex={300}
    >
      <OperatorDialogForm onDone={() => close(true)} onCancel={() => close(false)} />
    </Modal>
  )
}

function OperatorDialogForm({ onDone, onCancel }: { onDone: () => void; onCancel: () => void }) {
  const { say } = useText()
  const form = useOperatorForm(onDone)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        form.submit()
      }}
    >
      <Stack data-testid="operator-dialog">
        <Text size="sm">{say('window.operator.why')}</Text>
        <OperatorField form={form} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {say('window.cancel')}
          </Button>
          <Button type="submit" loading={form.task.busy} disabled={!form.ready} data-testid="operator-submit">
            {say('window.operator.unlock')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

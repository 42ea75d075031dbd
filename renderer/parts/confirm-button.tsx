// A button for something that cannot be taken back: asks in a small dialog, then does it.
// Guarantees: the dialog stays open and says what went wrong when the work fails.
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useText } from '../text/i18n.ts'
import { ProblemView } from './problem-view.tsx'
import { useTask } from './task.ts'

interface Props {
  label: string
  /** What the button does, with the name of what it does it to. */
  describe: string
  text: string
  work: () => Promise<unknown>
  testId: string
}

export function ConfirmButton({ label, describe, text, work, testId }: Props) {
  const { say } = useText()
  const [asking, setAsking] = useState(false)
  const task = useTask()
  const act = () => void task.run(() => work().then(() => undefined)).then((done) => done && setAsking(false))
  return (
    <>
      <Button variant="default" size="xs" onClick={() => setAsking(true)} aria-label={describe} data-testid={testId}>
        {label}
      </Button>
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        title={describe}
        closeButtonProps={{ 'aria-label': say('window.close') }}
        centered
      >
        <Stack>
          <Text size="sm">{text}</Text>
          <ProblemView problem={task.problem} />
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setAsking(false)} data-autofocus>
              {say('window.cancel')}
            </Button>
            <Button color="red.9" onClick={act} loading={task.busy} data-testid={`${testId}-confirm`}>
              {label}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}

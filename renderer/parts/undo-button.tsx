// Takes a restore back, after a question; a server that wants a password for it gets it here.
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { IconArrowBackUp } from '@tabler/icons-react'
import { useState } from 'react'
import type { Run } from '../../core/api/model.ts'
import { show } from '../store.ts'
import { useText } from '../text/i18n.ts'
import { AskDatabasePassword } from './ask-database-password.tsx'
import { guarded } from './operator.tsx'
import { ProblemView } from './problem-view.tsx'
import { useTask } from './task.ts'

export function UndoButton({ run }: { run: Run }) {
  const { say } = useText()
  const [asking, setAsking] = useState(false)
  const task = useTask()
  const undo = (password: { databasePassword?: string }) =>
    void task.run(async () => {
      const { id } = await guarded((client) => client.restore.undo({ id: run.id, ...password }))
      show({ name: 'run', id })
    })
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconArrowBackUp size={16} aria-hidden />}
        onClick={() => setAsking(true)}
        data-testid="undo-restore"
      >
        {say('window.run.undo')}
      </Button>
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        title={say('window.run.undoTitle')}
        closeButtonProps={{ 'aria-label': say('window.close') }}
        centered
      >
        <Stack>
          <Text size="sm">{say(run.safety?.database ? 'window.server.undoText' : 'window.run.undoText')}</Text>
          <ProblemView problem={task.problem} />
          {task.problem?.code === 'database-denied' && (
            <AskDatabasePassword onGiven={(databasePassword) => undo({ databasePassword })} busy={task.busy} />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setAsking(false)}>
              {say('window.cancel')}
            </Button>
            <Button onClick={() => undo({})} loading={task.busy} data-testid="undo-confirm">
              {say('window.run.undo')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}

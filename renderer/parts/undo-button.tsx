// Takes a restore back, after a question; the password that a server may want for it is given here.
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { IconArrowBackUp } from '@tabler/icons-react'
import { useState } from 'react'
import { Failure } from '../../core/api/failure.ts'
import type { Run } from '../../core/api/model.ts'
import { DatabasePassword } from '../areas/plans/login-fields.tsx'
import { show } from '../store.ts'
import { useText } from '../text/i18n.ts'
import { guarded } from './operator.tsx'
import { ProblemView } from './problem-view.tsx'
import { useTask } from './task.ts'

export function UndoButton({ run }: { run: Run }) {
  const { say } = useText()
  const [asking, setAsking] = useState(false)
  const [password, setPassword] = useState('')
  const [denied, setDenied] = useState(false)
  const server = run.safety?.database !== undefined
  const task = useTask()
  const undo = () =>
    void task.run(async () => {
      const given = password === '' ? {} : { databasePassword: password }
      try {
        const { id } = await guarded((client) => client.restore.undo({ id: run.id, ...given }))
        show({ name: 'run', id })
      } catch (error) {
        if (error instanceof Failure && error.code === 'database-denied') setDenied(true)
        throw error
      }
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
          <Text size="sm">{say(server ? 'window.server.undoText' : 'window.run.undoText')}</Text>
          <ProblemView problem={task.problem} />
          {denied && <DatabasePassword value={password} onChange={setPassword} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setAsking(false)}>
              {say('window.run.undoKeep')}
            </Button>
            <Button onClick={undo} loading={task.busy} data-testid="undo-confirm">
              {say('window.run.undo')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}

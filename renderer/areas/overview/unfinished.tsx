// Restores of servers that were ended in the middle and could not be taken back yet: told on the main screen, with the way to try again.
import { Button, Stack } from '@mantine/core'
import type { UnfinishedRestore } from '../../../core/api/model.ts'
import { AskDatabasePassword } from '../../parts/ask-database-password.tsx'
import { guarded } from '../../parts/operator.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { Section } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'

export function Unfinished() {
  const { say } = useText()
  const { unfinished = [] } = useEngine('unfinished')
  if (unfinished.length === 0) return null
  return (
    <Section title={say('window.server.unfinished')} testId="unfinished">
      <Stack gap="sm">
        {unfinished.map((restore) => (
          <Waiting key={restore.id} restore={restore} />
        ))}
      </Stack>
    </Section>
  )
}

function Waiting({ restore }: { restore: UnfinishedRestore }) {
  const { say, problem: inWords } = useText()
  const task = useTask()
  const again = (password: { databasePassword?: string }) =>
    void task.run(async () => {
      await guarded((client) => client.restore.recover({ id: restore.id, ...password }))
    })
  const problem = task.problem ?? restore.problem
  const { database, server } = restore
  const waiting = { database, server, reason: inWords(problem).text.replace(/\.$/, '') }
  return (
    <ProblemView problem={{ code: 'restore-waiting', details: waiting }}>
      {problem.code === 'database-denied' ? (
        <AskDatabasePassword onGiven={(databasePassword) => again({ databasePassword })} busy={task.busy} />
      ) : (
        <Button mt="xs" size="xs" variant="default" onClick={() => again({})} loading={task.busy} data-testid="recover">
          {say('window.server.recover')}
        </Button>
      )}
    </ProblemView>
  )
}

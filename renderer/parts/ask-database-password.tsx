// The password of a database, asked for where its server has refused: none was remembered, or it is another one now.
import { Button, Group, Stack } from '@mantine/core'
import { useState } from 'react'
import { DatabasePassword } from '../areas/plans/login-fields.tsx'
import { useText } from '../text/i18n.ts'

export function AskDatabasePassword({
  onGiven,
  busy = false,
}: {
  onGiven: (password: string) => void
  busy?: boolean
}) {
  const { say } = useText()
  const [typed, setTyped] = useState('')
  return (
    <Stack gap="xs">
      <DatabasePassword value={typed} onChange={setTyped} />
      <Group>
        <Button
          variant="default"
          disabled={typed === ''}
          loading={busy}
          onClick={() => onGiven(typed)}
          data-testid="database-password-try"
        >
          {say('window.labbook.again')}
        </Button>
      </Group>
    </Stack>
  )
}

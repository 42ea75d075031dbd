// Before the first state has arrived; blank for a moment, because it usually arrives at once.
import { Center, Loader, Stack, Text } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useText } from '../text/i18n.ts'

export function Connecting() {
  const { say } = useText()
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 400)
    return () => clearTimeout(timer)
  }, [])
  return (
    <Center h="100%" component="main" data-testid="connecting">
      {late && (
        <Stack align="center">
          <Loader aria-hidden />
          <Text role="status">{say('window.connecting')}</Text>
        </Stack>
      )}
    </Center>
  )
}

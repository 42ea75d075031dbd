// What surrounds every screen: the bar on top, and the notice while there is no connection to the engine.
import { Alert, Box, Button, Center, Container, Group, Loader, Stack, Text, UnstyledButton } from '@mantine/core'
import { IconSailboat, IconSettings } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { show, useStore } from '../store.ts'
import { useText } from '../text/i18n.ts'

export function Frame({ children }: { children: React.ReactNode }) {
  const { say } = useText()
  const connected = useStore((store) => store.mirror.connected)
  return (
    <Box className="frame">
      <Group component="nav" aria-label={say('common.app')} className="topbar" justify="space-between" px="xl" h={52}>
        <UnstyledButton onClick={() => show({ name: 'main' })} aria-label={say('window.home')} data-testid="home">
          <Group gap="xs">
            <IconSailboat size={26} aria-hidden className="brand" />
            <Text fw={700} size="lg">
              {say('common.app')}
            </Text>
          </Group>
        </UnstyledButton>
        <Button
          variant="subtle"
          color="gray"
          leftSection={<IconSettings size={18} aria-hidden />}
          onClick={() => show({ name: 'settings' })}
          data-testid="settings-link"
        >
          {say('window.settings.title')}
        </Button>
      </Group>
      <Box className="frame-body">
        <Container component="main" size={1120} py="lg" px="xl">
          {!connected && <Reconnecting />}
          {children}
        </Container>
      </Box>
    </Box>
  )
}

function Reconnecting() {
  const { say } = useText()
  return (
    <Alert color="yellow" icon={<Loader size={18} aria-hidden />} role="status" mb="md" data-testid="reconnecting">
      {say('window.reconnecting')}
    </Alert>
  )
}

/** Before the first state has arrived; blank for a moment, because it usually arrives at once. */
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

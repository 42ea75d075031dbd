// The actions in their fixed order. One that is not possible says why and links to what is missing.
import { Anchor, Button, SimpleGrid, Stack, Text } from '@mantine/core'
import { IconCloudUpload, IconDeviceUsb, IconKey, IconRestore } from '@tabler/icons-react'
import type { AppState } from '../../core/api/model.ts'
import { show, useEngine, type WizardName } from '../store.ts'
import { useText } from '../text/i18n.ts'
import { type ActionName, missingFor } from '../text/missing.ts'

const icons = { backup: IconCloudUpload, restore: IconRestore, init: IconDeviceUsb, key: IconKey }
const order: readonly ActionName[] = ['backup', 'restore', 'init', 'key']

export function Actions() {
  const { say } = useText()
  const state = useEngine()
  return (
    <SimpleGrid cols={{ base: 2, sm: 4 }} component="nav" aria-label={say('window.actions.label')}>
      {order.map((name) => (
        <Action key={name} name={name} state={state} />
      ))}
    </SimpleGrid>
  )
}

function Action({ name, state }: { name: ActionName; state: AppState }) {
  const { say } = useText()
  const missing = missingFor(name, state)
  const Icon = icons[name]
  const go = (wizard: WizardName) => show({ name: 'wizard', wizard })
  return (
    <Stack gap={4}>
      <Button
        variant={name === 'backup' ? 'filled' : 'default'}
        h={56}
        px="sm"
        leftSection={<Icon size={22} aria-hidden />}
        disabled={missing !== undefined}
        onClick={() => go(name)}
        aria-describedby={missing && `reason-${name}`}
        data-testid={`action-${name}`}
      >
        {say(`window.actions.${name}`)}
      </Button>
      {missing && (
        <Text size="xs" id={`reason-${name}`} data-testid={`reason-${name}`}>
          {say(`window.missing.${missing.reason}`)}{' '}
          {missing.wizard && (
            <Anchor component="button" size="xs" onClick={() => missing.wizard && go(missing.wizard)}>
              {say(`window.missing.link.${missing.wizard}`)}
            </Anchor>
          )}
        </Text>
      )}
    </Stack>
  )
}

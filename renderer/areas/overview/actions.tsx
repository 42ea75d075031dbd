// The actions in their fixed order. One that is not possible says why and links to what is missing.
import { Anchor, Button, SimpleGrid, Stack, Text } from '@mantine/core'
import { IconCalendarTime, IconDatabaseExport, IconDeviceUsb, IconKey, IconRestore } from '@tabler/icons-react'
import { show, useFromEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { type ActionName, type Missing, missingFor } from '../../text/missing.ts'

const icons = {
  backup: IconDatabaseExport,
  restore: IconRestore,
  init: IconDeviceUsb,
  key: IconKey,
  schedule: IconCalendarTime,
}
const order: readonly ActionName[] = ['backup', 'restore', 'init', 'key', 'schedule']

export function Actions() {
  const { say } = useText()
  return (
    <SimpleGrid
      type="container"
      cols={{ base: 2, '26rem': 3, '36rem': 5 }}
      spacing="sm"
      component="nav"
      aria-label={say('window.actions.label')}
    >
      {order.map((name) => (
        <Action key={name} name={name} />
      ))}
    </SimpleGrid>
  )
}

function Action({ name }: { name: ActionName }) {
  const { say } = useText()
  const missing = useFromEngine((state) => missingFor(name, state))
  const Icon = icons[name]
  return (
    <Stack gap={4}>
      <Button
        variant={name === 'backup' ? 'filled' : 'default'}
        className="action"
        mih={88}
        h="auto"
        px={4}
        py="xs"
        leftSection={<Icon size={24} aria-hidden />}
        disabled={missing !== undefined}
        onClick={() => show({ name })}
        aria-describedby={missing && `reason-${name}`}
        data-testid={`action-${name}`}
      >
        {say(`window.actions.${name}`)}
      </Button>
      {missing && <Reason id={name} missing={missing} />}
    </Stack>
  )
}

function Reason({ id, missing: { reason, wizard } }: { id: ActionName; missing: Missing }) {
  const { say } = useText()
  return (
    <Text size="sm" id={`reason-${id}`} data-testid={`reason-${id}`}>
      {say(`window.missing.${reason}`)}{' '}
      {wizard && (
        <Anchor component="button" size="sm" onClick={() => show({ name: wizard })}>
          {say(`window.missing.link.${wizard}`)}
        </Anchor>
      )}
    </Text>
  )
}

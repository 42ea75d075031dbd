// The files that were put together to be restored at once.
// Guarantees: what cannot be had now stays in the basket and says which place it needs.
import { ActionIcon, Button, Group, Stack, Text } from '@mantine/core'
import { IconRestore, IconX } from '@tabler/icons-react'
import { visible } from '../../../core/api/text/visible.ts'
import { FileName } from '../../parts/show.tsx'
import { show, useFromEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { missingFor } from '../../text/missing.ts'
import { emptyBasket, isHere, partsOf, take, useBasket, type Wanted } from './basket.ts'
import { isoOf } from './calendar.ts'
import { PlaceBadge } from './place-badge.tsx'

export function BasketPanel() {
  const { say } = useText()
  const items = useBasket((basket) => basket.items)
  const impossible = useFromEngine((state) => missingFor('restore', state) !== undefined)
  if (items.length === 0) return null
  const { parts, away } = partsOf(items)
  const ready = items.length - away.length
  return (
    <Stack
      className="panel"
      p="md"
      gap="sm"
      component="section"
      aria-label={say('find.window.basket')}
      data-testid="basket"
    >
      <Group justify="space-between">
        <Text fw={600}>{say('find.window.inBasket', { count: items.length })}</Text>
        <Group gap="sm">
          <Button variant="subtle" size="xs" onClick={emptyBasket} data-testid="basket-empty">
            {say('find.window.empty')}
          </Button>
          <Button
            leftSection={<IconRestore size={18} aria-hidden />}
            disabled={ready === 0 || impossible}
            onClick={() => show({ name: 'restore', parts })}
            data-testid="basket-restore"
          >
            {say('find.window.restoreFiles', { count: ready })}
          </Button>
        </Group>
      </Group>
      <Stack component="ul" gap={4} m={0} p={0} className="basket-list">
        {items.map((item) => (
          <Item key={`${item.subject}\n${item.host}\n${item.path}`} item={item} />
        ))}
      </Stack>
      {parts.length > 1 && <Text size="sm">{say('find.window.fromSeveral', { count: parts.length })}</Text>}
    </Stack>
  )
}

function Item({ item }: { item: Wanted }) {
  const { say, bytes, time } = useText()
  const { version, path, origin } = item
  const name = visible(path.slice(path.lastIndexOf('/') + 1))
  const [place] = version.backups.flatMap(({ places }) => places)
  return (
    <Group component="li" gap="xs" wrap="nowrap" data-testid="basket-item" data-path={path}>
      <ActionIcon
        variant="subtle"
        color="gray"
        onClick={() => take(item)}
        aria-label={say('find.window.takeName', { name })}
        data-testid="basket-take"
      >
        <IconX size={16} aria-hidden />
      </ActionIcon>
      <Stack gap={0} flex={1} miw={0}>
        <Text size="sm" component="span">
          <FileName name={origin ?? path} />
        </Text>
        <Text size="xs" c="dimmed" component="span">
          {time(isoOf(version.mtime))}
          {version.type === 'file' && ` · ${bytes(version.size)}`}
        </Text>
      </Stack>
      {!isHere(version) && place && <PlaceBadge place={place} />}
    </Group>
  )
}

// Choosing one connected medium, live: what is plugged in appears by itself.
// Guarantees: a medium that does not fit stays visible and says why; the choice ends when the medium goes away.
import { Badge, Button, Group, Progress, Radio, Stack, Text } from '@mantine/core'
import { IconDeviceUsb, IconFolderOpen, IconServer } from '@tabler/icons-react'
import type { Medium } from '../../core/api/model.ts'
import { visible } from '../../core/api/text/visible.ts'
import { call } from '../client.ts'
import { useText } from '../text/i18n.ts'
import { PlaceLink } from './place-link.tsx'
import { ProblemView } from './problem-view.tsx'
import { FileName, When } from './show.tsx'
import { useTask } from './task.ts'

/** How a medium is named in calls: by its identity where it has one. */
export function refOf(medium: Medium): string {
  return medium.id ?? medium.path
}

interface Props {
  media: readonly Medium[]
  value: string | undefined
  onChange: (path: string | undefined) => void
  /** Why a medium cannot be chosen here, if so. */
  refuse?: (medium: Medium) => string | undefined
  /** Offered below the list: a folder as a medium. Given the chosen folder. */
  onFolder?: (medium: Medium) => void
}

export function MediumChoice({ media, value, onChange, refuse, onFolder }: Props) {
  const { say } = useText()
  return (
    <Stack gap="sm" data-testid="medium-choice">
      {media.length === 0 && (
        <Group className="choice" gap="sm" role="status" wrap="nowrap">
          <IconDeviceUsb size={24} aria-hidden />
          <Text size="sm">{say('window.media.plugIn')}</Text>
        </Group>
      )}
      {media.length > 0 && (
        <Radio.Group
          value={value ?? null}
          onChange={(path) => onChange(path ?? undefined)}
          label={say('window.media.choose')}
        >
          <Stack gap="xs" mt="xs">
            {media.map((medium) => (
              <MediumOption key={medium.path} medium={medium} reason={refuse?.(medium)} />
            ))}
          </Stack>
        </Radio.Group>
      )}
      {onFolder && <FolderAsMedium onFolder={onFolder} />}
    </Stack>
  )
}

function MediumOption({ medium, reason }: { medium: Medium; reason: string | undefined }) {
  return (
    <Radio.Card
      value={medium.path}
      disabled={reason !== undefined}
      className="choice"
      withBorder={false}
      data-testid="medium-option"
      data-medium={medium.name}
    >
      <Group wrap="nowrap" align="flex-start" gap="md">
        <Radio.Indicator mt={2} disabled={reason !== undefined} />
        <Stack gap={4} flex={1} miw={0}>
          <MediumFacts medium={medium} />
          {reason && (
            <Text size="sm" c="dimmed" component="span">
              {reason}
            </Text>
          )}
        </Stack>
      </Group>
    </Radio.Card>
  )
}

/** Name, state, free space and last backup of a medium, as one block; `linked`: its name leads to its page. */
export function MediumFacts({ medium, linked = false }: { medium: Medium; linked?: boolean }) {
  const { say } = useText()
  const Icon = medium.removable ? IconDeviceUsb : IconServer
  return (
    <Stack gap={4} flex={1} miw={0}>
      <Group gap="xs">
        <Icon size={20} aria-hidden />
        <PlaceLink id={linked && medium.initialised ? medium.id : undefined}>
          <FileName name={medium.name} />
        </PlaceLink>
        <InitialisedBadge medium={medium} />
        {medium.readOnly && (
          <Badge variant="light" color="red" tt="none">
            {say('window.media.readOnly')}
          </Badge>
        )}
      </Group>
      <Text size="xs" c="dimmed" component="span">
        <FileName name={medium.path} />
      </Text>
      <FreeSpace medium={medium} />
      <Text size="sm" component="span">
        {medium.lastBackup ? (
          <>
            {say('window.media.lastBackup')} <When iso={medium.lastBackup} />
          </>
        ) : (
          medium.initialised && say('window.media.noBackup')
        )}
      </Text>
    </Stack>
  )
}

function InitialisedBadge({ medium }: { medium: Medium }) {
  const { say } = useText()
  return (
    <Badge variant="light" color={medium.initialised ? 'green' : 'gray'} tt="none">
      {say(medium.initialised ? 'window.media.initialised' : 'window.media.notInitialised')}
    </Badge>
  )
}

function FreeSpace({ medium }: { medium: Medium }) {
  const { say, bytes } = useText()
  if (medium.free === undefined || medium.size === undefined || medium.size === 0) return null
  const used = Math.min(100, Math.max(0, 100 - (medium.free / medium.size) * 100))
  const text = say('window.media.free', { free: bytes(medium.free), size: bytes(medium.size) })
  return (
    <Group gap="sm" wrap="nowrap">
      <Progress
        value={used}
        w={140}
        size="md"
        color={used > 90 ? 'red' : 'sea'}
        aria-label={say('window.media.used', { name: visible(medium.name) })}
      />
      <Text size="sm" component="span">
        {text}
      </Text>
    </Group>
  )
}

function FolderAsMedium({ onFolder }: { onFolder: (medium: Medium) => void }) {
  const { say } = useText()
  const task = useTask()
  const choose = () =>
    void task.run(async () => {
      const title = say('window.media.chooseFolder')
      const [folder] = await call((client) => client.shell.chooseFolders({ title, several: false }))
      if (folder === undefined) return
      const { medium } = await call((client) => client.medium.check({ medium: folder }))
      onFolder(medium)
    })
  return (
    <Stack gap="xs">
      <Group>
        <Button
          variant="subtle"
          leftSection={<IconFolderOpen size={18} aria-hidden />}
          onClick={choose}
          loading={task.busy}
          data-testid="medium-folder"
        >
          {say('window.media.chooseFolder')}
        </Button>
      </Group>
      <ProblemView problem={task.problem} />
    </Stack>
  )
}

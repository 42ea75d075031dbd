// The folders that a plan protects, chosen or dropped on the page, and what it leaves out: usual things as ticks, else patterns.
// Guarantees: paths are kept exactly as the system gave them, and shown with `visible`.
import { ActionIcon, Button, Checkbox, Group, Stack, TagsInput, Text } from '@mantine/core'
import { IconFolder, IconFolderPlus, IconTrash } from '@tabler/icons-react'
import {
  type ExclusionGroup,
  exclusionFault,
  exclusionGroups,
  isUsualExclusion,
  usualExclusions,
} from '../../core/api/exclusion.ts'
import { visible } from '../../core/api/text/visible.ts'
import { call } from '../client.ts'
import { useText } from '../text/i18n.ts'
import { useDropped } from './dropped.ts'
import { ProblemView } from './problem-view.tsx'
import { FileName } from './show.tsx'
import { useTask } from './task.ts'

interface FolderListProps {
  paths: string[]
  onChange: (paths: string[]) => void
  /** Nothing is said where there are none: they are further ones. */
  further?: boolean
  /** Beside a folder: how much it holds. */
  beside?: (path: string) => React.ReactNode
}

export function FolderList({ paths, onChange, further = false, beside }: FolderListProps) {
  const { say } = useText()
  const task = useTask()
  const take = (more: readonly string[]) => onChange([...new Set([...paths, ...more])])
  const over = useDropped(take)
  const add = () =>
    void task.run(async () => {
      const chosen = await call((client) =>
        client.shell.chooseFolders({ title: say('window.folders.chooseTitle'), several: true }),
      )
      take(chosen)
    })
  return (
    <Stack gap="xs" className={over ? 'drop-zone' : undefined} data-testid="drop-zone">
      {paths.length === 0 && !further && (
        <Text size="sm" c="dimmed">
          {say('window.folders.none')}
        </Text>
      )}
      {paths.length > 0 && (
        <Stack component="ul" gap="xs" m={0} p={0} data-testid="folder-list" aria-label={say('window.folders.label')}>
          {paths.map((path) => (
            <Group component="li" key={path} className="choice" wrap="nowrap" justify="space-between">
              <Group gap="sm" wrap="nowrap">
                <IconFolder size={20} aria-hidden />
                <FileName name={path} />
                {beside?.(path)}
              </Group>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={say('window.folders.remove', { name: visible(path) })}
                onClick={() => onChange(paths.filter((other) => other !== path))}
              >
                <IconTrash size={18} aria-hidden />
              </ActionIcon>
            </Group>
          ))}
        </Stack>
      )}
      <Group>
        <Button
          variant="default"
          leftSection={<IconFolderPlus size={18} aria-hidden />}
          onClick={add}
          loading={task.busy}
          data-testid="add-folders"
        >
          {say('window.folders.add')}
        </Button>
        <Text size="sm" c="dimmed">
          {say('window.folders.drop')}
        </Text>
      </Group>
      <ProblemView problem={task.problem} />
    </Stack>
  )
}

export function ExclusionField({ value, onChange }: { value: string[]; onChange: (value: string[]) => void }) {
  const { say, problem } = useText()
  const refused = value.flatMap((pattern) => {
    const reason = exclusionFault(pattern)
    return reason ? [problem({ code: 'exclude-refused', details: { pattern, reason } }).text] : []
  })
  const own = value.filter((pattern) => !isUsualExclusion(pattern))
  return (
    <Stack gap="sm">
      <UsualExclusions value={value} onChange={onChange} />
      <TagsInput
        error={refused[0]}
        label={say('window.folders.exclude')}
        description={say('window.folders.excludeHelp')}
        placeholder={own.length === 0 ? '*.tmp' : ''}
        value={own}
        onChange={(patterns) => onChange([...value.filter(isUsualExclusion), ...patterns])}
        acceptValueOnBlur
        data-testid="exclusions"
      />
    </Stack>
  )
}

/** What is usually left out, as ticks. */
export function UsualExclusions({ value, onChange }: { value: string[]; onChange: (value: string[]) => void }) {
  const { say } = useText()
  const toggle = (group: ExclusionGroup, on: boolean) => {
    const patterns = new Set<string>(usualExclusions[group].patterns)
    const rest = value.filter((pattern) => !patterns.has(pattern))
    onChange(on ? [...rest, ...patterns] : rest)
  }
  return (
    <Stack gap={6} role="group" aria-label={say('window.folders.usually')}>
      <Text size="sm" fw={500}>
        {say('window.folders.usually')}
      </Text>
      <Group gap="lg">
        {exclusionGroups.map((group) => {
          const count = usualExclusions[group].patterns.filter((pattern) => value.includes(pattern)).length
          const all = count === usualExclusions[group].patterns.length
          return (
            <Checkbox
              key={group}
              label={say(`window.folders.usual.${group}`)}
              checked={all}
              indeterminate={count > 0 && !all}
              onChange={(event) => toggle(group, event.currentTarget.checked)}
              data-testid={`exclude-${group}`}
            />
          )
        })}
      </Group>
    </Stack>
  )
}

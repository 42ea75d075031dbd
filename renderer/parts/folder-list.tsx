// The folders that a plan protects, and what it leaves out.
// Guarantees: paths are kept exactly as the system gave them, and shown with `visible`.
import { ActionIcon, Button, Group, Stack, TagsInput, Text } from '@mantine/core'
import { IconFolder, IconFolderPlus, IconTrash } from '@tabler/icons-react'
import { exclusionFault } from '../../core/api/exclusion.ts'
import { visible } from '../../core/api/text/visible.ts'
import { call } from '../client.ts'
import { useText } from '../text/i18n.ts'
import { ProblemView } from './problem-view.tsx'
import { FileName } from './show.tsx'
import { useTask } from './task.ts'

export function FolderList({ paths, onChange }: { paths: string[]; onChange: (paths: string[]) => void }) {
  const { say } = useText()
  const task = useTask()
  const add = () =>
    void task.run(async () => {
      const chosen = await call((client) =>
        client.shell.chooseFolders({ title: say('window.folders.chooseTitle'), several: true }),
      )
      onChange([...new Set([...paths, ...chosen])])
    })
  return (
    <Stack gap="xs">
      {paths.length === 0 && (
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
  return (
    <TagsInput
      error={refused[0]}
      label={say('window.folders.exclude')}
      description={say('window.folders.excludeHelp')}
      placeholder={value.length === 0 ? '*.tmp' : ''}
      value={value}
      onChange={onChange}
      acceptValueOnBlur
      data-testid="exclusions"
    />
  )
}

// The contents of a backup, folder by folder, with boxes to tick. Only what is looked at is fetched.
// Guarantees: ticking a folder means all that is in it; a folder of any size is shown in pieces; names are shown harmless.
import { Anchor, Breadcrumbs, Button, Checkbox, Group, Loader, Stack, Table, Text } from '@mantine/core'
import { IconFile, IconFolder, IconLink, IconQuestionMark } from '@tabler/icons-react'
import { useCallback, useEffect, useState } from 'react'
import type { ArchiveEntry } from '../../../core/api/model.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { call } from '../../client.ts'
import { ProblemView } from '../../parts/problem-view.tsx'
import { FileName } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { useText } from '../../text/i18n.ts'
import { coveredBy, crumbsOf, partlyChosen, toggled } from './selection.ts'

type Entry = ArchiveEntry & { name: string; files: number; bytes: number }

const page = 200

/** A hard link is, for people, a file like any other. */
const icons = { file: IconFile, folder: IconFolder, symlink: IconLink, link: IconFile, other: IconQuestionMark }

interface Props {
  inspection: string
  chosen: string[]
  onChange: (paths: string[]) => void
}

export function ArchiveBrowser({ inspection, chosen, onChange }: Props) {
  const { say } = useText()
  const [folder, setFolder] = useState('')
  const { entries, total, more, busy, problem } = useFolder(inspection, folder)
  return (
    <Stack gap="xs" data-testid="archive-browser">
      <Breadcrumbs fz="sm" aria-label={say('window.browser.where')}>
        {crumbsOf(folder).map(({ path, name }) =>
          path === folder ? (
            <Text key={path} size="sm" fw={600} component="span">
              {path === '' ? say('window.browser.top') : <FileName name={name} />}
            </Text>
          ) : (
            <Anchor key={path} component="button" type="button" size="sm" onClick={() => setFolder(path)}>
              {path === '' ? say('window.browser.top') : visible(name)}
            </Anchor>
          ),
        )}
      </Breadcrumbs>
      <div className="tree">
        <Table verticalSpacing={4} aria-label={say('window.browser.label')}>
          <Table.Tbody>
            {entries.map((entry) => (
              <EntryRow
                key={entry.path}
                entry={entry}
                chosen={chosen}
                onToggle={() => onChange(toggled(chosen, entry.path))}
                onOpen={() => setFolder(entry.path)}
              />
            ))}
          </Table.Tbody>
        </Table>
        {busy && <Loader size="sm" m="xs" aria-label={say('window.browser.loading')} />}
        {!busy && total === 0 && <Text p="xs">{say('window.browser.empty')}</Text>}
        {entries.length < total && !busy && (
          <Button variant="subtle" size="xs" onClick={more}>
            {say('window.more')}
          </Button>
        )}
      </div>
      <Text size="sm" role="status" data-testid="chosen-count">
        {say('window.browser.chosen', { count: chosen.length })}
      </Text>
      <ProblemView problem={problem} />
    </Stack>
  )
}

interface RowProps {
  entry: Entry
  chosen: string[]
  onToggle: () => void
  onOpen: () => void
}

function EntryRow({ entry, chosen, onToggle, onOpen }: RowProps) {
  const covered = coveredBy(chosen, entry.path)
  const { say } = useText()
  const folder = entry.type === 'folder'
  const Icon = icons[entry.type]
  return (
    <Table.Tr data-testid="entry" data-path={entry.path}>
      <Table.Td w={32}>
        <Checkbox
          checked={covered || chosen.includes(entry.path)}
          indeterminate={!covered && partlyChosen(chosen, entry.path)}
          disabled={covered}
          onChange={onToggle}
          aria-label={say('window.browser.choose', { name: visible(entry.name) })}
        />
      </Table.Td>
      <Table.Td>
        <Group gap="xs" wrap="nowrap">
          <Icon size={18} aria-hidden className="entry-icon" />
          {folder ? (
            <Anchor component="button" type="button" ta="left" size="sm" onClick={onOpen}>
              <FileName name={entry.name} />
            </Anchor>
          ) : (
            <FileName name={entry.name} />
          )}
        </Group>
      </Table.Td>
      <Table.Td ta="right" className="cell-short">
        <Text size="sm" c="dimmed">
          <Amount entry={entry} />
        </Text>
      </Table.Td>
    </Table.Tr>
  )
}

/** Nothing where a size would say nothing: links, and what is no file. */
function Amount({ entry }: { entry: Entry }) {
  const { say, bytes, files } = useText()
  if (entry.type === 'file') return bytes(entry.size)
  if (entry.type !== 'folder') return null
  if (entry.files === 0) return say('window.browser.emptyFolder')
  return say('window.browser.folder', { files: files(entry.files), size: bytes(entry.bytes) })
}

interface Listing {
  folder: string
  entries: Entry[]
  total: number
}

function useFolder(inspection: string, folder: string) {
  const [listing, setListing] = useState<Listing>({ folder: '', entries: [], total: -1 })
  const { run, busy, problem } = useTask()
  const load = useCallback(
    (offset: number) =>
      void run(async (signal) => {
        const input = { inspection, folder, offset, limit: page }
        const found = await call((client) => client.restore.browse(input, { signal }))
        if (signal.aborted) return
        setListing((known) => ({
          folder,
          entries: offset === 0 ? found.entries : [...known.entries, ...found.entries],
          total: found.total,
        }))
      }),
    [run, inspection, folder],
  )
  useEffect(() => load(0), [load])
  const here = listing.folder === folder ? listing : { entries: [], total: -1 }
  return { ...here, more: () => load(here.entries.length), busy, problem }
}

// The contents of a backup, folder by folder, with boxes to tick; by name, date or size. Only what is looked at is fetched.
// Guarantees: ticking a folder means all that is in it; a folder of any size is shown, and few of its rows are drawn; names are shown harmless.
import { ActionIcon, Anchor, Breadcrumbs, Button, Checkbox, Group, Loader, Stack, Text } from '@mantine/core'
import { IconFile, IconFolder, IconLink, IconQuestionMark, IconX } from '@tabler/icons-react'
import { createContext, useCallback, useContext, useEffect, useMemo, useState } from 'react'
import type { ArchiveEntry } from '../../../core/api/model.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { call } from '../../client.ts'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { FileName } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { useText } from '../../text/i18n.ts'
import { isoOf } from './calendar.ts'
import { coveredBy, crumbsOf, partlyChosen, toggled } from './selection.ts'

type Entry = ArchiveEntry & { name: string; files: number; bytes: number }

/** As the contract allows at once. */
const page = 1000

/** More of a folder is fetched when its end comes into sight. */
const atFirst = 20_000

/** A hard link is, for people, a file like any other. */
const icons = { file: IconFile, folder: IconFolder, symlink: IconLink, link: IconFile, other: IconQuestionMark }

interface Props {
  inspection: string
  chosen: string[]
  onChange: (paths: string[]) => void
}

interface Choice {
  chosen: string[]
  onToggle: (path: string) => void
}

/** Apart from the rows: a tick draws the boxes anew, and sorts nothing. */
const ChoiceContext = createContext<Choice>({ chosen: [], onToggle: () => undefined })

export function ArchiveBrowser({ inspection, chosen, onChange }: Props) {
  const { say } = useText()
  const [folder, setFolder] = useState('')
  const { entries, total, more, busy, problem } = useFolder(inspection, folder)
  const columns = useColumns(setFolder)
  const choice = useMemo(
    () => ({ chosen, onToggle: (path: string) => onChange(toggled(chosen, path)) }),
    [chosen, onChange],
  )
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
      <ChoiceContext value={choice}>
        {entries.length > 0 && (
          <DataTable
            key={folder}
            label={say('window.browser.label')}
            rows={entries}
            columns={columns}
            idOf={({ path }) => path}
            dataOf={({ path }) => ({ 'data-testid': 'entry', 'data-path': path })}
            {...(entries.length < total && { onEnd: more })}
            testId="entries"
          />
        )}
      </ChoiceContext>
      {busy && <Loader size="sm" m="xs" aria-label={say('window.browser.loading')} />}
      {!busy && total === 0 && <Text p="xs">{say('window.browser.empty')}</Text>}
      <ProblemView problem={problem} />
      <Chosen chosen={chosen} onChange={onChange} />
    </Stack>
  )
}

const names = new Intl.Collator()

function useColumns(onOpen: (path: string) => void): readonly Column<Entry>[] {
  const { say, time } = useText()
  return useMemo(
    () => [
      {
        key: 'choose',
        label: say('find.window.column.choose'),
        cell: (entry) => <Box entry={entry} />,
        width: '3rem',
        quiet: true,
      },
      {
        key: 'name',
        label: say('find.window.column.name'),
        cell: (entry) => <Name entry={entry} onOpen={onOpen} />,
        order: (one, other) => rank(one) - rank(other) || names.compare(one.name, other.name),
      },
      {
        key: 'mtime',
        label: say('find.window.column.date'),
        cell: ({ mtime }) => <span className="cell-short">{time(isoOf(mtime))}</span>,
        order: (one, other) => one.mtime - other.mtime,
        width: '11rem',
      },
      {
        key: 'size',
        label: say('find.window.column.size'),
        cell: (entry) => <Amount entry={entry} />,
        order: (one, other) => one.bytes - other.bytes,
        width: '9rem',
      },
    ],
    [say, time, onOpen],
  )
}

function rank({ type }: Entry): number {
  return type === 'folder' ? 0 : 1
}

function Box({ entry: { path, name } }: { entry: Entry }) {
  const { say } = useText()
  const { chosen, onToggle } = useContext(ChoiceContext)
  const covered = coveredBy(chosen, path)
  return (
    <Checkbox
      checked={covered || chosen.includes(path)}
      indeterminate={!covered && partlyChosen(chosen, path)}
      disabled={covered}
      onChange={() => onToggle(path)}
      aria-label={say('window.browser.choose', { name: visible(name) })}
    />
  )
}

function Name({ entry: { type, name, path }, onOpen }: { entry: Entry; onOpen: (path: string) => void }) {
  const Icon = icons[type]
  return (
    <Group gap="xs" wrap="nowrap">
      <Icon size={18} aria-hidden className="entry-icon" />
      {type === 'folder' ? (
        <Anchor component="button" type="button" ta="left" size="sm" onClick={() => onOpen(path)}>
          <FileName name={name} />
        </Anchor>
      ) : (
        <Text size="sm" component="span">
          <FileName name={name} />
        </Text>
      )}
    </Group>
  )
}

/** Nothing where a size would say nothing: links, and what is no file. */
function Amount({ entry }: { entry: Entry }) {
  const { say, bytes, files } = useText()
  if (entry.type === 'file') return <span className="cell-short">{bytes(entry.size)}</span>
  if (entry.type !== 'folder') return null
  if (entry.files === 0) return say('window.browser.emptyFolder')
  return (
    <Text size="xs" c="dimmed" component="span">
      {say('window.browser.folder', { files: files(entry.files), size: bytes(entry.bytes) })}
    </Text>
  )
}

/** So many are named. */
const named = 50

/** All that is chosen, wherever it is. */
function Chosen({ chosen, onChange }: Pick<Props, 'chosen' | 'onChange'>) {
  const { say } = useText()
  return (
    <Stack gap={4}>
      <Group justify="space-between" mih={30}>
        <Text size="sm" role="status" data-testid="chosen-count">
          {say('window.browser.chosen', { count: chosen.length })}
        </Text>
        {chosen.length > 0 && (
          <Button variant="subtle" size="xs" onClick={() => onChange([])} data-testid="chosen-none">
            {say('find.window.empty')}
          </Button>
        )}
      </Group>
      {chosen.length > 0 && (
        <Stack component="ul" gap={0} m={0} p={0} className="basket-list" data-testid="chosen-list">
          {chosen.slice(0, named).map((path) => (
            <Group component="li" key={path} gap="xs" wrap="nowrap">
              <ActionIcon
                variant="subtle"
                color="gray"
                onClick={() => onChange(chosen.filter((one) => one !== path))}
                aria-label={say('find.window.takeName', { name: visible(path) })}
              >
                <IconX size={16} aria-hidden />
              </ActionIcon>
              <Text size="sm" component="span">
                <FileName name={path} />
              </Text>
            </Group>
          ))}
        </Stack>
      )}
      {chosen.length > named && <Text size="sm">{say('find.window.andMore', { count: chosen.length - named })}</Text>}
    </Stack>
  )
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
    (from: number) =>
      void run(async (signal) => {
        const fetched: Entry[] = []
        for (;;) {
          const input = { inspection, folder, offset: from + fetched.length, limit: page }
          const found = await call((client) => client.restore.browse(input, { signal }))
          if (signal.aborted) return
          fetched.push(...found.entries)
          const whole = found.entries.length === 0 || from + fetched.length >= found.total || fetched.length >= atFirst
          if (whole || fetched.length === found.entries.length)
            setListing((known) => ({
              folder,
              entries: from === 0 ? [...fetched] : [...known.entries.slice(0, from), ...fetched],
              total: found.total,
            }))
          if (whole) return
        }
      }),
    [run, inspection, folder],
  )
  useEffect(() => load(0), [load])
  const here = listing.folder === folder ? listing : { entries: [], total: -1 }
  const known = here.entries.length
  const more = useCallback(() => load(known), [load, known])
  return { ...here, more, busy, problem }
}

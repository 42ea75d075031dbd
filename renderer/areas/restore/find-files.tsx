// The search over all backups: words, what was found, and the versions of one file.
// Guarantees: answers come as one types, the last question's only; what is not in the search is told. Changes nothing: restoring is the wizard's.
import { ActionIcon, CloseButton, Group, Loader, Select, Stack, Text, TextInput, UnstyledButton } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconBasketCheck, IconBasketPlus, IconFile, IconFolder, IconLink, IconSearch } from '@tabler/icons-react'
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import type { FoundFile } from '../../../core/api/contract-catalogue.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { call } from '../../client.ts'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { FileName } from '../../parts/show.tsx'
import { type Task, useTask } from '../../parts/task.ts'
import { useText } from '../../text/i18n.ts'
import { isSame, put, take, useBasket } from './basket.ts'
import { dateOf, isoOf } from './calendar.ts'
import { FileVersions } from './file-versions.tsx'

/** More is not read by anybody. */
const most = 500

/** So long nothing is asked while somebody types on, in ms. */
const pause = 60

interface Found {
  readonly text: string
  readonly files: readonly FoundFile[]
  readonly total: number
  readonly more: boolean
}

interface Props {
  text: string
  onText: (text: string) => void
  subjects: readonly string[]
}

export function FindFiles({ text, onText, subjects }: Props) {
  const { say } = useText()
  const [plan, setPlan] = useState<string | null>(null)
  const [before, setBefore] = useState('')
  const [shown, setShown] = useState<FoundFile>()
  const { found, task } = useFound(text, plan, before)
  const list = useRef<HTMLDivElement>(null)
  const field = useRef<HTMLInputElement>(null)
  // After the title of the area, which has the keyboard elsewhere.
  useEffect(() => field.current?.focus(), [])
  const toFirst = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown') return
    event.preventDefault()
    list.current?.querySelector<HTMLElement>('[data-row]')?.focus()
  }
  return (
    <Stack gap="sm" data-testid="find" component="section" aria-label={say('find.window.title')}>
      <Group align="flex-end" gap="sm">
        <TextInput
          flex={1}
          miw="14rem"
          size="md"
          label={say('find.window.label')}
          placeholder={say('find.window.placeholder')}
          leftSection={task.busy ? <Loader size={18} aria-hidden /> : <IconSearch size={20} aria-hidden />}
          rightSection={text !== '' && <CloseButton aria-label={say('find.window.clear')} onClick={() => onText('')} />}
          value={text}
          onChange={(event) => onText(event.currentTarget.value)}
          onKeyDown={toFirst}
          maxLength={1000}
          autoComplete="off"
          spellCheck={false}
          ref={field}
          data-find
          data-testid="find-text"
        />
        {subjects.length > 1 && (
          <Select
            size="md"
            label={say('find.window.plan')}
            placeholder={say('find.window.allPlans')}
            data={subjects.map((one) => ({ value: one, label: visible(one) }))}
            value={plan}
            onChange={setPlan}
            clearable
            w="12rem"
            data-testid="find-plan"
          />
        )}
        <TextInput
          type="date"
          size="md"
          label={say('find.window.before')}
          value={before}
          onChange={(event) => setBefore(event.currentTarget.value)}
          w="11rem"
          data-testid="find-before"
        />
      </Group>
      <ProblemView problem={task.problem} />
      {found && <Results ref={list} found={found} onShow={setShown} />}
      {shown && <FileVersions file={shown} onClose={() => setShown(undefined)} />}
    </Stack>
  )
}

/** Undefined while nothing was asked. What was found before stays until the next answer is there. */
function useFound(text: string, plan: string | null, before: string): { found: Found | undefined; task: Task } {
  const [found, setFound] = useState<Found>()
  const [wanted] = useDebouncedValue(text, pause)
  const task = useTask()
  const { run, cancel } = task
  useEffect(() => {
    if (wanted.trim() === '') {
      cancel()
      setFound(undefined)
      return
    }
    void run(async (signal) => {
      const input = { text: wanted, limit: most, ...(plan === null ? {} : { plan }), ...beforeOf(before) }
      const answer = await call((client) => client.catalogue.search(input, { signal }))
      if (!signal.aborted) setFound({ text: wanted, ...answer })
    })
  }, [wanted, plan, before, run, cancel])
  return { found: text.trim() === '' ? undefined : found, task }
}

/** The end of that day. */
function beforeOf(day: string): { before?: string } {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) return {}
  const end = dateOf(day)
  end.setHours(23, 59, 59, 999)
  return { before: end.toISOString() }
}

interface ResultsProps {
  found: Found
  onShow: (file: FoundFile) => void
  ref: React.Ref<HTMLDivElement>
}

function Results({ found, onShow, ref }: ResultsProps) {
  const { say, number } = useText()
  const columns = useColumns(onShow)
  const { text, files, total, more } = found
  const words = say(more ? 'find.window.foundMany' : 'find.window.found', { count: total, number: number(total) })
  return (
    <Stack gap={6} ref={ref}>
      <Text size="sm" role="status" data-testid="find-count">
        {total > files.length ? `${words} ${say('find.window.firstOnly', { number: number(files.length) })}` : words}
      </Text>
      {files.length > 0 && (
        <DataTable
          key={text}
          label={say('find.window.results')}
          rows={files}
          columns={columns}
          idOf={keyOf}
          dataOf={({ path }) => ({ 'data-testid': 'found', 'data-path': path })}
          testId="find-results"
        />
      )}
    </Stack>
  )
}

function keyOf({ subject, host, path }: FoundFile): string {
  return `${subject}\n${host}\n${path}`
}

/** In the order in which they came, the best first, until a column is asked for. */
function useColumns(onShow: (file: FoundFile) => void): readonly Column<FoundFile>[] {
  const { say, bytes, time } = useText()
  return useMemo(
    () => [
      {
        key: 'name',
        label: say('find.window.column.name'),
        cell: (file) => <Name file={file} onShow={onShow} />,
        order: byName,
      },
      {
        key: 'mtime',
        label: say('find.window.column.date'),
        cell: ({ mtime }) => <span className="cell-short">{time(isoOf(mtime))}</span>,
        order: (one, other) => one.mtime - other.mtime,
        width: '10.5rem',
      },
      {
        key: 'size',
        label: say('find.window.column.size'),
        cell: ({ type, size }) => type === 'file' && <span className="cell-short">{bytes(size)}</span>,
        order: (one, other) => one.size - other.size,
        width: '6.5rem',
        from: 'wide',
      },
      {
        key: 'where',
        label: say('find.window.column.where'),
        cell: (file) => <Where file={file} />,
        width: '10rem',
        from: 'wide',
      },
      {
        key: 'basket',
        label: say('find.window.basket'),
        quiet: true,
        cell: (file) => <BasketToggle file={file} />,
        width: '3.5rem',
      },
    ],
    [say, bytes, time, onShow],
  )
}

const names = new Intl.Collator()

function byName(one: FoundFile, other: FoundFile): number {
  return names.compare(nameIn(one.path), nameIn(other.path))
}

function nameIn(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

const icons = { file: IconFile, folder: IconFolder, symlink: IconLink, link: IconFile, other: IconFile }

function Name({ file, onShow }: { file: FoundFile; onShow: (file: FoundFile) => void }) {
  const Icon = icons[file.type]
  const path = file.origin ?? file.path
  const slash = path.lastIndexOf('/')
  return (
    <UnstyledButton className="found" onClick={() => onShow(file)} onKeyDown={step} data-row data-testid="found-file">
      <Icon size={20} aria-hidden className="entry-icon" />
      <span className="found-words">
        <span className="found-name">
          <FileName name={path.slice(slash + 1)} />
        </span>
        <span className="found-path">
          <FileName name={slash < 1 ? '/' : path.slice(0, slash)} />
        </span>
      </span>
    </UnstyledButton>
  )
}

/** How many versions there are, and where the newest can be had. */
function Where({ file: { versions, backup } }: { file: FoundFile }) {
  const { say } = useText()
  const [place] = backup.places
  return (
    <Stack gap={0}>
      <Text size="sm" component="span">
        {say('find.versions', { count: versions })}
      </Text>
      {place && (
        <Text size="xs" c="dimmed" component="span">
          {place.here ? visible(place.name) : say('find.away', { name: visible(place.name) })}
        </Text>
      )}
    </Stack>
  )
}

/** Up and down among the rows. */
function step(event: KeyboardEvent<HTMLElement>): void {
  const row = event.currentTarget.closest('tr')
  const other = event.key === 'ArrowDown' ? row?.nextElementSibling : row?.previousElementSibling
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  event.preventDefault()
  other?.querySelector<HTMLElement>('[data-row]')?.focus()
}

/** The version that is shown, into the basket at once. */
function BasketToggle({ file }: { file: FoundFile }) {
  const { say } = useText()
  const inside = useBasket(({ items }) => items.some((one) => isSame(one, file)))
  const task = useTask()
  const name = visible(nameIn(file.path))
  const toggle = () => {
    if (inside) return take(file)
    void task.run(async (signal) => {
      const { subject, host, path, size, mtime, origin } = file
      const { versions } = await call((client) => client.catalogue.versions({ subject, host, path }, { signal }))
      const version = versions.find((one) => one.size === size && one.mtime === mtime) ?? versions[0]
      if (version && !signal.aborted) put({ subject, host, path, origin, version })
    })
  }
  const label = say(inside ? 'find.window.takeName' : 'find.window.putName', { name })
  return (
    <ActionIcon
      variant={inside ? 'light' : 'subtle'}
      size="lg"
      loading={task.busy}
      onClick={toggle}
      aria-label={label}
      title={label}
      aria-pressed={inside}
      data-testid="found-basket"
    >
      {inside ? <IconBasketCheck size={20} aria-hidden /> : <IconBasketPlus size={20} aria-hidden />}
    </ActionIcon>
  )
}

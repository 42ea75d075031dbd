// The backups of a plan on one of its places: which there are, why each is kept or goes next, and what can be done with one or with several.
// Guarantees: what the rules say is what the engine would do now (`keep.preview`); looking changes nothing.
import { ActionIcon, Badge, Button, Group, Loader, Select, Stack, Text, TextInput } from '@mantine/core'
import { IconRestore, IconShieldCheck, IconTrash } from '@tabler/icons-react'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { placeIdsOf } from '../../../core/api/destination.ts'
import type { AppState, Artifact, Medium } from '../../../core/api/model.ts'
import type { Plan } from '../../../core/api/plan.ts'
import { folded } from '../../../core/api/text/folded.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { call } from '../../client.ts'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { refOf } from '../../parts/medium-choice.tsx'
import { BackupNote, NoteButton } from '../../parts/note-button.tsx'
import { guarded } from '../../parts/operator.tsx'
import { PinButton } from '../../parts/pin-button.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { Section, When } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { show, useFromEngine } from '../../store.ts'
import { type Say, useText } from '../../text/i18n.ts'
import { DeleteButton, DeleteDialog } from '../restore/delete-backup.tsx'

interface Row {
  readonly artifact: Artifact
  readonly goes: boolean
  readonly why: string
}

/** Which rows are shown. */
const filters = {
  all: () => true,
  goes: ({ goes }: Row) => goes,
  pinned: ({ artifact }: Row) => artifact.pinned === true,
  noted: ({ artifact }: Row) => artifact.note !== undefined,
  unchecked: ({ artifact }: Row) => artifact.verifiedAt === undefined,
} as const
const filterNames = Object.keys(filters) as (keyof typeof filters)[]

export function PlanBackups({ plan }: { plan: Plan }) {
  const { say } = useText()
  const places = useFromEngine((state) => placesOf(plan, state))
  const [path, setPath] = useState<string>()
  const [filter, setFilter] = useState<keyof typeof filters>('all')
  const [words, setWords] = useState('')
  const medium = places.find((one) => one.path === path) ?? places[0]
  const choices = (
    <Group gap="xs">
      {medium && (
        <TextInput
          type="search"
          aria-label={say('window.plan.search')}
          placeholder={say('window.plan.searchShort')}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
          size="xs"
          w="15rem"
          data-testid="plan-backups-search"
        />
      )}
      {places.length > 1 && (
        <Select
          aria-label={say('window.plan.on')}
          data={places.map((one) => ({ value: one.path, label: visible(one.name) }))}
          value={medium?.path ?? null}
          onChange={(value) => setPath(value ?? undefined)}
          allowDeselect={false}
          size="xs"
          data-testid="plan-backups-on"
        />
      )}
      {medium && (
        <Select
          aria-label={say('window.plan.filter.label')}
          data={filterNames.map((name) => ({ value: name, label: say(`window.plan.filter.${name}`) }))}
          value={filter}
          onChange={(value) => setFilter(filterNames.find((name) => name === value) ?? 'all')}
          allowDeselect={false}
          size="xs"
          data-testid="plan-backups-filter"
        />
      )}
    </Group>
  )
  return (
    <Section title={say('window.plan.backups')} action={choices} testId="plan-backups">
      {medium ? (
        <OnPlace key={medium.path} plan={plan} medium={medium} filter={filter} words={words} />
      ) : (
        <Text size="sm" className="choice">
          {say('window.plan.nowhere')}
        </Text>
      )}
    </Section>
  )
}

/** Those of its places that are there; any drive that is ready, where it names none. */
function placesOf({ destinations }: Plan, { media }: AppState): readonly Medium[] {
  const ids = destinations.map(({ place }) => placeIdsOf(place))
  const named = new Set(ids.flat())
  const any = ids.some((one) => one.length === 0)
  return media.filter(({ initialised, id }) => initialised && (any || (id !== undefined && named.has(id))))
}

/** What lies there now; read again when a task of the plan, or of this window, has ended. */
function useBackups(plan: Plan, medium: string) {
  const { say } = useText()
  const [rows, setRows] = useState<readonly Row[]>()
  const { run, busy, problem } = useTask()
  const look = useCallback(
    () =>
      void run(async (signal) => {
        const { keep, remove } = await call((client) => client.keep.preview({ planId: plan.id, medium }, { signal }))
        if (signal.aborted) return
        const stay = keep.map(({ artifact, reasons }) => ({ artifact, goes: false, why: inWords(reasons, say) }))
        const go = remove.map(({ artifact, reason }) => ({ artifact, goes: true, why: say(`keep.removal.${reason}`) }))
        setRows([...stay, ...go])
      }),
    [run, plan.id, medium, say],
  )
  // The newest task that has ended here.
  const ended = useFromEngine(
    ({ runs }) => runs.find(({ medium: at, outcome }) => at?.id === medium && outcome !== undefined)?.endedAt,
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: `ended` says that something may lie there anew
  useEffect(look, [look, ended])
  return { rows, look, busy, problem }
}

function inWords(reasons: readonly string[], say: Say): string {
  return reasons.map((reason) => say(`keep.reason.${reason}` as Parameters<Say>[0])).join('; ')
}

const text = (one: string, other: string) => one.localeCompare(other)

interface OnPlaceProps {
  plan: Plan
  medium: Medium
  filter: keyof typeof filters
  words: string
}

function OnPlace({ plan, medium, filter, words }: OnPlaceProps) {
  const { say, time } = useText()
  const ref = refOf(medium)
  const { rows, look, busy, problem } = useBackups(plan, ref)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [deleting, setDeleting] = useState<readonly Artifact[]>()
  const shown = useMemo(() => {
    const wanted = folded(words.trim())
    const says = ({ artifact }: Row) =>
      folded([artifact.note ?? '', artifact.name, time(artifact.time)].join('\n')).includes(wanted)
    return rows?.filter(filters[filter]).filter(says) ?? []
  }, [rows, filter, words, time])
  const columns = useColumns(medium, look, setDeleting)
  // What is not shown, or gone, is not meant.
  const meant = shown.filter(({ artifact }) => chosen.has(artifact.name)).map(({ artifact }) => artifact)
  return (
    <Stack gap="xs">
      <ProblemView problem={problem} />
      {busy && !rows && <Loader size="sm" aria-label={say('window.restore.listing')} />}
      {rows && shown.length === 0 && (
        <Text size="sm" className="choice">
          {say(rows.length === 0 ? 'window.restore.noBackups' : 'window.plan.filter.none')}
        </Text>
      )}
      {shown.length > 0 && (
        <DataTable
          label={say('window.plan.backups')}
          rows={shown}
          columns={columns}
          idOf={({ artifact }) => artifact.name}
          dataOf={({ artifact, goes }) => ({
            'data-testid': 'plan-backup',
            'data-artifact': artifact.name,
            'data-goes': goes ? 'yes' : 'no',
          })}
          sorted={{ key: 'time', down: true }}
          choosing={{
            chosen,
            onChange: setChosen,
            describe: ({ artifact }) => say('window.plan.choose', { time: time(artifact.time) }),
          }}
          testId="plan-backups-table"
        />
      )}
      {rows && <Below rows={shown} meant={meant} medium={ref} onDelete={() => setDeleting(meant)} />}
      {deleting && (
        <DeleteDialog medium={ref} artifacts={deleting} onDone={look} onClose={() => setDeleting(undefined)} />
      )}
    </Stack>
  )
}

function useColumns(
  medium: Medium,
  look: () => void,
  onDelete: (artifacts: readonly Artifact[]) => void,
): readonly Column<Row>[] {
  const { say, bytes } = useText()
  return useMemo(
    () => [
      {
        key: 'time',
        label: say('window.plan.column.time'),
        cell: ({ artifact }) => <Made artifact={artifact} />,
        order: (one, other) => text(one.artifact.time, other.artifact.time),
        width: '11.5rem',
      },
      {
        key: 'size',
        label: say('window.runs.size'),
        cell: ({ artifact }) => <span className="cell-short">{bytes(artifact.size)}</span>,
        order: (one, other) => one.artifact.size - other.artifact.size,
        width: '5.5rem',
      },
      {
        key: 'verified',
        label: say('window.plan.column.verified'),
        cell: ({ artifact: { verifiedAt } }) =>
          verifiedAt === undefined ? say('window.plan.never') : <When iso={verifiedAt} stacked />,
        order: (one, other) => text(one.artifact.verifiedAt ?? '', other.artifact.verifiedAt ?? ''),
        width: '9.5rem',
        from: 'wide',
      },
      {
        key: 'why',
        label: say('window.plan.column.why'),
        cell: ({ goes, why }) => (
          <Text size="sm" component="span" {...(goes && { c: 'var(--arche-warn)', fw: 600 })}>
            {goes ? say('window.plan.goes', { why }) : why}
          </Text>
        ),
      },
      {
        key: 'do',
        label: say('window.plan.column.do'),
        cell: ({ artifact }) => <Doings medium={medium} artifact={artifact} look={look} onDelete={onDelete} />,
        width: '11.25rem',
      },
    ],
    [say, bytes, medium, look, onDelete],
  )
}

function Made({ artifact }: { artifact: Artifact }) {
  const { say } = useText()
  return (
    <Group gap="xs" wrap="nowrap">
      <Text size="sm" component="div" miw={0}>
        <When iso={artifact.time} stacked />
        <BackupNote artifact={artifact} />
      </Text>
      {artifact.pinned && (
        <Badge variant="light" color="sea" tt="none" flex="none">
          {say('keep.window.pinned')}
        </Badge>
      )}
    </Group>
  )
}

interface DoingsProps {
  medium: Medium
  artifact: Artifact
  look: () => void
  onDelete: (artifacts: readonly Artifact[]) => void
}

function Doings({ medium, artifact, look, onDelete }: DoingsProps) {
  const { say, time } = useText()
  const label = say('window.backups.restoreName', { time: time(artifact.time) })
  return (
    <Group gap={6} wrap="nowrap">
      <ActionIcon
        variant="default"
        size="lg"
        onClick={() => show({ name: 'restore', medium: medium.path, artifact })}
        aria-label={label}
        title={label}
        data-testid="plan-backup-restore"
      >
        <IconRestore size={18} aria-hidden />
      </ActionIcon>
      <PinButton medium={refOf(medium)} artifact={artifact} onChange={look} />
      <NoteButton medium={refOf(medium)} artifact={artifact} onChange={look} />
      <DeleteButton artifact={artifact} onClick={() => onDelete([artifact])} />
    </Group>
  )
}

/** As the contract allows at once. */
const mostAtOnce = 100

interface BelowProps {
  rows: readonly Row[]
  meant: readonly Artifact[]
  medium: string
  onDelete: () => void
}

/** How many there are, and what is done with those that are chosen. */
function Below({ rows, meant, medium, onDelete }: BelowProps) {
  const { say, bytes } = useText()
  const task = useTask()
  const size = rows.reduce((sum, { artifact }) => sum + artifact.size, 0)
  const none = meant.length === 0
  const verify = () =>
    void task.run(async () => {
      const artifacts = meant.map(({ name }) => name)
      const { id } = await guarded((client) => client.verify.start({ medium, artifacts }))
      show({ name: 'run', id })
    })
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" role="status" data-testid="plan-backups-count">
          {none
            ? say('window.plan.count', { count: rows.length, size: bytes(size) })
            : say('window.plan.chosen', { count: meant.length })}
        </Text>
        <Group gap="xs">
          <Button
            variant="default"
            size="xs"
            leftSection={<IconShieldCheck size={16} aria-hidden />}
            onClick={verify}
            loading={task.busy}
            disabled={none}
            data-testid="plan-backups-verify"
          >
            {say('window.plan.verifyChosen')}
          </Button>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconTrash size={16} aria-hidden />}
            onClick={onDelete}
            disabled={none || meant.length > mostAtOnce}
            data-testid="plan-backups-delete"
          >
            {say('window.plan.deleteChosen')}
          </Button>
        </Group>
      </Group>
      {meant.length > mostAtOnce && <Text size="sm">{say('window.plan.tooMany', { count: mostAtOnce })}</Text>}
      <ProblemView problem={task.problem} />
    </Stack>
  )
}

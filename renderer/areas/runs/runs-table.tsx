// Runs as a table, each leading to its page; and the newest few of all.
import { Button } from '@mantine/core'
import { IconActivity } from '@tabler/icons-react'
import { useMemo } from 'react'
import type { Run } from '../../../core/api/model.ts'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { FileName, Section } from '../../parts/show.tsx'
import { show, useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { Duration, OpenRun, Places, Result, Size, Started } from './runs-columns.tsx'

interface Props {
  readonly runs: readonly Run[]
  readonly onEnd?: () => void
}

export function RunsTable({ runs, onEnd }: Props) {
  const { say } = useText()
  const columns = useMemo(
    (): Column<Run>[] => [
      { key: 'when', label: say('window.runs.when'), cell: (run) => <Started run={run} />, width: '9.75rem' },
      { key: 'kind', label: say('window.runs.kind'), cell: (run) => <OpenRun run={run} />, width: '7.25rem' },
      { key: 'subject', label: say('window.runs.subject'), cell: ({ subject }) => <FileName name={subject} /> },
      { key: 'outcome', label: say('window.runs.outcome'), cell: (run) => <Result run={run} />, width: '9.25rem' },
      { key: 'medium', label: say('window.runs.medium'), cell: (run) => <Places run={run} />, from: 'wide' },
      { key: 'size', label: say('window.runs.size'), cell: (run) => <Size run={run} />, width: '5.5rem', from: 'wide' },
      {
        key: 'duration',
        label: say('window.runs.duration'),
        cell: (run) => <Duration run={run} />,
        width: '6rem',
        from: 'widest',
      },
    ],
    [say],
  )
  return (
    <DataTable
      label={say('window.area.activity')}
      rows={runs}
      columns={columns}
      idOf={({ id }) => id}
      dataOf={({ id, outcome }) => ({
        'data-testid': 'run-row',
        'data-run': id,
        'data-outcome': outcome ?? 'running',
      })}
      {...(onEnd && { onEnd })}
      testId="runs"
    />
  )
}

const few = 8

/** The newest few, and the way to all. */
export function RecentRuns() {
  const { say } = useText()
  const { runs } = useEngine('runs')
  return (
    <Section title={say('window.runs.title')} testId="runs-table">
      {runs.length === 0 ? (
        <Empty icon={IconActivity} text={say('window.runs.none')} />
      ) : (
        <RunsTable runs={runs.slice(0, few)} />
      )}
      {runs.length > few && (
        <Button variant="subtle" size="xs" mt="xs" onClick={() => show({ name: 'activity' })}>
          {say('window.runs.all')}
        </Button>
      )}
    </Section>
  )
}

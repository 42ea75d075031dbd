// Recent runs, newest first; each opens its page. Older ones are fetched when asked for.
import { Anchor, Button, Table, Text } from '@mantine/core'
import { useState } from 'react'
import type { Run } from '../../../core/api/model.ts'
import { formatDuration } from '../../../core/api/text/format.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { call } from '../../client.ts'
import { ProblemView } from '../../parts/problem-view.tsx'
import { FileName, OutcomeBadge, Section, useNow, When } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { show, useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { secondsOf } from '../../text/numbers.ts'

const few = 8
const step = 50

/** `brief`: the newest few, and the way to all. */
export function RunsTable({ brief = false }: { brief?: boolean }) {
  const { say } = useText()
  const { runs } = useEngine('runs')
  const [count, setCount] = useState(brief ? few : step)
  const [older, setOlder] = useState<Run[]>([])
  const [exhausted, setExhausted] = useState(false)
  const task = useTask()
  const all = [...runs, ...older.filter((one) => runs.every((other) => other.id !== one.id))]
  const more = () => {
    setCount(count + step)
    const before = all.at(-1)?.id
    if (count + step < all.length || before === undefined) return
    void task.run(async () => {
      const found = await call((client) => client.run.history({ limit: step, before }))
      setOlder((known) => [...known, ...found])
      setExhausted(found.length < step)
    })
  }
  return (
    <Section title={say('window.runs.title')} testId="runs-table">
      {all.length === 0 ? (
        <Text size="sm" className="choice">
          {say('window.runs.none')}
        </Text>
      ) : (
        <Table.ScrollContainer minWidth={760} className="panel">
          <Table
            highlightOnHover
            highlightOnHoverColor="var(--arche-hover)"
            verticalSpacing="xs"
            horizontalSpacing="md"
          >
            <Table.Thead>
              <Table.Tr>
                {(['when', 'kind', 'subject', 'medium', 'size', 'duration', 'outcome'] as const).map((column) => (
                  <Table.Th key={column}>{say(`window.runs.${column}`)}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {all.slice(0, count).map((run) => (
                <RunRow key={run.id} run={run} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {brief && all.length > count && (
        <Button variant="subtle" size="xs" mt="xs" onClick={() => show({ name: 'activity' })}>
          {say('window.runs.all')}
        </Button>
      )}
      {!brief && (all.length > count || (all.length >= 100 && !exhausted)) && (
        <Button variant="subtle" size="xs" mt="xs" onClick={more} loading={task.busy}>
          {say('window.more')}
        </Button>
      )}
      <ProblemView problem={task.problem} />
    </Section>
  )
}

function RunRow({ run }: { run: Run }) {
  const { say, bytes } = useText()
  const now = useNow(run.endedAt === undefined ? 1 : undefined)
  const kind = say(`common.kind.${run.kind}`)
  return (
    <Table.Tr data-testid="run-row" data-run={run.id} data-outcome={run.outcome ?? 'running'}>
      <Table.Td>
        <Text size="sm" component="div" className="cell-short">
          <When iso={run.startedAt} stacked />
        </Text>
      </Table.Td>
      <Table.Td>
        <Anchor
          component="button"
          size="sm"
          ta="left"
          onClick={() => show({ name: 'run', id: run.id })}
          aria-label={say('window.runs.open', { kind, subject: visible(run.subject) })}
          data-testid="run-open"
        >
          {kind}
        </Anchor>
      </Table.Td>
      <Table.Td className="cell-name">
        <FileName name={run.subject} />
      </Table.Td>
      <Table.Td className="cell-name" data-testid="run-places">
        {run.from && (
          <>
            <FileName name={run.from.name} />
            {' → '}
          </>
        )}
        {run.medium && <FileName name={run.medium.name} />}
      </Table.Td>
      <Table.Td className="cell-short">{bytes(run.bytes)}</Table.Td>
      <Table.Td className="cell-short">{formatDuration(secondsOf(run, now))}</Table.Td>
      <Table.Td>
        <OutcomeBadge outcome={run.outcome} short />
      </Table.Td>
    </Table.Tr>
  )
}

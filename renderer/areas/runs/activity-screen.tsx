// What is being done, and all that was done: filtered, searched, exported.
import { Button, Group, Loader, Menu, MenuDropdown, MenuItem, MenuTarget, Stack, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconDownload } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import type { Run } from '../../../core/api/model.ts'
import type { RunFilter } from '../../../core/api/run-filter.ts'
import { runsAsCsv } from '../../../core/api/text/runs-csv.ts'
import { call } from '../../client.ts'
import { ProblemView } from '../../parts/problem-view.tsx'
import { useTask } from '../../parts/task.ts'
import { useText } from '../../text/i18n.ts'
import { InProgress } from './in-progress.tsx'
import { filterOf, nothingAsked, RunsFilter } from './runs-filter.tsx'
import { runsFrom, useRunsFound } from './runs-found.ts'
import { RunsTable } from './runs-table.tsx'

/** Begins with the runs of a plan, of a day (`YYYY-MM-DD`), or both. */
export function ActivityScreen({ plan, day = '' }: { plan?: string; day?: string }) {
  const { say } = useText()
  const [asked, setAsked] = useState({ ...nothingAsked, plan: plan ?? null, from: day, until: day })
  const [settled] = useDebouncedValue(asked, 150)
  const filter = useMemo(() => filterOf(settled), [settled])
  const { runs, complete, more, busy, problem } = useRunsFound(filter)
  return (
    <Stack gap="md">
      <InProgress />
      <RunsFilter asked={asked} onChange={setAsked} />
      <ProblemView problem={problem} />
      {runs.length === 0 && complete && (
        <Text size="sm" className="choice" data-testid="runs-none">
          {say(Object.keys(filter).length === 0 ? 'window.runs.none' : 'window.activity.none')}
        </Text>
      )}
      {runs.length > 0 && <RunsTable runs={runs} onEnd={more} />}
      <Group justify="space-between">
        <Group gap="xs" role="status" data-testid="runs-count">
          {busy && <Loader size="xs" aria-hidden />}
          <Text size="sm" c="dimmed">
            {say(complete ? 'window.activity.count' : 'window.activity.countSoFar', { count: runs.length })}
          </Text>
        </Group>
        <Export filter={filter} />
      </Group>
    </Stack>
  )
}

const page = 1000

const formats = {
  csv: (runs: readonly Run[]) => `\ufeff${runsAsCsv(runs)}`,
  json: (runs: readonly Run[]) => `${JSON.stringify(runs, undefined, 2)}\n`,
} as const

/** All that fit, not only those that are on the screen. */
function Export({ filter }: { filter: RunFilter }) {
  const { say } = useText()
  const task = useTask()
  const save = (format: keyof typeof formats) =>
    void task.run(async (signal) => {
      const runs: Run[] = []
      for (let last = page; last === page; ) {
        const found = await runsFrom(filter, runs.at(-1), page, signal)
        runs.push(...found)
        last = found.length
      }
      const name = `arche-${new Date().toISOString().slice(0, 10)}.${format}`
      const title = say('window.activity.exportTitle')
      await call((client) => client.shell.saveText({ title, name, text: formats[format](runs) }))
    })
  return (
    <Stack gap="xs" align="flex-end">
      <Menu>
        <MenuTarget>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconDownload size={16} aria-hidden />}
            loading={task.busy}
            data-testid="runs-export"
          >
            {say('window.activity.export')}
          </Button>
        </MenuTarget>
        <MenuDropdown>
          {(['csv', 'json'] as const).map((format) => (
            <MenuItem key={format} onClick={() => save(format)} data-testid={`runs-export-${format}`}>
              {say(`window.activity.format.${format}`)}
            </MenuItem>
          ))}
        </MenuDropdown>
      </Menu>
      <ProblemView problem={task.problem} />
    </Stack>
  )
}

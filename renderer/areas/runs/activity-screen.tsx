// What is being done, and what was done.
import { Stack } from '@mantine/core'
import { InProgress } from './in-progress.tsx'
import { RunsTable } from './runs-table.tsx'

export function ActivityScreen() {
  return (
    <Stack gap="lg">
      <InProgress />
      <RunsTable />
    </Stack>
  )
}

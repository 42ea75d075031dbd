// The overview: one glance answers "am I protected?", then alarms, work in progress, a row for each plan, actions, facts, media and recent runs.
import { Stack } from '@mantine/core'
import { MediaPanel } from '../places/media-panel.tsx'
import { Alarms } from '../plans/alarms.tsx'
import { InProgress } from '../runs/in-progress.tsx'
import { RecentRuns } from '../runs/runs-table.tsx'
import { Actions } from './actions.tsx'
import { Copies } from './copies.tsx'
import { Facts } from './facts.tsx'
import { KeyNotices } from './key-notices.tsx'
import { PlanRows } from './plan-rows.tsx'
import { RuleBoard } from './rule-board.tsx'
import { StatusBlock } from './status-block.tsx'
import { Unfinished } from './unfinished.tsx'

export function OverviewScreen() {
  return (
    <Stack gap="lg">
      <Unfinished />
      <StatusBlock />
      <KeyNotices />
      <Alarms />
      <InProgress />
      <PlanRows />
      <Actions />
      <Facts />
      <Copies />
      <MediaPanel />
      <RuleBoard />
      <RecentRuns />
    </Stack>
  )
}

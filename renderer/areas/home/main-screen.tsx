// The main screen: one glance answers "am I protected?", then alarms, facts, actions, work in progress, media and recent runs.
import { Anchor, Stack } from '@mantine/core'
import { ProgressCard } from '../../parts/progress-card.tsx'
import { show, useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { Alarms } from '../plans/alarms.tsx'
import { RunsTable } from '../runs/runs-table.tsx'
import { Actions } from './actions.tsx'
import { Copies } from './copies.tsx'
import { Facts } from './facts.tsx'
import { KeyNotices } from './key-notices.tsx'
import { MediaPanel } from './media-panel.tsx'
import { StatusBlock } from './status-block.tsx'
import { Unfinished } from './unfinished.tsx'

export function MainScreen() {
  return (
    <Stack gap="lg">
      <Unfinished />
      <StatusBlock />
      <KeyNotices />
      <Alarms />
      <InProgress />
      <Actions />
      <Facts />
      <Copies />
      <MediaPanel />
      <RunsTable />
    </Stack>
  )
}

/** Of its own, so that what changes four times a second does not draw the whole screen. */
function InProgress() {
  const { say } = useText()
  const { active, runs } = useEngine('active', 'runs')
  const known = new Set(runs.map((run) => run.id))
  return active
    .filter((one) => one.kind !== 'inspect' && one.kind !== 'estimate' && one.kind !== 'tidy')
    .map((one) => (
      <ProgressCard key={one.id} progress={one}>
        {known.has(one.id) && (
          <Anchor component="button" size="sm" onClick={() => show({ name: 'run', id: one.id })}>
            {say('window.run.details')}
          </Anchor>
        )}
      </ProgressCard>
    ))
}

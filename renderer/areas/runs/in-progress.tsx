// The work that goes on now, each with its progress.
import { Anchor } from '@mantine/core'
import { activeRuns } from '../../../core/api/active-runs.ts'
import { ProgressCard } from '../../parts/progress-card.tsx'
import { show, useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'

/** Of its own, so that what changes four times a second does not draw the whole screen. */
export function InProgress() {
  const { say } = useText()
  const { active, runs } = useEngine('active', 'runs')
  const known = new Set(runs.map((run) => run.id))
  return activeRuns({ active }).map((one) => (
    <ProgressCard key={one.id} progress={one}>
      {known.has(one.id) && (
        <Anchor component="button" size="sm" onClick={() => show({ name: 'run', id: one.id })}>
          {say('window.run.details')}
        </Anchor>
      )}
    </ProgressCard>
  ))
}

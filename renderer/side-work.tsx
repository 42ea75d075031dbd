// Work in progress at the foot of the side bar, on every page: a thin bar for each, which leads to its run.
// Guarantees: of its own, so that what changes four times a second draws nothing else.
import { Progress as Bar, Group, Stack, Text, Tooltip, UnstyledButton } from '@mantine/core'
import { activeRuns } from '../core/api/active-runs.ts'
import type { Progress } from '../core/api/model.ts'
import { visible } from '../core/api/text/visible.ts'
import { show, useEngine } from './store.ts'
import { useText } from './text/i18n.ts'
import { percentOf } from './text/numbers.ts'

export function SideWork({ narrow }: { narrow: boolean }) {
  const { say } = useText()
  const told = activeRuns(useEngine('active'))
  if (told.length === 0) return null
  return (
    <Stack component="ul" gap={4} m={0} p={0} mt="auto" className="sidebar-list" aria-label={say('window.area.work')}>
      {told.map((progress) => (
        <Work key={progress.id} progress={progress} narrow={narrow} />
      ))}
    </Stack>
  )
}

function Work({ progress, narrow }: { progress: Progress; narrow: boolean }) {
  const { say } = useText()
  const percent = percentOf(progress.done, progress.total)
  const title = say('window.progress.title', {
    kind: say(`common.kind.${progress.kind}`),
    subject: visible(progress.subject),
  })
  const far = percent === undefined ? '' : say('window.progress.percent', { percent: Math.floor(percent) })
  const label = [title, far].filter(Boolean).join(', ')
  return (
    <li>
      <Tooltip label={label} position="right" withinPortal={false} floatingStrategy="fixed" disabled={!narrow}>
        <UnstyledButton
          className="sidebar-work"
          onClick={() => show({ name: 'run', id: progress.id })}
          aria-label={label}
          data-testid="side-work"
        >
          <Group justify="space-between" wrap="nowrap" gap="xs" className="sidebar-word">
            <Text size="xs" truncate>
              {title}
            </Text>
            <Text size="xs" flex="none">
              {far}
            </Text>
          </Group>
          <Bar
            value={percent ?? 100}
            animated={percent === undefined}
            size="sm"
            transitionDuration={200}
            mt={4}
            aria-hidden
          />
        </UnstyledButton>
      </Tooltip>
    </li>
  )
}

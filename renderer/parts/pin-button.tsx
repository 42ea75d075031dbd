// Pins a backup, or takes the pin away: a note on the medium that no rule removes it.
import { ActionIcon, Stack } from '@mantine/core'
import { IconPin, IconPinFilled } from '@tabler/icons-react'
import type { Artifact } from '../../core/api/model.ts'
import { useText } from '../text/i18n.ts'
import { guarded } from './operator.tsx'
import { ProblemView } from './problem-view.tsx'
import { useTask } from './task.ts'

interface Props {
  medium: string
  artifact: Artifact
  onChange: (pinned: boolean) => void
}

export function PinButton({ medium, artifact, onChange }: Props) {
  const { say, time } = useText()
  const task = useTask()
  const pinned = artifact.pinned === true
  const Icon = pinned ? IconPinFilled : IconPin
  const label = say(pinned ? 'keep.window.unpinName' : 'keep.window.pinName', { time: time(artifact.time) })
  const toggle = () =>
    void task.run(async () => {
      await guarded((client) => client.artifact.pin({ medium, artifact: artifact.name, pinned: !pinned }))
      onChange(!pinned)
    })
  return (
    <Stack gap="xs">
      <ActionIcon
        variant="default"
        size="lg"
        onClick={toggle}
        loading={task.busy}
        aria-label={label}
        aria-pressed={pinned}
        title={label}
        data-testid="pin"
      >
        <Icon size={18} aria-hidden />
      </ActionIcon>
      <ProblemView problem={task.problem} />
    </Stack>
  )
}

// What to do where a backup does not fit: make room there, take another place, back up fewer folders.
// Guarantees: each way is there only where it leads somewhere: room is made only on a place that is connected.
import { Button, Group } from '@mantine/core'
import { IconDeviceUsb, IconFolderMinus } from '@tabler/icons-react'
import { visible } from '../../../core/api/text/visible.ts'
import { show, useFromEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { MakeRoomButton } from './make-room.tsx'

/** Parts of the plan's form that help. */
const ways = [
  { part: 'destinations', label: 'otherPlace', icon: IconDeviceUsb, testId: 'other-place' },
  { part: 'source', label: 'fewerFolders', icon: IconFolderMinus, testId: 'fewer-folders' },
] as const

interface Props {
  /** Id of the place, if it is known. */
  place: string | undefined
  /** Absent: a plan that is not saved yet. */
  planId: string | undefined
  /** Bytes, where they are known. */
  need?: number | undefined
  /** Room has been made. */
  onDone?: () => void
}

export function SpaceWays({ place, planId, need, onDone }: Props) {
  const { say } = useText()
  const medium = useFromEngine(({ media }) => media.find(({ id, initialised }) => initialised && id === place))
  const plan = useFromEngine(({ plans }) => plans.find(({ id }) => id === planId))
  return (
    <Group gap="xs" py={4} data-testid="space-ways">
      {medium?.id !== undefined && (
        <MakeRoomButton place={medium.id} name={medium.name} planId={plan?.id} need={need} onDone={onDone} />
      )}
      {plan &&
        ways.map(({ part, label, icon: Icon, testId }) => (
          <Button
            key={part}
            variant="default"
            size="xs"
            leftSection={<Icon size={16} aria-hidden />}
            onClick={() => show({ name: 'plan-edit', id: plan.id, from: 'page', part })}
            aria-label={say(`keep.room.${label}Of`, { name: visible(plan.name) })}
            data-testid={testId}
          >
            {say(`keep.room.${label}`)}
          </Button>
        ))}
    </Group>
  )
}

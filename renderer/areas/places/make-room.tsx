// Makes room on a place: how much is wanted, which backups of which plans would go for it, whether that is enough, the last question, and how it ended.
// Guarantees: what is removed is what was shown (the engine refuses otherwise, and it is shown anew); where all that may go would not do, nothing is offered.
import {
  Alert,
  Button,
  DataList,
  Group,
  List,
  Loader,
  Modal,
  SegmentedControl,
  Stack,
  Switch,
  Text,
} from '@mantine/core'
import { IconArrowsMinimize } from '@tabler/icons-react'
import { useCallback, useEffect, useState } from 'react'
import type { RoomPreview, RoomWanted } from '../../../core/api/contract-artifact.ts'
import type { SpaceState } from '../../../core/api/schedule.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { call } from '../../client.ts'
import { guarded } from '../../parts/operator.tsx'
import { Findings, hasErrors, ProblemView } from '../../parts/problem-view.tsx'
import { Row } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { Removing } from '../restore/delete-backup.tsx'

interface Props {
  /** Id and name of a place that is there. */
  place: string
  name: string
  /** Room for this plan, made of its own backups unless a person wants more; absent: of all plans there. */
  planId?: string | undefined
  /** Bytes; absent: a person says for how many backups. */
  need?: number | undefined
  /** Room has been made. */
  onDone?: (() => void) | undefined
}

export function MakeRoomButton(props: Props) {
  const { say } = useText()
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconArrowsMinimize size={16} aria-hidden />}
        onClick={() => setOpen(true)}
        aria-label={say('keep.room.describe', { name: visible(props.name) })}
        data-testid="make-room"
      >
        {say('keep.room.button')}
      </Button>
      {open && <MakeRoomDialog {...props} onClose={() => setOpen(false)} />}
    </>
  )
}

function MakeRoomDialog({ onClose, onDone, ...wish }: Props & { onClose: () => void }) {
  const { say } = useText()
  const [id, setId] = useState<string>()
  const ended = useCallback(() => onDone?.(), [onDone])
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={say('keep.room.title', { name: visible(wish.name) })}
      closeButtonProps={{ 'aria-label': say('window.close') }}
    >
      <Stack data-testid="room-dialog">
        {id === undefined ? (
          <Asked {...wish} onStarted={setId} onClose={onClose} />
        ) : (
          <Removing id={id} onDone={ended} onClose={onClose} />
        )}
      </Stack>
    </Modal>
  )
}

const amounts = [1, 3, 7, 14] as const

/** More than there is room for now; one where that is not known. */
function firstAmount(space: readonly SpaceState[], { place, planId }: Pick<Props, 'place' | 'planId'>): number {
  const here = space.filter((one) => one.place === place && (planId === undefined || one.planId === planId))
  if (here.length === 0) return amounts[0]
  const room = Math.min(...here.map((one) => one.room))
  return amounts.find((amount) => amount > room) ?? 14
}

function Asked({
  place,
  planId,
  need,
  onStarted,
  onClose,
}: Props & { onStarted: (id: string) => void; onClose: () => void }) {
  const { say } = useText()
  const { space = [], rows = [] } = useEngine('space', 'rows')
  const [backups, setBackups] = useState(() => firstAmount(space, { place, planId }))
  const [others, setOthers] = useState(false)
  const { preview, problem, busy, again } = usePreview({ place, planId, need, backups, others })
  const starting = useTask()
  const start = () =>
    void starting.run(async () => {
      if (!preview) return
      onStarted((await guarded((client) => client.artifact.remove({ preview: preview.id }))).id)
    })
  const count = preview?.going.length ?? 0
  const alone = !rows.some((row) => row.planId !== planId && row.places?.includes(place))
  // What was refused is shown anew first.
  const ready = !busy && !starting.problem && preview !== undefined && count > 0 && !hasErrors(preview.findings)
  return (
    <>
      <Text size="sm">{say('keep.room.lead')}</Text>
      {need === undefined && (
        <Group gap="sm">
          <Text size="sm" fw={500} id="room-amount">
            {say('keep.room.amount')}
          </Text>
          <SegmentedControl
            size="xs"
            aria-labelledby="room-amount"
            value={String(backups)}
            onChange={(value) => setBackups(Number(value))}
            data={amounts.map((amount) => ({
              value: String(amount),
              label: say('keep.room.backups', { count: amount }),
            }))}
          />
        </Group>
      )}
      {planId !== undefined && !alone && (
        <Switch
          label={say('keep.room.others')}
          checked={others}
          onChange={(event) => setOthers(event.currentTarget.checked)}
          data-testid="room-others"
        />
      )}
      {busy && <Loader size="sm" aria-label={say('keep.room.looking')} />}
      {preview && !busy && <Shown preview={preview} />}
      <ProblemView problem={starting.problem ?? problem}>
        <Button mt="xs" size="xs" variant="default" onClick={() => void starting.run(again)} data-testid="room-again">
          {say('keep.room.again')}
        </Button>
      </ProblemView>
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>
          {say(count > 0 ? 'window.cancel' : 'window.close')}
        </Button>
        {count > 0 && (
          <Button color="red.9" onClick={start} loading={starting.busy} disabled={!ready} data-testid="room-confirm">
            {say('keep.room.confirm', { count })}
          </Button>
        )}
      </Group>
    </>
  )
}

interface Wish extends Pick<Props, 'place' | 'planId' | 'need'> {
  backups: number
  others: boolean
}

/** Looked at anew for another wish, and when asked. */
function usePreview({ place, planId, need, backups, others }: Wish) {
  const [preview, setPreview] = useState<RoomPreview>()
  const { run, problem, busy } = useTask()
  const again = useCallback(async () => {
    setPreview(undefined)
    await run(async (signal) => {
      const wanted: RoomWanted = {
        medium: place,
        ...(planId === undefined ? {} : { planId, others }),
        ...(need === undefined ? { backups } : { need }),
      }
      const found = await call((client) => client.artifact.previewRoom(wanted, { signal }))
      if (!signal.aborted) setPreview(found)
    })
  }, [run, place, planId, need, backups, others])
  useEffect(() => void again(), [again])
  return { preview, problem, busy, again }
}

function Shown({ preview }: { preview: RoomPreview }) {
  const { say, bytes } = useText()
  const { need, free, going, freed, could, enough, heldBack, findings } = preview
  return (
    <>
      <DataList withDivider labelWidth="9rem" size="sm">
        <Row label={say('keep.room.need')}>{bytes(need)}</Row>
        <Row label={say('keep.room.free')}>{bytes(free)}</Row>
      </DataList>
      {heldBack.map(({ planId, plan, problem }) => (
        <ProblemView key={planId} problem={problem} level="warning" reveal={false}>
          <Text size="sm">{say('keep.room.held', { name: visible(plan) })}</Text>
        </ProblemView>
      ))}
      {!enough && (
        <Alert color="yellow" role="status" data-testid="room-too-little">
          {say('keep.room.tooLittle', { size: bytes(could), missing: bytes(need - free - could) })}
        </Alert>
      )}
      {enough && going.length === 0 && (
        <Text role="status" data-testid="room-enough">
          {say('keep.room.already')}
        </Text>
      )}
      {going.length > 0 && (
        <Stack gap="xs" role="status" data-testid="room-goes">
          <Text fw={500}>
            {say('keep.room.goes', { count: going.length, size: bytes(freed), after: bytes(free + freed) })}
          </Text>
          <Going going={going} />
        </Stack>
      )}
      <Findings findings={findings} />
    </>
  )
}

/** Plan by plan, the oldest first: in the order in which they go. */
function Going({ going }: Pick<RoomPreview, 'going'>) {
  const { say, bytes, time } = useText()
  const ids = [...new Set(going.map(({ planId }) => planId))]
  const plans = ids.map((id) => going.filter(({ planId }) => planId === id))
  return plans.map((own) => (
    <Stack key={own[0]?.planId} gap={4}>
      <Text size="sm" fw={500}>
        {say('keep.room.ofPlan', {
          name: visible(own[0]?.plan ?? ''),
          backups: say('keep.room.backups', { count: own.length }),
          size: bytes(own.reduce((sum, { artifact }) => sum + artifact.size, 0)),
        })}
      </Text>
      <List size="sm" className="delete-list">
        {own.toReversed().map(({ artifact }) => (
          <List.Item key={artifact.name} data-testid="room-going">
            {time(artifact.time)} · {bytes(artifact.size)}
          </List.Item>
        ))}
      </List>
    </Stack>
  ))
}

// What was typed and not saved: the bar that saves or discards it, and the question before it is left.
// Guarantees: one way of saving for all forms of the areas; leaving by whatever link asks first. A wizard has a way of its own.
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useEffect, useId, useState } from 'react'
import { leaveTo, useStore } from '../store.ts'
import { useText } from '../text/i18n.ts'

/** Whether `answers` differ from `kept`, or without that from what they were at first; the window asks before they are left. */
export function useUnsaved(answers: unknown, kept?: unknown): boolean {
  const now = JSON.stringify(answers)
  const [first] = useState(now)
  const unsaved = now !== (kept === undefined ? first : JSON.stringify(kept))
  const form = useId()
  useEffect(() => {
    if (!unsaved) return
    useStore.setState((store) => ({ unsaved: [...store.unsaved, form] }))
    return () => useStore.setState((store) => ({ unsaved: store.unsaved.filter((one) => one !== form) }))
  }, [unsaved, form])
  return unsaved
}

interface SaveBarProps {
  unsaved: boolean
  busy: boolean
  /** What was typed is complete. */
  possible: boolean
  onDiscard: () => void
  testId: string
}

/** At the foot of a form, in sight wherever one is in it. */
export function SaveBar({ unsaved, busy, possible, onDiscard, testId }: SaveBarProps) {
  const { say } = useText()
  return (
    <Group className="save-bar" justify="space-between">
      <Text size="sm" c="dimmed" role="status">
        {unsaved && say('window.unsaved.here')}
      </Text>
      <Group>
        <Button variant="default" onClick={onDiscard} data-testid={`${testId}-discard`}>
          {say(unsaved ? 'window.unsaved.discard' : 'window.cancel')}
        </Button>
        <Button type="submit" loading={busy} disabled={!possible} data-testid={testId}>
          {say('window.save')}
        </Button>
      </Group>
    </Group>
  )
}

export function LeaveDialog() {
  const { say } = useText()
  const to = useStore(({ leavingTo }) => leavingTo)
  const back = useStore(({ leavingPast }) => leavingPast)
  const stay = () => useStore.setState({ leavingTo: undefined })
  return (
    <Modal
      opened={to !== undefined}
      onClose={stay}
      title={say('window.unsaved.title')}
      closeButtonProps={{ 'aria-label': say('window.close') }}
    >
      <Stack data-testid="leave-dialog">
        <Text size="sm">{say('window.unsaved.text')}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={stay} data-autofocus data-testid="leave-stay">
            {say('window.unsaved.stay')}
          </Button>
          <Button color="red.9" onClick={() => to && leaveTo(to, back)} data-testid="leave-discard">
            {say('window.unsaved.discard')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

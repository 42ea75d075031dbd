// Writes a note on a backup: a line beside it on its place, which every computer shows.
import { ActionIcon, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { IconNote } from '@tabler/icons-react'
import { useState } from 'react'
import type { Artifact } from '../../core/api/model.ts'
import { useText } from '../text/i18n.ts'
import { guarded } from './operator.tsx'
import { ProblemView } from './problem-view.tsx'
import { FileName } from './show.tsx'
import { useTask } from './task.ts'

interface Props {
  medium: string
  artifact: Artifact
  onChange: () => void
}

export function NoteButton(props: Props) {
  const { say, time } = useText()
  const [open, setOpen] = useState(false)
  const label = say('keep.window.note.write', { time: time(props.artifact.time) })
  return (
    <>
      <ActionIcon
        variant="default"
        size="lg"
        onClick={() => setOpen(true)}
        aria-label={label}
        title={label}
        data-testid="note"
      >
        <IconNote size={18} aria-hidden />
      </ActionIcon>
      <Modal
        opened={open}
        onClose={() => setOpen(false)}
        title={say('keep.window.note.title')}
        closeButtonProps={{ 'aria-label': say('window.close') }}
      >
        <NoteForm {...props} onDone={() => setOpen(false)} />
      </Modal>
    </>
  )
}

function NoteForm({ medium, artifact, onChange, onDone }: Props & { onDone: () => void }) {
  const { say } = useText()
  const kept = artifact.note ?? ''
  const [text, setText] = useState(kept)
  const task = useTask()
  const save = () =>
    void task.run(async () => {
      const note = text.trim() || null
      await guarded((client) => client.artifact.note({ medium, artifact: artifact.name, note }))
      onChange()
      onDone()
    })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <Stack gap="sm">
        <Text size="sm">
          <FileName name={artifact.name} />
        </Text>
        <TextInput
          label={say('keep.window.note.label')}
          description={say('keep.window.note.help')}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          maxLength={200}
          data-autofocus
          data-testid="note-text"
        />
        <ProblemView problem={task.problem} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {say('window.cancel')}
          </Button>
          <Button type="submit" loading={task.busy} disabled={text.trim() === kept} data-testid="note-save">
            {say('window.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** What was written down, where there is something. */
export function BackupNote({ artifact: { note } }: { artifact: Artifact }) {
  if (note === undefined) return null
  return (
    <Text size="sm" component="div" data-testid="backup-note">
      <FileName name={note} />
    </Text>
  )
}

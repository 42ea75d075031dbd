// Removes backups from their medium: what that means, the last question, and how it ended.
// Guarantees: what is removed is what was shown (the engine refuses otherwise); where no good backup would be left, a word is typed; the dialog stays
// until the result was seen.
import { ActionIcon, Button, Group, List, Loader, Modal, Stack, Text, TextInput } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useEffect, useMemo, useState } from 'react'
import type { RemovalPreview } from '../../../core/api/contract-artifact.ts'
import type { Artifact } from '../../../core/api/model.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { call } from '../../client.ts'
import { guarded } from '../../parts/operator.tsx'
import { Findings, hasErrors, ProblemView } from '../../parts/problem-view.tsx'
import { ProgressCard } from '../../parts/progress-card.tsx'
import { RunResult } from '../../parts/run-result.tsx'
import { FileName, When } from '../../parts/show.tsx'
import { isTypedWord } from '../../parts/steps.ts'
import { useTask } from '../../parts/task.ts'
import { useRun } from '../../parts/use-run.ts'
import { useText } from '../../text/i18n.ts'

export function DeleteButton({ artifact, onClick }: { artifact: Artifact; onClick: () => void }) {
  const { say, time } = useText()
  const label = say('keep.window.deleteName', { time: time(artifact.time) })
  return (
    <ActionIcon variant="default" size="lg" onClick={onClick} aria-label={label} title={label} data-testid="delete">
      <IconTrash size={18} aria-hidden />
    </ActionIcon>
  )
}

interface Props {
  medium: string
  artifacts: readonly Artifact[]
  /** The run has ended: what lies on the medium may be different now. */
  onDone: () => void
  onClose: () => void
}

export function DeleteDialog({ medium, artifacts, onDone, onClose }: Props) {
  const { say, time } = useText()
  const names = useMemo(() => artifacts.map(({ name }) => name), [artifacts])
  const [first, ...others] = artifacts
  const [id, setId] = useState<string>()
  const close = () => {
    // Whoever does not wait for the end sees what lies there now.
    if (id !== undefined) onDone()
    onClose()
  }
  return (
    <Modal
      opened
      onClose={close}
      size="lg"
      title={say('keep.window.deleteTitle', { count: artifacts.length })}
      closeButtonProps={{ 'aria-label': say('window.close') }}
    >
      <Stack data-testid="delete-dialog">
        {first && others.length === 0 ? (
          <Stack gap={2}>
            <Text fw={600}>
              <When iso={first.time} />
            </Text>
            <Text size="sm" component="span">
              <FileName name={first.name} />
            </Text>
          </Stack>
        ) : (
          <List size="sm" className="delete-list" data-testid="delete-list">
            {artifacts.map((one) => (
              <List.Item key={one.name}>{time(one.time)}</List.Item>
            ))}
          </List>
        )}
        {id === undefined ? (
          <Asked medium={medium} names={names} onStarted={setId} onClose={close} />
        ) : (
          <Removing id={id} onDone={onDone} onClose={close} />
        )}
      </Stack>
    </Modal>
  )
}

interface AskedProps {
  medium: string
  names: string[]
  onStarted: (id: string) => void
  onClose: () => void
}

function Asked({ medium, names, onStarted, onClose }: AskedProps) {
  const { say, bytes } = useText()
  const [preview, setPreview] = useState<RemovalPreview>()
  const [typed, setTyped] = useState('')
  const { run, problem, busy } = useTask()
  const starting = useTask()
  useEffect(() => {
    void run(async (signal) => {
      const found = await call((client) => client.artifact.previewRemoval({ medium, artifacts: names }, { signal }))
      if (!signal.aborted) setPreview(found)
    })
  }, [run, medium, names])
  const last = preview?.findings.some(({ code }) => code === 'delete-last') ?? false
  const word = say('keep.window.deleteWord')
  const ready = preview !== undefined && !hasErrors(preview.findings) && (!last || isTypedWord(typed, word))
  const start = () =>
    void starting.run(async () => {
      if (!preview) return
      onStarted((await guarded((client) => client.artifact.remove({ preview: preview.id, last }))).id)
    })
  return (
    <>
      {busy && <Loader size="sm" aria-label={say('keep.window.deleteLooking')} />}
      {preview && (
        <Text size="sm" data-testid="delete-frees">
          {say('keep.window.deleteFrees', {
            count: names.length,
            name: visible(preview.medium.name),
            size: bytes(preview.freed),
          })}
        </Text>
      )}
      {preview && <Findings findings={preview.findings} />}
      {preview && last && (
        <TextInput
          label={say('window.restore.typeWord', { word })}
          description={say('keep.window.deleteTypeHelp')}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          data-testid="delete-word"
        />
      )}
      <ProblemView problem={starting.problem ?? problem} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>
          {say('window.cancel')}
        </Button>
        <Button color="red.9" onClick={start} loading={starting.busy} disabled={!ready} data-testid="delete-confirm">
          {say('keep.window.deleteNow')}
        </Button>
      </Group>
    </>
  )
}

/** The run that removes them, until its result was seen. */
export function Removing({ id, onDone, onClose }: { id: string; onDone: () => void; onClose: () => void }) {
  const { say, bytes } = useText()
  const { run, progress, ended, problem } = useRun(id)
  useEffect(() => {
    if (ended) onDone()
  }, [ended, onDone])
  return (
    <>
      {!ended && progress && <ProgressCard progress={progress} />}
      {!ended && !progress && <Loader size="sm" aria-label={say('keep.window.deleteRunning')} />}
      <ProblemView problem={problem} />
      {run && ended && <RunResult run={run} />}
      {run && ended && run.bytes > 0 && (
        <Text size="sm" data-testid="delete-freed">
          {say('keep.window.deleteFreed', { size: bytes(run.bytes) })}
        </Text>
      )}
      <Group justify="flex-end">
        <Button onClick={onClose} data-testid="delete-close">
          {say('window.close')}
        </Button>
      </Group>
    </>
  )
}

// Which backup: those of the medium, newest first, with date, size, name, format, and whether it was ever verified.
// Guarantees: a backup of LabBook 2.5, or one that is not encrypted, opens without a key password, so none is asked for it: `onOpened` skips that
// step.
import { Button, Group, Loader, Radio, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { Inspection } from '../../../core/api/contract.ts'
import { Failure } from '../../../core/api/failure.ts'
import type { Artifact } from '../../../core/api/model.ts'
import { guarded } from '../../parts/operator.tsx'
import { PinButton } from '../../parts/pin-button.tsx'
import { ProblemList } from '../../parts/problem-view.tsx'
import { useTask } from '../../parts/task.ts'
import { StepPage } from '../../parts/wizard.tsx'
import { useText } from '../../text/i18n.ts'
import type { StepProps } from './answers.ts'
import { ArtifactFacts, isOpen, useArtifacts } from './artifacts.tsx'
import { DeleteButton, DeleteDialog } from './delete-backup.tsx'

const page = 25

export function RestoreBackupStep({
  medium,
  answers,
  change,
  onNext,
  onBack,
  onOpened,
}: StepProps & { onOpened: () => void }) {
  const { say } = useText()
  const { artifacts, odd, look, notePin, busy, problem } = useArtifacts(medium)
  const opening = useTask()
  const [shown, setShown] = useState(page)
  const [deleting, setDeleting] = useState<readonly Artifact[]>()
  const chosen = artifacts?.find((one) => one.name === answers.artifact?.name)
  const next = () => {
    if (!chosen || (chosen.format === '3.0' && !isOpen(chosen))) return onNext()
    let opened = false
    void opening
      .run(async (signal) => {
        const inspection = await openWithout(medium, chosen.name, signal)
        opened = inspection !== undefined
        if (inspection && !signal.aborted) change({ inspection, keyPassword: undefined, only: [] })
      })
      .then((done) => done && (opened ? onOpened() : onNext()))
  }

  return (
    <StepPage
      title={say('window.restore.backupTitle')}
      lead={say('window.restore.backupLead')}
      next={say('window.wizard.next')}
      onNext={next}
      ready={chosen !== undefined}
      busy={opening.busy || (busy && artifacts !== undefined)}
      problem={opening.problem ?? problem}
      onBack={onBack}
    >
      {busy && !artifacts && <Loader size="sm" aria-label={say('window.restore.listing')} />}
      <ProblemList problems={odd.map((one, number) => ({ number, problem: one }))} />
      {artifacts?.length === 0 && <Text className="choice">{say('window.restore.noBackups')}</Text>}
      {artifacts && artifacts.length > 0 && (
        <Radio.Group
          label={say('window.restore.backups')}
          value={chosen?.name ?? null}
          onChange={(name) => {
            const artifact = artifacts.find((one) => one.name === name)
            if (!artifact) return
            opening.cancel()
            change({ ...fresh, artifact })
          }}
        >
          <Stack gap="xs" mt="xs" data-testid="artifact-list">
            {artifacts.slice(0, shown).map((artifact) => (
              <Group key={artifact.name} wrap="nowrap" align="flex-start" gap="xs">
                <ArtifactOption artifact={artifact} />
                <PinButton medium={medium} artifact={artifact} onChange={(pinned) => notePin(artifact.name, pinned)} />
                <DeleteButton artifact={artifact} onClick={() => setDeleting([artifact])} />
              </Group>
            ))}
          </Stack>
        </Radio.Group>
      )}
      {deleting && (
        <DeleteDialog medium={medium} artifacts={deleting} onDone={look} onClose={() => setDeleting(undefined)} />
      )}
      {artifacts && artifacts.length > shown && (
        <Button variant="subtle" onClick={() => setShown(shown + page)}>
          {say('window.more')}
        </Button>
      )}
    </StepPage>
  )
}

/** Another backup: nothing that was answered for the last one holds. */
const fresh = {
  inspection: undefined,
  keyPassword: undefined,
  only: [],
  everything: true,
  where: undefined,
  server: undefined,
  databasePassword: undefined,
}

/** Undefined: it needs a key password, or another one than the remembered. */
async function openWithout(medium: string, artifact: string, signal: AbortSignal): Promise<Inspection | undefined> {
  try {
    return await guarded((client) => client.restore.inspect({ medium, artifact, full: false }, { signal }))
  } catch (error) {
    if (error instanceof Failure && ['secret-missing', 'wrong-password', 'wrong-key'].includes(error.code))
      return undefined
    throw error
  }
}

function ArtifactOption({ artifact }: { artifact: Artifact }) {
  return (
    <Radio.Card
      value={artifact.name}
      className="choice"
      withBorder={false}
      flex={1}
      miw={0}
      data-testid="artifact-option"
      data-artifact={artifact.name}
    >
      <Group wrap="nowrap" align="flex-start" gap="md">
        <Radio.Indicator mt={2} />
        <ArtifactFacts artifact={artifact} />
      </Group>
    </Radio.Card>
  )
}

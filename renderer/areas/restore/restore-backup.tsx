// Which backup: those of the medium, newest first, with date, size, name, format, and whether it was ever verified.
// Guarantees: a backup of LabBook 2.5, or one that is not encrypted, opens without a key password, so none is asked for it: `onOpened` skips that
// step.
import { Badge, Button, Group, Loader, Radio, Stack, Text } from '@mantine/core'
import { IconShieldCheck } from '@tabler/icons-react'
import { useCallback, useEffect, useState } from 'react'
import type { Inspection } from '../../../core/api/contract.ts'
import { Failure, type Problem } from '../../../core/api/failure.ts'
import type { Artifact } from '../../../core/api/model.ts'
import { isEncrypted } from '../../../core/api/recipe.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { call } from '../../client.ts'
import { guarded } from '../../parts/operator.tsx'
import { PinButton } from '../../parts/pin-button.tsx'
import { ProblemList } from '../../parts/problem-view.tsx'
import { FileName, When } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { StepPage } from '../../parts/wizard.tsx'
import { useText } from '../../text/i18n.ts'
import type { StepProps } from './answers.ts'
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
  const [artifacts, setArtifacts] = useState<Artifact[]>()
  const [odd, setOdd] = useState<Problem[]>([])
  const [shown, setShown] = useState(page)
  const { run, busy, problem } = useTask()
  const [deleting, setDeleting] = useState<Artifact>()
  const look = useCallback(
    () =>
      void run(async (signal) => {
        const found = await call((client) => client.artifact.list({ medium }, { signal }))
        if (!signal.aborted) {
          setArtifacts(found.artifacts)
          setOdd(found.odd ?? [])
        }
      }),
    [run, medium],
  )
  useEffect(look, [look])
  const chosen = artifacts?.find((one) => one.name === answers.artifact?.name)
  const notePin = (name: string, pinned: boolean) =>
    setArtifacts((all) => all?.map((one) => (one.name === name ? { ...one, pinned } : one)))
  const next = () => {
    if (!chosen || (chosen.format === '3.0' && !isOpen(chosen))) return onNext()
    let opened = false
    void run(async (signal) => {
      const inspection = await openWithout(medium, chosen.name, signal)
      opened = inspection !== undefined
      if (inspection) change({ inspection, keyPassword: undefined, only: [] })
    }).then((done) => done && (opened ? onOpened() : onNext()))
  }

  return (
    <StepPage
      title={say('window.restore.backupTitle')}
      lead={say('window.restore.backupLead')}
      next={say('window.wizard.next')}
      onNext={next}
      ready={chosen !== undefined}
      busy={busy && artifacts !== undefined}
      problem={problem}
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
            if (artifact) change({ ...fresh, artifact })
          }}
        >
          <Stack gap="xs" mt="xs" data-testid="artifact-list">
            {artifacts.slice(0, shown).map((artifact) => (
              <Group key={artifact.name} wrap="nowrap" align="flex-start" gap="xs">
                <ArtifactOption artifact={artifact} />
                <PinButton medium={medium} artifact={artifact} onChange={(pinned) => notePin(artifact.name, pinned)} />
                <DeleteButton artifact={artifact} onClick={() => setDeleting(artifact)} />
              </Group>
            ))}
          </Stack>
        </Radio.Group>
      )}
      {deleting && (
        <DeleteDialog medium={medium} artifact={deleting} onDone={look} onClose={() => setDeleting(undefined)} />
      )}
      {artifacts && artifacts.length > shown && (
        <Button variant="subtle" onClick={() => setShown(shown + page)}>
          {say('window.more')}
        </Button>
      )}
    </StepPage>
  )
}

/** It opens without a key and its password. */
export function isOpen({ pack }: Artifact): boolean {
  return pack !== undefined && !isEncrypted(pack)
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
  const { say, bytes } = useText()
  const old = artifact.format === '2.x'
  const open = isOpen(artifact)
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
        <Stack gap={2} flex={1} miw={0}>
          <Group justify="space-between" gap="xs">
            <Text fw={600} component="span">
              <When iso={artifact.time} />
            </Text>
            <Text size="sm" component="span">
              {bytes(artifact.size)}
            </Text>
          </Group>
          <Group gap="xs">
            <Text size="sm" component="span">
              <FileName name={artifact.subject} />
            </Text>
            <Badge variant="light" color={open ? 'yellow' : 'gray'} tt="none" data-testid="artifact-format">
              {say(`window.restore.${old ? 'formatOld' : open ? 'formatClear' : 'format3'}`)}
            </Badge>
            {artifact.pinned && (
              <Badge variant="light" color="sea" tt="none">
                {say('keep.window.pinned')}
              </Badge>
            )}
            <Verified artifact={artifact} />
          </Group>
          {old && (
            <Text size="sm" component="span">
              {say('window.restore.oldFormat')}
            </Text>
          )}
          {artifact.beforeRestoreOf !== undefined && (
            <Text size="sm" component="span">
              {say('window.restore.beforeRestoreOf', { name: visible(artifact.beforeRestoreOf) })}
            </Text>
          )}
        </Stack>
      </Group>
    </Radio.Card>
  )
}

function Verified({ artifact }: { artifact: Artifact }) {
  const { say } = useText()
  if (artifact.verifiedAt === undefined) {
    return (
      <Text size="xs" c="dimmed" component="span">
        {say('window.restore.notVerified')}
      </Text>
    )
  }
  return (
    <Group gap={4} component="span">
      <IconShieldCheck size={16} aria-hidden />
      <Text size="xs" component="span">
        {say('window.restore.verified')} <When iso={artifact.verifiedAt} />
      </Text>
    </Group>
  )
}

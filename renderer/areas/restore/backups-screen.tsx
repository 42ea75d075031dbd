// The backups that are there: of one medium or place at a time, newest first, each with what can be done with it; and what restores put aside.
// Guarantees: changes nothing by looking; restoring is the wizard's, which begins with what was chosen here.
import { Button, Group, Loader, Select, Stack, Text } from '@mantine/core'
import { IconArchive, IconRestore } from '@tabler/icons-react'
import { useState } from 'react'
import type { Artifact, Medium } from '../../../core/api/model.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { Empty } from '../../parts/empty.tsx'
import { refOf } from '../../parts/medium-choice.tsx'
import { PinButton } from '../../parts/pin-button.tsx'
import { ProblemList, ProblemView } from '../../parts/problem-view.tsx'
import { Panel } from '../../parts/show.tsx'
import { show, useEngine, useFromEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { missingFor } from '../../text/missing.ts'
import { ArtifactFacts, useArtifacts } from './artifacts.tsx'
import { DeleteButton, DeleteDialog } from './delete-backup.tsx'
import { SafetySetting } from './safety-setting.tsx'

const page = 25

export function BackupsScreen() {
  const { say } = useText()
  const { media } = useEngine('media')
  const [path, setPath] = useState<string>()
  const ready = media.filter((one) => one.initialised)
  const medium = ready.find((one) => one.path === path) ?? newest(ready)
  return (
    <Stack gap="xl" className="column">
      <Stack gap="md">
        <Group justify="space-between" align="flex-end">
          {medium ? (
            <Select
              label={say('window.backups.on')}
              data={ready.map((one) => ({ value: one.path, label: visible(one.name) }))}
              value={medium.path}
              onChange={(value) => setPath(value ?? undefined)}
              allowDeselect={false}
              flex={1}
              maw="26rem"
              data-testid="backups-on"
            />
          ) : (
            <Text flex={1}>{say('window.backups.nowhere')}</Text>
          )}
          <RestoreButton medium={medium} />
        </Group>
        {medium && <Backups key={refOf(medium)} medium={medium} />}
      </Stack>
      <Panel title={say('keep.window.safety.title')}>
        <SafetySetting />
      </Panel>
    </Stack>
  )
}

function newest(media: readonly Medium[]): Medium | undefined {
  return media.toSorted((one, other) => (other.lastBackup ?? '').localeCompare(one.lastBackup ?? ''))[0]
}

/** The whole wizard, which also takes a folder; or, with an artifact, that one. */
function RestoreButton({ medium, artifact }: { medium: Medium | undefined; artifact?: Artifact }) {
  const { say, time } = useText()
  const impossible = useFromEngine((state) => missingFor('restore', state) !== undefined)
  return (
    <Button
      variant={artifact ? 'default' : 'filled'}
      size={artifact ? 'xs' : 'sm'}
      {...(artifact && { h: 34 })}
      leftSection={<IconRestore size={18} aria-hidden />}
      disabled={impossible}
      onClick={() => show({ name: 'restore', ...(artifact && { medium: medium?.path, artifact }) })}
      {...(artifact && { 'aria-label': say('window.backups.restoreName', { time: time(artifact.time) }) })}
      data-testid={artifact ? 'backup-restore' : 'backups-restore'}
    >
      {say('window.actions.restore')}
    </Button>
  )
}

function Backups({ medium }: { medium: Medium }) {
  const { say } = useText()
  const ref = refOf(medium)
  const { artifacts, odd, look, notePin, busy, problem } = useArtifacts(ref)
  const [shown, setShown] = useState(page)
  const [deleting, setDeleting] = useState<readonly Artifact[]>()
  return (
    <>
      {busy && !artifacts && <Loader size="sm" aria-label={say('window.restore.listing')} />}
      <ProblemView problem={problem} />
      <ProblemList problems={odd.map((one, number) => ({ number, problem: one }))} />
      {artifacts?.length === 0 && <Empty icon={IconArchive} text={say('window.restore.noBackups')} />}
      {artifacts && artifacts.length > 0 && (
        <Stack component="ul" gap="xs" m={0} p={0} data-testid="backups-list">
          {artifacts.slice(0, shown).map((artifact) => (
            <Group
              component="li"
              key={artifact.name}
              className="choice"
              wrap="nowrap"
              align="flex-start"
              data-testid="backup-row"
              data-artifact={artifact.name}
            >
              <ArtifactFacts artifact={artifact} />
              <Group gap="xs" wrap="nowrap" flex="none" align="flex-start">
                <RestoreButton medium={medium} artifact={artifact} />
                <PinButton medium={ref} artifact={artifact} onChange={(pinned) => notePin(artifact.name, pinned)} />
                <DeleteButton artifact={artifact} onClick={() => setDeleting([artifact])} />
              </Group>
            </Group>
          ))}
        </Stack>
      )}
      {artifacts && artifacts.length > shown && (
        <Button variant="subtle" onClick={() => setShown(shown + page)}>
          {say('window.more')}
        </Button>
      )}
      {deleting && (
        <DeleteDialog medium={ref} artifacts={deleting} onDone={look} onClose={() => setDeleting(undefined)} />
      )}
    </>
  )
}

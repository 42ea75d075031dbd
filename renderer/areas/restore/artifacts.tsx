// The backups that lie on a medium or another place, and how one of them looks.
// Guarantees: another medium empties the list before its own is there.
import { Badge, Group, Stack, Text } from '@mantine/core'
import { IconShieldCheck } from '@tabler/icons-react'
import { useCallback, useEffect, useState } from 'react'
import type { Problem } from '../../../core/api/failure.ts'
import type { Artifact } from '../../../core/api/model.ts'
import { isEncrypted } from '../../../core/api/recipe.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { call } from '../../client.ts'
import { BackupNote } from '../../parts/note-button.tsx'
import { FileName, When } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { useText } from '../../text/i18n.ts'

/** The list, newest first; undefined until it was read. `odd`: what is strange about it. */
export function useArtifacts(medium: string) {
  const [found, setFound] = useState<{ medium: string; artifacts: Artifact[]; odd: Problem[] }>()
  const { run, busy, problem } = useTask()
  const look = useCallback(
    () =>
      void run(async (signal) => {
        const { artifacts, odd = [] } = await call((client) => client.artifact.list({ medium }, { signal }))
        if (!signal.aborted) setFound({ medium, artifacts, odd })
      }),
    [run, medium],
  )
  useEffect(look, [look])
  const notePin = (name: string, pinned: boolean) =>
    setFound(
      (all) => all && { ...all, artifacts: all.artifacts.map((one) => (one.name === name ? { ...one, pinned } : one)) },
    )
  const here = found?.medium === medium ? found : undefined
  return { artifacts: here?.artifacts, odd: here?.odd ?? [], look, notePin, run, busy, problem }
}

/** It opens without a key and its password. */
export function isOpen({ pack }: Artifact): boolean {
  return pack !== undefined && !isEncrypted(pack)
}

/** Date, size, name, format, and whether it was ever verified. */
export function ArtifactFacts({ artifact }: { artifact: Artifact }) {
  const { say, bytes } = useText()
  const old = artifact.format === '2.x'
  const open = isOpen(artifact)
  return (
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
      <BackupNote artifact={artifact} />
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

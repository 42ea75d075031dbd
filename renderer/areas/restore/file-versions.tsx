// The versions of one file over all backups, by date: one is chosen, and restored or put with others.
// Guarantees: the newest that can be reached is chosen first; one that only a place has that is not here says which.
import { Button, Drawer, Group, Loader, Radio, Stack, Text } from '@mantine/core'
import { IconBasketPlus, IconRestore } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import type { FileVersion, FoundFile } from '../../../core/api/contract-catalogue.ts'
import { call } from '../../client.ts'
import { ProblemView } from '../../parts/problem-view.tsx'
import { FileName } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { show, useFromEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { missingFor } from '../../text/missing.ts'
import { isHere, partsOf, put, type Wanted } from './basket.ts'
import { isoOf } from './calendar.ts'
import { PlaceBadge } from './place-badge.tsx'

export function FileVersions({ file, onClose }: { file: FoundFile; onClose: () => void }) {
  const { say } = useText()
  const { subject, host, path, origin } = file
  const [versions, setVersions] = useState<readonly FileVersion[]>()
  const [chosen, setChosen] = useState(0)
  const impossible = useFromEngine((state) => missingFor('restore', state) !== undefined)
  const { run, problem } = useTask()
  useEffect(() => {
    void run(async (signal) => {
      const found = await call((client) => client.catalogue.versions({ subject, host, path }, { signal }))
      if (signal.aborted) return
      setVersions(found.versions)
      const shown = found.versions.findIndex((one) => one.size === file.size && one.mtime === file.mtime)
      const first = found.versions.findIndex(isHere)
      const reached = shown >= 0 && isHere(found.versions[shown] as FileVersion)
      setChosen(reached ? shown : Math.max(first, 0))
    })
  }, [run, subject, host, path, file])
  const version = versions?.[chosen]
  const wanted: Wanted | undefined = version && { subject, host, path, origin, version }
  const parts = wanted ? partsOf([wanted]).parts : []
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="lg"
      title={say('find.window.versionsTitle')}
      closeButtonProps={{ 'aria-label': say('window.close') }}
    >
      <Stack data-testid="file-versions">
        <Stack gap={2}>
          <Text fw={600} component="span">
            <FileName name={path.slice(path.lastIndexOf('/') + 1)} />
          </Text>
          <Text size="sm" c="dimmed" component="span">
            <FileName name={origin ?? path} />
          </Text>
        </Stack>
        {!versions && !problem && <Loader size="sm" aria-label={say('find.window.looking')} />}
        <ProblemView problem={problem} />
        {versions?.length === 0 && <Text>{say('find.window.gone')}</Text>}
        {versions && versions.length > 0 && (
          <Radio.Group
            label={say('find.window.choose')}
            value={String(chosen)}
            onChange={(value) => setChosen(Number(value))}
          >
            <Stack gap="xs" mt="xs">
              {versions.map((one, at) => (
                <Version key={`${one.size} ${one.mtime}`} version={one} value={String(at)} />
              ))}
            </Stack>
          </Radio.Group>
        )}
        <Group justify="flex-end" gap="sm">
          <Button
            variant="default"
            leftSection={<IconBasketPlus size={18} aria-hidden />}
            disabled={!wanted}
            onClick={() => {
              if (wanted) put(wanted)
              onClose()
            }}
            data-testid="version-basket"
          >
            {say('find.window.put')}
          </Button>
          <Button
            leftSection={<IconRestore size={18} aria-hidden />}
            disabled={parts.length === 0 || impossible}
            onClick={() => show({ name: 'restore', parts })}
            data-autofocus
            data-testid="version-restore"
          >
            {say('find.window.restore')}
          </Button>
        </Group>
      </Stack>
    </Drawer>
  )
}

function Version({ version, value }: { version: FileVersion; value: string }) {
  const { say, bytes, time } = useText()
  const { size, mtime, type, backups } = version
  const [newest, ...others] = backups
  const here = isHere(version)
  const places = new Map(backups.flatMap((one) => one.places.map((place) => [place.medium, place] as const)))
  return (
    <Radio.Card value={value} className="choice" withBorder={false} data-testid="version" data-here={here}>
      <Group wrap="nowrap" align="flex-start" gap="md">
        <Radio.Indicator mt={2} />
        <Stack gap={2} flex={1} miw={0}>
          <Text fw={600} component="span">
            {time(isoOf(mtime))}
            {type === 'file' && ` · ${bytes(size)}`}
          </Text>
          {newest && (
            <Text size="sm" component="span">
              {say('find.window.inBackup', { time: time(newest.madeAt) })}
              {others.length > 0 && ` ${say('find.also', { count: others.length })}`}
            </Text>
          )}
          <Group gap={6} component="span">
            {[...places.values()].map((place) => (
              <PlaceBadge key={place.medium} place={place} />
            ))}
          </Group>
        </Stack>
      </Group>
    </Radio.Card>
  )
}

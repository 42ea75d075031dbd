// What a restore of a server left behind: the database that it filled, the former one, and the encrypted copy of what was there.
import { DataList, Stack, Text } from '@mantine/core'
import type { Run } from '../../core/api/model.ts'
import { visible } from '../../core/api/text/visible.ts'
import { useText } from '../text/i18n.ts'
import { FileName, Row } from './show.tsx'

export function RestoredServer({ run }: { run: Run }) {
  const { say } = useText()
  const { database, copy } = run.safety ?? {}
  const { keptDatabase } = run
  if (!database && !copy && keptDatabase === undefined) return null
  return (
    <DataList withDivider labelWidth="13rem" className="panel" p="md" data-testid="restored-server">
      {database && (
        <Row label={say('window.server.restored')}>
          <span className="name">
            {say('window.labbook.line', { name: visible(database.name), server: visible(database.server) })}
          </span>
        </Row>
      )}
      {database?.kept !== undefined && (
        <Row label={say('window.server.keptDatabase')}>
          {run.safety?.undone
            ? say('window.run.undone')
            : say('window.server.keptAs', { name: visible(database.kept), server: visible(database.server) })}
        </Row>
      )}
      {copy && (
        <Row label={say('window.server.copyOf')}>
          <Stack gap={2}>
            <FileName name={copy.path} />
            <FileName name={copy.artifact} />
            <Text size="sm" c="dimmed">
              {say('window.server.copyHelp')}
            </Text>
          </Stack>
        </Row>
      )}
      {keptDatabase !== undefined && (
        <Row label={say('window.server.keptDatabase')}>
          {say('window.server.takenOut', { name: visible(keptDatabase) })}
        </Row>
      )}
    </DataList>
  )
}

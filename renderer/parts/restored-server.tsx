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
      {database && <Former run={run} />}
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

/** What became of the database that stood there before, if there was one. */
function Former({ run: { safety } }: { run: Run }) {
  const { say } = useText()
  const { kept = '', server = '' } = safety?.database ?? {}
  if (kept === '' && !safety?.undone && !safety?.superseded) return null
  return (
    <Row label={say('window.server.keptDatabase')}>
      {safety?.undone && say('window.run.undone')}
      {safety?.superseded && !safety.undone && say('window.server.superseded')}
      {!safety?.undone &&
        !safety?.superseded &&
        say('window.server.keptAs', { name: visible(kept), server: visible(server) })}
    </Row>
  )
}

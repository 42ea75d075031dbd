// A place where a backup lies, and whether it can be reached.
import { Badge } from '@mantine/core'
import type { InBackup } from '../../../core/api/contract-catalogue.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { useText } from '../../text/i18n.ts'

export function PlaceBadge({ place: { name, here } }: { place: InBackup['places'][number] }) {
  const { say } = useText()
  return (
    <Badge variant="light" color={here ? 'sea' : 'gray'} tt="none">
      {here ? visible(name) : say('find.away', { name: visible(name) })}
    </Badge>
  )
}

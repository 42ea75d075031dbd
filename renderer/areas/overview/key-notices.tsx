// What is wrong with the keys that backups are made for, or soon will be: told on the main screen before a backup fails for it.
import { Stack } from '@mantine/core'
import { expiring } from '../../../core/api/key-expiry.ts'
import { ProblemView } from '../../parts/problem-view.tsx'
import { useNow } from '../../parts/show.tsx'
import { useEngine } from '../../store.ts'

export function KeyNotices() {
  const { keys, keyTrouble } = useEngine('keys', 'keyTrouble')
  const found = expiring(keys, useNow(3600))
  if (!keyTrouble && found.length === 0) return null
  return (
    <Stack gap="xs" data-testid="key-notices">
      <ProblemView problem={keyTrouble ?? undefined} reveal={false} />
      {found.map((finding) => (
        <ProblemView key={JSON.stringify(finding)} problem={finding} level={finding.level} reveal={false} />
      ))}
    </Stack>
  )
}

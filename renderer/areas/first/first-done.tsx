// After "Start": the recovery sheet to keep, beside the first backup as it goes on.
import { Alert, Stack, Text } from '@mantine/core'
import { IconFileCertificate } from '@tabler/icons-react'
import { RunStep } from '../../parts/run-step.tsx'
import { SheetButtons } from '../../parts/sheet-buttons.tsx'
import { FinishPage } from '../../parts/wizard.tsx'
import { useText } from '../../text/i18n.ts'

/** Without a run there is no drive yet. */
export function FirstDoneStep({ runId }: { runId: string | undefined }) {
  const { say } = useText()
  if (runId !== undefined)
    return (
      <RunStep id={runId}>
        <Sheet />
      </RunStep>
    )
  return (
    <FinishPage title={say('window.first.doneTitle')}>
      <Sheet />
      <Text>{say('window.first.noBackupText')}</Text>
    </FinishPage>
  )
}

function Sheet() {
  const { say } = useText()
  return (
    <Alert color="sea" icon={<IconFileCertificate aria-hidden />} title={say('window.first.sheetTitle')} role="note">
      <Stack gap="sm">
        <Text size="sm">{say('window.first.sheetText')}</Text>
        <SheetButtons />
      </Stack>
    </Alert>
  )
}

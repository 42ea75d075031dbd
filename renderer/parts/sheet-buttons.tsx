// The recovery sheet of a key: printed, or saved as PDF. The sheet itself is made by the engine, in the language in force.
import { Button, Group, Stack, Text } from '@mantine/core'
import { IconFileTypePdf, IconPrinter } from '@tabler/icons-react'
import { useState } from 'react'
import { visible } from '../../core/api/text/visible.ts'
import { type Client, call } from '../client.ts'
import { useText } from '../text/i18n.ts'
import { ProblemView } from './problem-view.tsx'
import { useTask } from './task.ts'

/** Without a fingerprint: the active key's. `onKept` once it was printed or saved. */
export function SheetButtons({ fingerprint, onKept }: { fingerprint?: string; onKept?: () => void }) {
  const { say, language } = useText()
  const task = useTask()
  const [kept, setKept] = useState<string>()
  const act = (work: (client: Client, sheet: { fingerprint: string; html: string }) => Promise<string | undefined>) =>
    void task.run(async () => {
      const wanted = { language, ...(fingerprint === undefined ? {} : { fingerprint }) }
      const said = await call(async (client) => work(client, await client.key.sheet(wanted)))
      if (said === undefined) return
      setKept(said)
      onKept?.()
    })
  const print = () =>
    act(async (client, { html }) =>
      (await client.shell.print({ html })).printed ? say('window.sheet.printed') : undefined,
    )
  const save = () =>
    act(async (client, sheet) => {
      const name = `${say('window.sheet.fileName')}-${sheet.fingerprint.slice(-8)}.pdf`
      const saved = await client.shell.savePdf({ title: say('window.sheet.saveTitle'), name, html: sheet.html })
      return saved ? say('window.sheet.saved', { path: visible(saved.path) }) : undefined
    })
  return (
    <Stack gap="xs">
      <Group gap="sm">
        <Button
          variant="default"
          leftSection={<IconPrinter size={18} aria-hidden />}
          onClick={print}
          loading={task.busy}
          data-testid="sheet-print"
        >
          {say('window.sheet.print')}
        </Button>
        <Button
          variant="default"
          leftSection={<IconFileTypePdf size={18} aria-hidden />}
          onClick={save}
          loading={task.busy}
          data-testid="sheet-pdf"
        >
          {say('window.sheet.pdf')}
        </Button>
      </Group>
      {kept && (
        <Text size="sm" role="status">
          {kept}
        </Text>
      )}
      <ProblemView problem={task.problem} />
    </Stack>
  )
}

// The help as a page: all chapters, which can be printed or saved as PDF to lie beside the recovery sheet.
import { Anchor, Button, Group, Stack, Text } from '@mantine/core'
import { IconFileTypePdf, IconPrinter } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import type { Language } from '../../../core/api/model.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { type Client, call } from '../../client.ts'
import { ProblemView } from '../../parts/problem-view.tsx'
import { useTask } from '../../parts/task.ts'
import { chapterNames, type HelpChapter } from '../../text/help.ts'
import { useText } from '../../text/i18n.ts'
import { Chapter } from './chapter.tsx'

export function HelpScreen({ chapter }: { chapter?: HelpChapter }) {
  const { say } = useText()
  const page = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (chapter) goTo(chapter)
  }, [chapter])
  return (
    <Stack gap="lg" className="column" data-testid="help-page">
      <Text>{say('help.lead')}</Text>
      <Group gap="md" component="nav" aria-label={say('help.contents')}>
        {chapterNames.map((name) => (
          <Anchor key={name} component="button" size="sm" onClick={() => goTo(name)}>
            {say(`help.chapter.${name}.title`)}
          </Anchor>
        ))}
      </Group>
      <Paper page={page} />
      <Stack gap="xl" ref={page}>
        {chapterNames.map((name) => (
          <Chapter key={name} chapter={name} />
        ))}
      </Stack>
    </Stack>
  )
}

function goTo(chapter: HelpChapter): void {
  const heading = document.getElementById(`help-${chapter}`)
  heading?.scrollIntoView({ block: 'start' })
  heading?.focus({ preventScroll: true })
}

/** The way to paper. */
function Paper({ page }: { page: React.RefObject<HTMLDivElement | null> }) {
  const { say, language } = useText()
  const task = useTask()
  const [kept, setKept] = useState<string>()
  const act = (work: (client: Client, html: string) => Promise<string | undefined>) =>
    void task.run(async () => {
      const html = onPaper(say('help.title'), page.current?.innerHTML ?? '', language)
      setKept(await call((client) => work(client, html)))
    })
  const print = () =>
    act(async (client, html) => ((await client.shell.print({ html })).printed ? say('help.printed') : undefined))
  const save = () =>
    act(async (client, html) => {
      const name = `${say('help.fileName')}.pdf`
      const saved = await client.shell.savePdf({ title: say('help.saveTitle'), name, html })
      return saved ? say('help.saved', { path: visible(saved.path) }) : undefined
    })
  return (
    <Stack gap="xs">
      <Group gap="sm">
        <Button
          variant="default"
          leftSection={<IconPrinter size={18} aria-hidden />}
          onClick={print}
          loading={task.busy}
          data-testid="help-print"
        >
          {say('help.print')}
        </Button>
        <Button
          variant="default"
          leftSection={<IconFileTypePdf size={18} aria-hidden />}
          onClick={save}
          loading={task.busy}
          data-testid="help-pdf"
        >
          {say('help.pdf')}
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

const style = `
  @page { margin: 16mm }
  body { font: 11pt/1.45 'Noto Sans', 'DejaVu Sans', Arial, sans-serif; color: #111; max-width: 178mm; margin: 0 auto }
  h1 { font-size: 18pt } h2 { font-size: 13pt; margin: 6mm 0 1.5mm; break-after: avoid } p { margin: 0 0 2mm }
  pre { font: 9.5pt 'DejaVu Sans Mono', monospace; border: 0.3mm solid #999; padding: 2mm 3mm; white-space: pre-wrap; overflow-wrap: anywhere; break-inside: avoid }
  th { text-align: left; font-weight: 400; padding-right: 6mm } kbd { border: 0.2mm solid #777; border-radius: 1mm; padding: 0 1.5mm }
`

/** A page of its own, with what is shown here. Its sentences are the catalogue's: none comes from outside. */
function onPaper(title: string, chapters: string, language: Language): string {
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><title>${title}</title><style>${style}</style></head><body><h1>${title}</h1>${chapters}</body></html>`
}

// What a plan saves, in a few lines: its folders, and its databases if it has any.
import { Stack } from '@mantine/core'
import { serverOf } from '../../core/api/database.ts'
import type { PlanSource } from '../../core/api/plan.ts'
import { pathsOf, type SourceKind, type SourceOf } from '../../core/api/plan-source.ts'
import { visible } from '../../core/api/text/visible.ts'
import { type Say, useText } from '../text/i18n.ts'
import { FileName } from './show.tsx'

type Line<S> = (source: S, say: Say) => string | undefined

/** What is said of a kind of source beside its paths. */
const lines = {
  folders: () => undefined,
  labbook: ({ database }, say) =>
    say('window.labbook.line', { name: visible(database.name), server: visible(serverOf(database)) }),
  mysql: ({ server, databases }, say) => {
    const at = visible(serverOf(server))
    if (databases === 'all') return say('window.mysql.lineAll', { server: at })
    return say('window.mysql.line', { names: databases.map(visible).join(', '), server: at })
  },
} satisfies { [Kind in SourceKind]: Line<SourceOf<Kind>> }

export function SourceLines({ source }: { source: PlanSource }) {
  const { say } = useText()
  const line = (lines[source.kind] as Line<PlanSource>)(source, say)
  return (
    <Stack gap={2}>
      {pathsOf(source).map((path) => (
        <FileName key={path} name={path} />
      ))}
      {line !== undefined && <span className="name">{line}</span>}
    </Stack>
  )
}

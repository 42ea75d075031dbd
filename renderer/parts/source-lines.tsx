// What a plan saves, in a few lines: its folders, and its databases if it has any.
import { Stack } from '@mantine/core'
import type { MysqlSource, PlanSource } from '../../core/api/plan.ts'
import { databaseOf, pathsOf, serverOf } from '../../core/api/plan-source.ts'
import { visible } from '../../core/api/text/visible.ts'
import { type Say, useText } from '../text/i18n.ts'
import { FileName } from './show.tsx'

export function SourceLines({ source }: { source: PlanSource }) {
  const { say } = useText()
  const database = databaseOf(source)
  const line = source.kind === 'mysql' ? serverLine(source, say) : undefined
  return (
    <Stack gap={2}>
      {pathsOf(source).map((path) => (
        <FileName key={path} name={path} />
      ))}
      {database && (
        <span className="name">
          {say('window.labbook.line', { name: visible(database.name), server: visible(serverOf(database)) })}
        </span>
      )}
      {line !== undefined && <span className="name">{line}</span>}
    </Stack>
  )
}

function serverLine({ server, databases }: MysqlSource, say: Say): string {
  const at = visible(serverOf(server))
  if (databases === 'all') return say('window.mysql.lineAll', { server: at })
  return say('window.mysql.line', { names: databases.map(visible).join(', '), server: at })
}

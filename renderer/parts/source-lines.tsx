// What a plan saves, in a few lines: its folders, and its database if it has one.
import { Stack } from '@mantine/core'
import type { PlanSource } from '../../core/api/model.ts'
import { databaseOf, pathsOf, serverOf } from '../../core/api/plan-source.ts'
import { visible } from '../../core/api/text/visible.ts'
import { useText } from '../text/i18n.ts'
import { FileName } from './show.tsx'

export function SourceLines({ source }: { source: PlanSource }) {
  const { say } = useText()
  const database = databaseOf(source)
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
    </Stack>
  )
}

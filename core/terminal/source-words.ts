// What a plan saves, and what it restarts, in words of the terminal: one line in a table, several lines of facts.
import type { PlanSource, Restart } from '../api/plan.ts'
import { assertNever, databaseOf, type Login, pathsOf, serverOf } from '../api/plan-source.ts'
import type { Translate } from '../api/text/text.ts'
import { visible } from '../api/text/visible.ts'
import type { Fact } from './run-report.ts'

export function sourceFacts(source: PlanSource, t: Translate): Fact[] {
  const login = ({ user, ...server }: Login): Fact => [
    t('terminal.fact.database-server'),
    `${visible(user)}@${visible(serverOf({ user, ...server }))}`,
  ]
  switch (source.kind) {
    case 'folders':
      return [
        [t('terminal.column.folders'), source.paths.map(visible).join('\n')],
        [t('terminal.fact.exclude'), source.exclude.map(visible).join('\n') || '—'],
      ]
    case 'labbook':
      return [
        [t('terminal.fact.storage'), visible(source.storage)],
        [t('terminal.fact.database'), visible(source.database.name)],
        login(source.database),
      ]
    case 'mysql':
      return [
        [
          t('terminal.fact.databases'),
          source.databases === 'all' ? t('terminal.plan.all-databases') : source.databases.map(visible).join('\n'),
        ],
        login(source.server),
      ]
    default:
      return assertNever(source)
  }
}

/** One line: the paths, and the databases if there are any. */
export function sourceWords(source: PlanSource, t: Translate): string {
  if (source.kind === 'mysql')
    return source.databases === 'all' ? t('terminal.plan.all-databases') : source.databases.map(visible).join(', ')
  const database = databaseOf(source)
  return [...pathsOf(source), ...(database ? [database.name] : [])].map(visible).join(', ')
}

export function restartWords(restart: Restart, t: Translate): string {
  return restart.kind === 'arche'
    ? t('common.restart.arche')
    : t('common.restart.command', { command: visible(restart.command) })
}

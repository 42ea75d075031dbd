// What a plan saves, and what it restarts, in words of the terminal: a table with one row a kind of source (sources/).
import type { PlanSource, Restart } from '../api/plan.ts'
import type { SourceKind, SourceOf } from '../api/plan-source.ts'
import type { Translate } from '../api/text/text.ts'
import { visible } from '../api/text/visible.ts'
import type { Fact } from './run-report.ts'
import type { SourceWords } from './sources/face.ts'
import { folders } from './sources/folders.ts'
import { labbook } from './sources/labbook.ts'
import { mysql } from './sources/mysql.ts'

const words = { folders, labbook, mysql } satisfies { [Kind in SourceKind]: SourceWords<SourceOf<Kind>> }

function wordsOf({ kind }: PlanSource): SourceWords<PlanSource> {
  return words[kind] as SourceWords<PlanSource>
}

export function sourceFacts(source: PlanSource, t: Translate): Fact[] {
  return wordsOf(source).facts(source, t)
}

/** One line: the paths, and the databases if there are any. */
export function sourceWords(source: PlanSource, t: Translate): string {
  return wordsOf(source).line(source, t)
}

/** What a plan of it is called of which no name is given. */
export function nameOfSource(source: PlanSource, t: Translate): string {
  return wordsOf(source).name(source, t)
}

export function restartWords(restart: Restart, t: Translate): string {
  return restart.kind === 'arche'
    ? t('common.restart.arche')
    : t('common.restart.command', { command: visible(restart.command) })
}

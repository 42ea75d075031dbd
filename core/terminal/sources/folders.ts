// Folders in words of the terminal.
import type { SourceOf } from '../../api/plan-source.ts'
import { visible } from '../../api/text/visible.ts'
import { nameOfFolders } from '../names.ts'
import type { SourceWords } from './face.ts'

export const folders: SourceWords<SourceOf<'folders'>> = {
  facts: ({ paths, exclude }, t) => [
    [t('terminal.column.folders'), paths.map(visible).join('\n')],
    [t('terminal.fact.exclude'), exclude.map(visible).join('\n') || '—'],
  ],
  line: ({ paths }) => paths.map(visible).join(', '),
  name: ({ paths }) => nameOfFolders(paths),
}

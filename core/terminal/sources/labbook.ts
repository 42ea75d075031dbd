// A LabBook server in words of the terminal.
import type { LabbookSource } from '../../api/sources/labbook.ts'
import { visible } from '../../api/text/visible.ts'
import type { SourceWords } from './face.ts'
import { loginFact } from './login.ts'

export const labbook: SourceWords<LabbookSource> = {
  facts: ({ storage, database }, t) => [
    [t('terminal.fact.storage'), visible(storage)],
    [t('terminal.fact.database'), visible(database.name)],
    loginFact(database, t),
  ],
  line: ({ storage, database }) => [storage, database.name].map(visible).join(', '),
  name: () => 'LabBook',
}

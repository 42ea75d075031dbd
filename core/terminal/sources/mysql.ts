// Databases of a server in words of the terminal.
import type { MysqlSource } from '../../api/sources/mysql.ts'
import type { Translate } from '../../api/text/text.ts'
import { visible } from '../../api/text/visible.ts'
import { nameOfFolders } from '../names.ts'
import type { SourceWords } from './face.ts'
import { loginFact } from './login.ts'

export const mysql: SourceWords<MysqlSource> = {
  facts: ({ server, databases }, t) => [
    [t('terminal.fact.databases'), named(databases, '\n', t)],
    loginFact(server, t),
  ],
  line: ({ databases }, t) => named(databases, ', ', t),
  name: ({ databases }, t) => (databases === 'all' ? t('terminal.fact.databases') : nameOfFolders(databases)),
}

function named(databases: MysqlSource['databases'], between: string, t: Translate): string {
  return databases === 'all' ? t('terminal.plan.all-databases') : databases.map(visible).join(between)
}

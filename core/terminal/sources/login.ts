// The login at a database server in words of the terminal.
import { type Login, serverOf } from '../../api/database.ts'
import type { Translate } from '../../api/text/text.ts'
import { visible } from '../../api/text/visible.ts'
import type { Fact } from '../run-report.ts'

export function loginFact({ user, ...server }: Login, t: Translate): Fact {
  return [t('terminal.fact.database-server'), `${visible(user)}@${visible(serverOf({ user, ...server }))}`]
}

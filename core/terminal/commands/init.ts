// `arche init`: the first steps of a fresh installation: the backup key, and an administrator password where one is given, or makes sense and is wished.
// Guarantees: what exists is left as it is; a second `init` changes nothing; a key that is lost or damaged is named, not replaced.
import { Failure } from '../../api/failure.ts'
import { finish } from '../finish.ts'
import type { Session } from '../session.ts'
import { createKey } from './key.ts'
import { offerOperator } from './password.ts'

export async function init(session: Session): Promise<number> {
  const { t, say } = session.output
  const before = await session.state()
  if (before.keyTrouble) throw new Failure(before.keyTrouble.code, before.keyTrouble.details)
  if (before.operatorSet) say(t('terminal.init.operator-there'))
  else await offerOperator(session)
  const hasKey = before.keys.some((key) => key.kind === 'own' && key.active)
  if (hasKey) say(t('terminal.init.key-there'))
  else await offerKey(session)
  const { keys, operatorSet } = await session.state()
  say()
  return finish(session, 'init', { operatorSet, keys }, t('terminal.init.next'))
}

/** Without anybody to ask and without a key password, a key is made later. */
async function offerKey(session: Session): Promise<void> {
  const { t, note } = session.output
  const given = session.passwords.given('key') !== undefined
  if (!given && !session.ask.possible) return note(t('terminal.key.none'))
  if (given || (await session.confirm(t('terminal.key.make-now'), true))) await createKey(session)
  return undefined
}

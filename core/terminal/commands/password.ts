// `arche password …`: the administrator password: set, changed, taken away.
// Guarantees: the present one is asked for first, where there is one; a new one is typed twice and never shown.
import { Failure } from '../../api/failure.ts'
import { operatorProposal } from '../../api/operator-proposal.ts'
import { finish } from '../finish.ts'
import type { Session } from '../session.ts'

export async function passwordSet(session: Session): Promise<number> {
  const { t } = session.output
  const { operatorSet } = await session.state()
  await chooseOperator(session, operatorSet)
  return finish(session, 'password set', { operatorSet: true }, t('terminal.operator.guards'))
}

export async function passwordRemove(session: Session): Promise<number> {
  const { t } = session.output
  if (!(await session.state()).operatorSet) throw new Failure('operator-unset')
  const current = await session.operatorPassword()
  await (await session.client()).operator.remove({ current })
  return finish(session, 'password remove', { operatorSet: false }, t('terminal.operator.removed'))
}

/** In the first steps: one that was given is set; else it is proposed where it makes sense. */
export async function offerOperator(session: Session): Promise<void> {
  const { passwords, ask, yes, output } = session
  if (passwords.given('operator') !== undefined) return setOperator(session, await session.newPassword('operator'))
  const state = await session.state()
  const proposed = operatorProposal({ ...state, sources: state.plans.map(({ source }) => source) })
  if (!proposed || yes || !ask.possible) return undefined
  output.note(output.t(`common.operatorProposed.${proposed}`))
  output.note(output.t('terminal.operator.guards'))
  if (!(await ask.confirm(output.t('terminal.operator.ask'), false))) return undefined
  return setOperator(session, await session.newPassword('operator'))
}

async function chooseOperator(session: Session, changes: boolean): Promise<void> {
  if (!changes) {
    // The only one that there will be, however it was given.
    const kind = session.passwords.given('new-operator') === undefined ? 'operator' : 'new-operator'
    return setOperator(session, await session.newPassword(kind))
  }
  const current = await session.operatorPassword()
  const next = await session.newPassword('new-operator')
  await (await session.client()).operator.set({ current, next })
  session.output.say(session.output.t('terminal.operator.changed'))
}

async function setOperator(session: Session, next: string): Promise<void> {
  await (await session.client()).operator.set({ next })
  session.output.say(session.output.t('terminal.operator.set'))
}

// What is answered in the first start, kept until "Start".
import type { AppState } from '../../../core/api/model.ts'
import { type OperatorProposal, operatorProposal } from '../../../core/api/operator-proposal.ts'
import type { KeyPick } from '../../parts/key-pick.ts'
import { choiceOf } from '../../parts/key-pick.ts'
import { isChosen, type NewPassword } from '../../parts/new-password.tsx'
import type { Say } from '../../text/i18n.ts'
import { isKeyReady, type KeyAnswers, noKeyAnswers } from '../keys/key-wizard.tsx'
import { type Choice, draftOf, noChoice } from '../plans/choice.ts'
import { sourceForms } from '../plans/source-forms.tsx'
import { proposed, type ScheduleAnswers } from '../schedule/schedule-answers.ts'

export interface KeyFolderAnswers {
  path: string
  /** What it holds and what was answered, once it has been looked at. */
  pick: KeyPick | undefined
}

export interface FirstAnswers {
  /** Its name is that of the plan; '' as long as nobody typed one. */
  what: Choice
  schedule: ScheduleAnswers
  /** Starts with the login: what automatic backups depend on. */
  atLogin: boolean
  key: KeyAnswers
  /** A key folder whose keys are taken over, instead of making one. */
  keyFolder: KeyFolderAnswers | undefined
  /** An administrator password, where one is proposed and wished. */
  operator: NewPassword | undefined
  /** Name for a medium that is prepared here. */
  mediumName: string
  laterMedium: boolean
}

export const noAnswers: FirstAnswers = {
  what: noChoice,
  schedule: proposed,
  atLogin: true,
  key: noKeyAnswers,
  keyFolder: undefined,
  operator: undefined,
  mediumName: '',
  laterMedium: false,
}

/** Room for more backups is no number that says anything. */
export const mostCounted = 500

export interface FirstProps {
  answers: FirstAnswers
  change: (part: Partial<FirstAnswers>) => void
  onNext: () => void
  onBack: (() => void) | undefined
}

/** What was chosen, under the name that it gets. */
export function named({ what }: FirstAnswers, say: Say): Choice {
  if (what.name.trim() !== '') return what
  const name = what.kind === 'folders' ? say('window.first.planName') : sourceForms[what.kind].name(what, say)
  return { ...what, name }
}

/** The key's questions are answered: there will be a pair to encrypt for. */
export function isKeyAnswered(answers: FirstAnswers): boolean {
  const { key, keyFolder } = answers
  const pairs = keyFolder?.pick ? choiceOf(keyFolder.pick).pairs : []
  return (keyFolder ? pairs.length > 0 : isKeyReady(key)) && isOperatorAnswered(answers)
}

/** It is not wished, or chosen. */
export function isOperatorAnswered({ operator }: FirstAnswers): boolean {
  return operator === undefined || isChosen(operator)
}

/** Why an administrator password is proposed here. */
export function proposalFor(
  { what }: FirstAnswers,
  { operatorSet, severalPeople, plans }: Pick<AppState, 'operatorSet' | 'severalPeople' | 'plans'>,
  say: Say,
): OperatorProposal | undefined {
  const draft = draftOf(named({ ...noAnswers, what }, say))
  const sources = [...plans.map(({ source }) => source), ...(draft ? [draft.source] : [])]
  return operatorProposal({ operatorSet, severalPeople, sources })
}

// What is answered in the first start, kept until "Set up".
import type { KeyPick } from '../../parts/key-pick.ts'
import { type KeyAnswers, noKeyAnswers } from '../keys/key-wizard.tsx'
import { type Choice, noChoice } from '../plans/choice.ts'
import { proposed, type ScheduleAnswers } from '../schedule/schedule-answers.ts'

export interface KeyFolderAnswers {
  path: string
  /** What it holds and what was answered, once it has been looked at. */
  pick: KeyPick | undefined
}

export interface FirstAnswers {
  what: Choice
  schedule: ScheduleAnswers
  /** Starts with the login: what automatic backups depend on. */
  atLogin: boolean
  key: KeyAnswers
  /** A key folder whose keys are taken over, instead of making one. */
  keyFolder: KeyFolderAnswers | undefined
  /** Name for a medium that is initialised here. */
  mediumName: string
  laterMedium: boolean
  /** Nothing is protected here. */
  restoreOnly: boolean
}

export const noAnswers: FirstAnswers = {
  what: noChoice,
  schedule: proposed,
  atLogin: true,
  key: noKeyAnswers,
  keyFolder: undefined,
  mediumName: '',
  laterMedium: false,
  restoreOnly: false,
}

export interface FirstProps {
  answers: FirstAnswers
  change: (part: Partial<FirstAnswers>) => void
  onNext: () => void
  onBack: (() => void) | undefined
}

// What is answered in the restore wizard; the passwords live here only.
import type { Existing } from '../../../core/api/contract.ts'
import type { Target } from './restore-target.ts'

/** What has been answered so far. `keyPassword` absent: the remembered one. */
export interface Answers extends Target {
  keyPassword: string | undefined
  existing: Existing
  /** Typed because the server wanted one. */
  databasePassword: string | undefined
  /** What stands on the server is not copied first. */
  withoutCopy: boolean
}

export interface StepProps {
  medium: string
  answers: Answers
  change: (part: Partial<Answers>) => void
  onNext: () => void
  onBack: (() => void) | undefined
}

export const noAnswers: Answers = {
  artifact: undefined,
  keyPassword: undefined,
  inspection: undefined,
  everything: true,
  only: [],
  where: undefined,
  server: undefined,
  folder: undefined,
  existing: 'replace',
  databasePassword: undefined,
  withoutCopy: false,
}

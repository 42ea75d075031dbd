// First start: language, operator password, folders, backup key, medium; then everything is set up in one go, at the end.
// Guarantees: nothing is kept before "Set up"; when a part fails, the parts done stay done and are not asked again; one can leave.
import { useState } from 'react'
import { type NewPassword, noPassword } from '../parts/new-password.tsx'
import { leaveSetup, useEngine } from '../store.ts'
import { useText } from '../text/i18n.ts'
import { FirstDoneStep } from './first-done.tsx'
import { FirstReviewStep } from './first-review.tsx'
import { FirstFoldersStep, FirstKeyStep, FirstMediumStep, FirstOperatorStep, LanguageStep } from './first-steps.tsx'
import { type KeyAnswers, noKeyAnswers } from './key-wizard.tsx'
import { useMedia } from './medium-step.tsx'
import { after, alreadyDone, before, type FirstStep, firstSteps } from './steps.ts'
import type { Choice } from './what-step.tsx'
import { Wizard } from './wizard.tsx'

export interface FirstAnswers {
  operator: NewPassword
  what: Choice
  key: KeyAnswers
  /** Name for a medium that is initialised here. */
  mediumName: string
  laterMedium: boolean
}

const noAnswers: FirstAnswers = {
  operator: noPassword,
  what: { planId: undefined, name: '', paths: [], exclude: [] },
  key: noKeyAnswers,
  mediumName: '',
  laterMedium: false,
}

export interface FirstProps {
  answers: FirstAnswers
  change: (part: Partial<FirstAnswers>) => void
  onNext: () => void
  onBack: (() => void) | undefined
}

export function FirstStart() {
  const { say } = useText()
  const state = useEngine()
  const [step, setStep] = useState<FirstStep>('language')
  const [answers, setAnswers] = useState(noAnswers)
  const media = useMedia(undefined, (one) => !one.readOnly)
  const previous = before(firstSteps, step)
  const common: FirstProps = {
    answers,
    change: (part) => setAnswers((known) => ({ ...known, ...part })),
    onNext: () => setStep(after(firstSteps, step)),
    onBack: previous && (() => setStep(previous)),
  }
  const done = alreadyDone(state)
  return (
    <Wizard
      title={say('window.first.title')}
      steps={firstSteps}
      label={(name) => say(`window.first.step.${name}`)}
      step={step}
      onStep={setStep}
      onLeave={leaveSetup}
      leaveLabel={say('window.first.leave')}
    >
      {step === 'language' && <LanguageStep {...common} />}
      {step === 'operator' && <FirstOperatorStep {...common} done={done.operator} />}
      {step === 'folders' && <FirstFoldersStep {...common} done={done.plan} />}
      {step === 'key' && <FirstKeyStep {...common} done={done.key} />}
      {step === 'medium' && <FirstMediumStep {...common} media={media} />}
      {step === 'review' && (
        <FirstReviewStep
          {...common}
          medium={answers.laterMedium ? undefined : media.medium}
          onDone={() => {
            setAnswers(noAnswers)
            common.onNext()
          }}
        />
      )}
      {step === 'done' && <FirstDoneStep medium={media.medium} />}
    </Wizard>
  )
}

// First start: language, folders, backup key, medium, time; then everything is set up in one go, at the end.
// Guarantees: nothing is kept before "Set up"; when a part fails, the parts done stay done and are not asked again; one can leave.
import { useEffect, useState } from 'react'
import { useMedia } from '../../parts/medium-step.tsx'
import { alreadyDone, type FirstStep, firstSteps, stepAfter, stepBefore } from '../../parts/steps.ts'
import { Wizard } from '../../parts/wizard.tsx'
import { leaveSetup, useEngine, useStore } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { databasePasswordOf } from '../plans/choice.ts'
import { type FirstProps, noAnswers } from './answers.ts'
import { FirstDoneStep } from './first-done.tsx'
import { FirstKeyStep } from './first-key.tsx'
import { FirstReviewStep } from './first-review.tsx'
import { FirstFoldersStep, FirstMediumStep, LanguageStep } from './first-steps.tsx'
import { FirstTimeStep } from './first-time.tsx'

export function FirstStart() {
  const { say } = useText()
  const state = useEngine('keys', 'plans')
  const [step, setStep] = useState<FirstStep>('language')
  const [answers, setAnswers] = useState(noAnswers)
  const media = useMedia(undefined, (one) => !one.readOnly)
  const steps = firstSteps(answers)
  const [given, setGiven] = useState<{ databasePassword?: string }>({})
  const previous = stepBefore(steps, step)
  const common: FirstProps = {
    answers,
    change: (part) => setAnswers((known) => ({ ...known, ...part })),
    onNext: () => setStep(stepAfter(steps, step)),
    onBack: previous && (() => setStep(previous)),
  }
  const done = alreadyDone(state)
  // From here on the engine's own answer holds: it has been saved, or the wizard was left.
  useEffect(() => () => useStore.setState({ language: undefined }), [])
  return (
    <Wizard
      steps={steps}
      label={(name) =>
        name === 'done' && answers.restoreOnly ? say('window.init.step.done') : say(`window.first.step.${name}`)
      }
      step={step}
      onStep={setStep}
      onLeave={leaveSetup}
      leaveLabel={say('window.first.leave')}
    >
      {step === 'language' && <LanguageStep {...common} />}
      {step === 'folders' && <FirstFoldersStep {...common} done={done.plan} />}
      {step === 'key' && <FirstKeyStep {...common} done={done.key} />}
      {step === 'medium' && <FirstMediumStep {...common} media={media} />}
      {step === 'time' && <FirstTimeStep {...common} />}
      {step === 'review' && (
        <FirstReviewStep
          {...common}
          medium={answers.laterMedium || answers.restoreOnly ? undefined : media.medium}
          onDone={() => {
            // The first backup still needs it, unless it was kept.
            setGiven(databasePasswordOf(answers.what))
            setAnswers({ ...noAnswers, restoreOnly: answers.restoreOnly })
            common.onNext()
          }}
        />
      )}
      {step === 'done' && <FirstDoneStep medium={media.medium} given={given} restoreOnly={answers.restoreOnly} />}
    </Wizard>
  )
}

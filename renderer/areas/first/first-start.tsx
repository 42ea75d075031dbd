// First start in four pages: back up or restore; what, and where to; the key's password; a review, from which everything is set up and the first backup begins.
// Guarantees: nothing is kept before "Start", but for the language and a server that was taken up as a place; when a part fails, the parts done stay done and are
// not asked again; one can leave at any time.
import { useMemo, useState } from 'react'
import { useMedia } from '../../parts/medium-step.tsx'
import { alreadyDone, type FirstStep, firstSteps, stepAfter, stepBefore } from '../../parts/steps.ts'
import { Wizard } from '../../parts/wizard.tsx'
import { leaveSetup, useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { type FirstProps, noAnswers } from './answers.ts'
import { FirstDoneStep } from './first-done.tsx'
import { FirstKeyStep } from './first-key.tsx'
import { FirstReviewStep } from './first-review.tsx'
import { FirstWhatStep } from './first-what.tsx'
import { Welcome } from './welcome.tsx'
import './first.css'

export function FirstStart() {
  const { say } = useText()
  const state = useEngine('keys', 'plans')
  const [step, setStep] = useState<FirstStep | 'welcome'>('welcome')
  const [answers, setAnswers] = useState(noAnswers)
  /** The first backup, once it has begun. */
  const [runId, setRunId] = useState<string>()
  const media = useMedia(undefined, (one) => !one.readOnly)
  const done = useMemo(() => alreadyDone(state), [state])
  if (step === 'welcome') return <Welcome onBackUp={() => setStep('what')} onLeave={leaveSetup} />
  const previous = stepBefore(firstSteps, step)
  const common: FirstProps = {
    answers,
    change: (part) => setAnswers((known) => ({ ...known, ...part })),
    onNext: () => setStep(stepAfter(firstSteps, step)),
    onBack: step === 'what' ? () => setStep('welcome') : previous && (() => setStep(previous)),
  }
  return (
    <Wizard
      steps={firstSteps}
      label={(name) => say(`window.first.step.${name}`)}
      step={step}
      onStep={setStep}
      onLeave={leaveSetup}
      leaveLabel={say('window.first.leave')}
    >
      {step === 'what' && <FirstWhatStep {...common} media={media} done={done.plan} />}
      {step === 'key' && <FirstKeyStep {...common} done={done.key} />}
      {step === 'review' && (
        <FirstReviewStep
          {...common}
          medium={answers.laterMedium ? undefined : media.medium}
          onDone={(id) => {
            setRunId(id)
            // The passwords are needed no longer.
            setAnswers(noAnswers)
            common.onNext()
          }}
        />
      )}
      {step === 'done' && <FirstDoneStep runId={runId} />}
    </Wizard>
  )
}

// Back up now: what (if it must be asked), medium, review, then the run itself.
// Guarantees: nothing is written before the review is confirmed; a new plan is saved only then.
import { useMemo, useState } from 'react'
import { destinationOn } from '../../../core/api/destination.ts'
import type { Medium } from '../../../core/api/model.ts'
import { type Plan, usualMethod } from '../../../core/api/plan.ts'
import { refOf } from '../../parts/medium-choice.tsx'
import { BackupMediumStep, useMedia } from '../../parts/medium-step.tsx'
import { guarded } from '../../parts/operator.tsx'
import { RunStep } from '../../parts/run-step.tsx'
import { type BackupStep, backupSteps, stepAfter, stepBefore } from '../../parts/steps.ts'
import { useTask } from '../../parts/task.ts'
import { Wizard } from '../../parts/wizard.tsx'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { type Choice, databasePasswordOf, draftOf, noChoice } from '../plans/choice.ts'
import { saveChoice } from '../plans/save-choice.ts'
import { WhatStep } from '../plans/what-step.tsx'
import { BackupReviewStep } from './backup-review.tsx'

function firstChoice(plans: readonly Plan[], preset: string | undefined): Choice {
  const plan = plans.find(({ id }) => id === preset) ?? plans[0]
  return { ...noChoice, planId: plan?.id }
}

/** `medium`, `plan`: chosen beforehand. */
export function BackupWizard({ medium: preset, plan }: { medium?: string | undefined; plan?: string | undefined }) {
  const { say } = useText()
  const { plans } = useEngine('plans')
  const [steps] = useState(() => backupSteps({ plans: plans.length }))
  const [step, setStep] = useState<BackupStep>(() => steps[0] ?? 'review')
  const [choice, setChoice] = useState<Choice>(() => firstChoice(plans, plan))
  const { media, medium, setPath, addFolder } = useMedia(preset, (one) => one.initialised && !one.readOnly)
  const [runId, setRunId] = useState<string>()
  const next = () => setStep(stepAfter(steps, step))
  const previous = stepBefore(steps, step)
  const back = previous && (() => setStep(previous))

  const started = (id: string) => {
    setRunId(id)
    next()
  }

  return (
    <Wizard steps={steps} label={(name) => say(`window.backup.step.${name}`)} step={step} onStep={setStep}>
      {step === 'what' && <WhatStep choice={choice} onChange={setChoice} onNext={next} onBack={back} />}
      {step === 'review' && medium && <StartBackup choice={choice} medium={medium} onBack={back} onStarted={started} />}
      {(step === 'medium' || (step === 'review' && !medium)) && (
        <BackupMediumStep
          media={media}
          medium={medium}
          onPath={setPath}
          onFolder={addFolder}
          onNext={() => setStep('review')}
          onBack={back}
        />
      )}
      {step === 'run' && runId && <RunStep id={runId} />}
    </Wizard>
  )
}

interface StartProps {
  choice: Choice
  medium: Medium
  onBack: (() => void) | undefined
  onStarted: (id: string) => void
}

function StartBackup({ choice, medium, onBack, onStarted }: StartProps) {
  const task = useTask()
  const { plans } = useEngine('plans')
  const plan = plans.find((one) => one.id === choice.planId)
  const draft = useMemo(() => draftOf(choice), [choice])
  const described = plan ?? draft
  const given = useMemo(() => (plan ? {} : databasePasswordOf(choice)), [plan, choice])
  if (!described) return null
  const start = (password: { databasePassword?: string }) =>
    void task.run(async () => {
      const planId = plan?.id ?? (await saveChoice(choice)).id
      const { id } = await guarded((client) => client.backup.start({ planId, medium: refOf(medium), ...password }))
      onStarted(id)
    })
  return (
    <BackupReviewStep
      plan={plan ? plan.id : described}
      name={plan?.name ?? choice.name}
      source={described.source}
      method={described.method ?? usualMethod}
      given={given}
      medium={medium}
      keep={plan ? destinationOn(plan, medium.id).keep : draft?.destinations[0]?.keep}
      onStart={start}
      task={task}
      onBack={onBack}
    />
  )
}

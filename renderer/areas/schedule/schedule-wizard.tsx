// Schedule: which plan, when, onto which media, on which conditions; then everything is saved at once.
// Guarantees: nothing becomes active before the last button; a saved schedule is shown as it is and can be changed or switched off.
import { Radio, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { Plan } from '../../../core/api/plan.ts'
import { FileName } from '../../parts/show.tsx'
import { type ScheduleStep, scheduleSteps, stepAfter, stepBefore } from '../../parts/steps.ts'
import { FinishPage, StepPage, Wizard } from '../../parts/wizard.tsx'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { answersOf, placeOf, type ScheduleAnswers, scheduleOf, whenOf } from './schedule-answers.ts'
import { ConditionFields } from './schedule-conditions.tsx'
import { type AnswersProps, CountField, NextTimes, WhenFields } from './schedule-fields.tsx'
import { ScheduleMedia } from './schedule-media.tsx'
import { ScheduleReview } from './schedule-review.tsx'

export function ScheduleWizard({ plan: preset }: { plan?: string | undefined }) {
  const { say } = useText()
  const { plans } = useEngine('plans')
  const [known] = useState(() => ({ plans: preset === undefined ? plans.length : 1 }))
  const [planId, setPlanId] = useState(preset ?? plans[0]?.id)
  const plan = plans.find((one) => one.id === planId)
  const [answers, setAnswers] = useState<ScheduleAnswers | undefined>(() => plan && answersOf(plan))
  const steps = scheduleSteps({ ...known, off: answers?.kind === 'off' })
  const [step, setStep] = useState<ScheduleStep>(() => steps[0] ?? 'when')
  const next = () => setStep(stepAfter(steps, step))
  const previous = stepBefore(steps, step)
  const back = previous && (() => setStep(previous))
  const choose = (chosen: Plan) => {
    setPlanId(chosen.id)
    setAnswers(answersOf(chosen))
  }
  const change = (part: Partial<ScheduleAnswers>) => setAnswers((before) => before && { ...before, ...part })
  return (
    <Wizard steps={steps} label={(name) => say(`schedule.window.step.${name}`)} step={step} onStep={setStep}>
      {step === 'plan' && <PlanStep plan={plan} onChoose={choose} onNext={next} onBack={back} />}
      {answers && plan && (
        <Question step={step} plan={plan} answers={answers} change={change} onNext={next} onBack={back} />
      )}
      {step === 'done' && answers && <DoneStep answers={answers} />}
    </Wizard>
  )
}

interface StepProps {
  onNext: () => void
  onBack: (() => void) | undefined
}

function PlanStep({
  plan,
  onChoose,
  onNext,
  onBack,
}: StepProps & { plan: Plan | undefined; onChoose: (plan: Plan) => void }) {
  const { say } = useText()
  const { plans } = useEngine('plans')
  const choose = (id: string) => {
    const chosen = plans.find((one) => one.id === id)
    if (chosen) onChoose(chosen)
  }
  return (
    <StepPage
      title={say('schedule.window.planTitle')}
      lead={say('schedule.window.planLead')}
      next={say('window.wizard.next')}
      onNext={onNext}
      ready={plan !== undefined}
      onBack={onBack}
    >
      <Radio.Group value={plan?.id ?? null} onChange={choose} aria-label={say('schedule.window.planTitle')}>
        <Stack gap="xs">
          {plans.map(({ id, name }) => (
            <Radio key={id} value={id} label={<FileName name={name} />} data-testid="plan-option" />
          ))}
        </Stack>
      </Radio.Group>
    </StepPage>
  )
}

type QuestionProps = StepProps & AnswersProps & { step: ScheduleStep; plan: Plan }

function Question({ step, plan, answers, change, onNext, onBack }: QuestionProps) {
  const { say } = useText()
  const page = { next: say('window.wizard.next'), onNext, onBack }
  switch (step) {
    case 'when':
      return (
        <StepPage
          {...page}
          title={say('schedule.window.whenTitle')}
          lead={say('schedule.window.whenLead')}
          ready={answers.kind === 'off' || whenOf(answers) !== undefined}
        >
          <WhenFields answers={answers} change={change} />
        </StepPage>
      )
    case 'medium':
      return (
        <StepPage
          {...page}
          title={say('schedule.window.mediumTitle')}
          lead={say('schedule.window.mediumLead')}
          ready={placeOf(answers) !== undefined && scheduleOf(answers) !== undefined}
        >
          <ScheduleMedia answers={answers} change={change} plan={plan} />
          {answers.kind !== 'medium' && <Patience answers={answers} change={change} />}
        </StepPage>
      )
    case 'conditions':
      return (
        <StepPage
          {...page}
          title={say('schedule.window.conditionsTitle')}
          lead={say('schedule.window.conditionsLead')}
          ready={scheduleOf(answers) !== undefined}
        >
          <ConditionFields answers={answers} change={change} />
        </StepPage>
      )
    case 'review':
      return <ScheduleReview plan={plan} answers={answers} onSaved={onNext} onBack={onBack} />
    default:
      return null
  }
}

/** How early a medium is asked for, and how long it is waited for. */
function Patience({ answers, change }: AnswersProps) {
  const { say } = useText()
  return (
    <>
      <CountField
        label={say('schedule.window.reminderMinutes')}
        value={answers.reminderMinutes}
        onChange={(reminderMinutes) => change({ reminderMinutes })}
        range={[0, 1440]}
        id="reminder"
      />
      <CountField
        label={say('schedule.window.mediumWindowHours')}
        value={answers.mediumWindowHours}
        onChange={(mediumWindowHours) => change({ mediumWindowHours })}
        range={[1, 720]}
        id="patience"
      />
    </>
  )
}

function DoneStep({ answers }: { answers: ScheduleAnswers }) {
  const { say } = useText()
  const off = answers.kind === 'off'
  return (
    <FinishPage title={say(off ? 'schedule.window.doneOffTitle' : 'schedule.window.doneTitle')}>
      <Text>{say(off ? 'schedule.window.doneOffText' : 'schedule.window.doneText')}</Text>
      {!off && <NextTimes when={whenOf(answers)} />}
    </FinishPage>
  )
}

// Backup key: what a new key means when there is one already, key password, then the recovery sheet.
// Guarantees: the warning that a lost key password cannot be recovered comes before, and must be acknowledged; older pairs are kept.

import { Alert, Checkbox, List, Stack, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useState } from 'react'
import type { Problem } from '../../../core/api/failure.ts'
import type { KeyInfo } from '../../../core/api/model.ts'
import type { Plan } from '../../../core/api/plan.ts'
import { isForLabbook } from '../../../core/api/plan-source.ts'
import { losesInLabbook } from '../../parts/key-pick.ts'
import { isChosen, type NewPassword, NewPasswordFields, noPassword } from '../../parts/new-password.tsx'
import { guarded } from '../../parts/operator.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { SheetButtons } from '../../parts/sheet-buttons.tsx'
import { Fingerprint } from '../../parts/show.tsx'
import { type KeyStep, keySteps, stepAfter, stepBefore } from '../../parts/steps.ts'
import { useTask } from '../../parts/task.ts'
import { FinishPage, StepPage, Wizard } from '../../parts/wizard.tsx'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'

export interface KeyAnswers {
  password: NewPassword
  understood: boolean
  remember: boolean
}

export const noKeyAnswers: KeyAnswers = { password: noPassword, understood: false, remember: false }

export function isKeyReady({ password, understood }: KeyAnswers): boolean {
  return isChosen(password) && understood
}

export function KeyWizard() {
  const { say } = useText()
  const { keys, keyTrouble, plans } = useEngine('keys', 'keyTrouble', 'plans')
  // What was wrong when the person began: that is what they have seen.
  const [trouble] = useState(keyTrouble)
  const hasKey = trouble !== null || keys.some((key) => key.kind === 'own')
  const [steps] = useState(() => keySteps({ hasKey }))
  const [step, setStep] = useState<KeyStep>(() => steps[0] ?? 'password')
  const [answers, setAnswers] = useState(noKeyAnswers)
  const [made, setMade] = useState<KeyInfo>()
  const task = useTask()
  const next = () => setStep(stepAfter(steps, step))
  const previous = stepBefore(steps, step)
  const back = previous && (() => setStep(previous))
  const create = () =>
    void task.run(async () => {
      const { password, remember } = answers
      setMade(
        await guarded((client) => client.key.create({ password: password.first, remember, instead: trouble !== null })),
      )
      setAnswers(noKeyAnswers)
      next()
    })
  return (
    <Wizard steps={steps} label={(name) => say(`window.key.step.${name}`)} step={step} onStep={setStep}>
      {step === 'why' && <WhyStep trouble={trouble} onNext={next} />}
      {step === 'password' && (
        <StepPage
          title={say('window.key.passwordTitle')}
          lead={say('window.key.passwordLead')}
          help="key"
          next={say('window.key.create')}
          onNext={create}
          ready={isKeyReady(answers)}
          busy={task.busy}
          problem={task.problem}
          onBack={back}
        >
          <KeyFields answers={answers} onChange={setAnswers} labbook={plans.some(isLabbook)} />
        </StepPage>
      )}
      {step === 'done' && made && (
        <FinishPage title={say('window.key.doneTitle')}>
          <Text>{say('window.key.doneText')}</Text>
          <Fingerprint value={made.fingerprint} />
          <SheetButtons fingerprint={made.fingerprint} />
        </FinishPage>
      )}
    </Wizard>
  )
}

function isLabbook({ source }: Plan): boolean {
  return isForLabbook(source)
}

function WhyStep({ trouble, onNext }: { trouble: Problem | null; onNext: () => void }) {
  const { say } = useText()
  return (
    <StepPage
      title={say(trouble ? 'window.key.troubleTitle' : 'window.key.whyTitle')}
      next={say('window.key.whyNext')}
      onNext={onNext}
    >
      <ProblemView problem={trouble ?? undefined} reveal={false} />
      <List spacing="xs">
        <List.Item>{say('window.key.why1')}</List.Item>
        <List.Item>{say('window.key.why2')}</List.Item>
        <List.Item>{say('window.key.why3')}</List.Item>
      </List>
    </StepPage>
  )
}

interface FieldsProps {
  answers: KeyAnswers
  onChange: (answers: KeyAnswers) => void
  /** A LabBook server is to be backed up with it. */
  labbook: boolean
}

export function KeyFields({ answers, onChange, labbook }: FieldsProps) {
  const { say } = useText()
  const { keychain } = useEngine('keychain')
  return (
    <Stack>
      <NewPasswordFields
        id="key-password"
        label={say('window.key.password')}
        value={answers.password}
        onChange={(password) => onChange({ ...answers, password })}
      />
      {losesInLabbook(answers.password.first, labbook) && (
        <ProblemView problem={{ code: 'labbook-password', details: {} }} level="info" reveal={false} />
      )}
      <Alert color="yellow" icon={<IconAlertTriangle aria-hidden />} title={say('window.key.warningTitle')} role="note">
        <Stack gap="sm">
          <Text size="sm">{say('window.key.warning')}</Text>
          <Checkbox
            label={say('window.key.understood')}
            checked={answers.understood}
            onChange={(event) => onChange({ ...answers, understood: event.currentTarget.checked })}
            data-testid="key-understood"
          />
        </Stack>
      </Alert>
      <Checkbox
        label={say('window.key.remember')}
        description={say('window.key.rememberHelp')}
        checked={answers.remember}
        disabled={keychain.problem !== undefined}
        onChange={(event) => onChange({ ...answers, remember: event.currentTarget.checked })}
        data-testid="key-remember"
      />
      <ProblemView problem={keychain.problem} level="info" />
    </Stack>
  )
}

// Backup key: operator password, what a new key means when there is one already, key password, then the recovery sheet.
// Guarantees: the warning that a lost key password cannot be recovered comes before, and must be acknowledged; older pairs are kept.
import { Alert, Checkbox, List, Stack, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useState } from 'react'
import type { KeyInfo } from '../../core/api/model.ts'
import { isChosen, type NewPassword, NewPasswordFields, noPassword } from '../parts/new-password.tsx'
import { guarded } from '../parts/operator.tsx'
import { ProblemView } from '../parts/problem-view.tsx'
import { SheetButtons } from '../parts/sheet-buttons.tsx'
import { Fingerprint } from '../parts/show.tsx'
import { useTask } from '../parts/task.ts'
import { isUnlocked, show, useEngine } from '../store.ts'
import { useText } from '../text/i18n.ts'
import { FinishPage } from './init-wizard.tsx'
import { type KeyStep, keySteps, stepAfter, stepBefore } from './steps.ts'
import { OperatorStep, StepPage, Wizard } from './wizard.tsx'

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
  const { keys } = useEngine('keys')
  const [steps] = useState(() => keySteps({ unlocked: isUnlocked(), hasKey: keys.some((key) => key.kind === 'own') }))
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
      setMade(await guarded((client) => client.key.create({ password: password.first, remember })))
      setAnswers(noKeyAnswers)
      next()
    })
  return (
    <Wizard
      title={say('window.key.title')}
      steps={steps}
      label={(name) => say(`window.key.step.${name}`)}
      step={step}
      onStep={setStep}
      onLeave={() => show({ name: 'main' })}
    >
      {step === 'operator' && <OperatorStep onNext={next} />}
      {step === 'why' && <WhyStep onNext={next} />}
      {step === 'password' && (
        <StepPage
          title={say('window.key.passwordTitle')}
          lead={say('window.key.passwordLead')}
          next={say('window.key.create')}
          onNext={create}
          ready={isKeyReady(answers)}
          busy={task.busy}
          problem={task.problem}
          onBack={back}
        >
          <KeyFields answers={answers} onChange={setAnswers} />
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

function WhyStep({ onNext }: { onNext: () => void }) {
  const { say } = useText()
  return (
    <StepPage title={say('window.key.whyTitle')} next={say('window.key.whyNext')} onNext={onNext}>
      <List spacing="xs">
        <List.Item>{say('window.key.why1')}</List.Item>
        <List.Item>{say('window.key.why2')}</List.Item>
        <List.Item>{say('window.key.why3')}</List.Item>
      </List>
    </StepPage>
  )
}

export function KeyFields({ answers, onChange }: { answers: KeyAnswers; onChange: (answers: KeyAnswers) => void }) {
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

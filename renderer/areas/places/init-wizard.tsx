// Initialise a medium: medium, name with findings, done.
// Guarantees: files already on the medium stay (and it says so); nothing is written before the last question is confirmed.
import { Group, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Medium } from '../../../core/api/model.ts'
import { MediumChoice, MediumFacts } from '../../parts/medium-choice.tsx'
import { type MediaChoice, useMedia, useMediumFindings } from '../../parts/medium-step.tsx'
import { guarded } from '../../parts/operator.tsx'
import { Findings } from '../../parts/problem-view.tsx'
import { type InitStep, initSteps, stepBefore } from '../../parts/steps.ts'
import { useTask } from '../../parts/task.ts'
import { FinishPage, StepPage, Wizard } from '../../parts/wizard.tsx'
import { show } from '../../store.ts'
import { useText } from '../../text/i18n.ts'

export function InitWizard({ medium: preset }: { medium?: string | undefined }) {
  const { say } = useText()
  const [step, setStep] = useState<InitStep>('medium')
  const [made, setMade] = useState<Medium>()
  const choice = useMedia(preset, (one) => !one.initialised && !one.readOnly)
  const previous = stepBefore(initSteps, step)
  const current: InitStep = step === 'name' && !choice.medium ? 'medium' : step
  return (
    <Wizard steps={initSteps} label={(name) => say(`window.init.step.${name}`)} step={current} onStep={setStep}>
      {current === 'medium' && (
        <StepPage
          title={say('window.init.mediumTitle')}
          lead={say('window.init.mediumLead')}
          help="drive"
          next={say('window.wizard.next')}
          onNext={() => setStep('name')}
          ready={choice.medium !== undefined}
        >
          <InitMediumChoice choice={choice} />
        </StepPage>
      )}
      {current === 'name' && choice.medium && (
        <NameStep
          medium={choice.medium}
          onBack={previous && (() => setStep(previous))}
          onMade={(medium) => {
            setMade(medium)
            setStep('done')
          }}
        />
      )}
      {current === 'done' && made && <DoneStep medium={made} />}
    </Wizard>
  )
}

function InitMediumChoice({ choice }: { choice: MediaChoice }) {
  const { say } = useText()
  const refuse = (one: Medium) => {
    if (one.initialised) return say('window.media.refuse.alreadyInitialised')
    return one.readOnly ? say('window.media.refuse.readOnly') : undefined
  }
  return (
    <MediumChoice
      media={choice.media}
      value={choice.medium?.path}
      onChange={choice.setPath}
      refuse={refuse}
      onFolder={choice.addFolder}
    />
  )
}

interface NameProps {
  medium: Medium
  onBack: (() => void) | undefined
  onMade: (medium: Medium) => void
}

function NameStep({ medium, onBack, onMade }: NameProps) {
  const { say } = useText()
  const [name, setName] = useState(medium.name)
  const { findings, blocked } = useMediumFindings(medium)
  const task = useTask()
  const init = () =>
    void task.run(async () => {
      const given = { medium: medium.path, name: name.trim() || medium.name, asNew: true }
      onMade(await guarded((client) => client.medium.init(given)))
    })
  return (
    <StepPage
      title={say('window.init.nameTitle')}
      lead={say('window.init.nameLead')}
      next={say('window.init.start')}
      onNext={init}
      ready={!blocked}
      busy={task.busy}
      problem={task.problem}
      onBack={onBack}
    >
      <Group className="choice">
        <MediumFacts medium={medium} />
      </Group>
      <NameField name={name} onChange={setName} />
      <Findings findings={findings} />
    </StepPage>
  )
}

export function NameField({ name, onChange }: { name: string; onChange: (name: string) => void }) {
  const { say } = useText()
  return (
    <TextInput
      label={say('window.init.name')}
      description={say('window.init.nameHelp')}
      value={name}
      maxLength={200}
      onChange={(event) => onChange(event.currentTarget.value)}
      data-testid="medium-name"
    />
  )
}

function DoneStep({ medium }: { medium: Medium }) {
  const { say } = useText()
  return (
    <FinishPage
      title={say('window.init.doneTitle')}
      next={say('window.actions.backup')}
      onNext={() => show({ name: 'backup', medium: medium.path })}
    >
      <Group className="choice">
        <MediumFacts medium={medium} />
      </Group>
      <Text>{say('window.init.doneText')}</Text>
    </FinishPage>
  )
}

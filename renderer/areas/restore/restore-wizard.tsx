// Restore: medium, backup, key password, what, where, review with confirmation, then the run itself.
// Guarantees: nothing is touched before the confirmation of the review; the passwords live only in this wizard.
import { useCallback, useState } from 'react'
import type { Artifact } from '../../../core/api/model.ts'
import { refOf } from '../../parts/medium-choice.tsx'
import { RestoreMediumStep, useMedia } from '../../parts/medium-step.tsx'
import { RunStep } from '../../parts/run-step.tsx'
import { type RestoreStep, restoreSteps, stepAfter, stepBefore } from '../../parts/steps.ts'
import { Wizard } from '../../parts/wizard.tsx'
import { useText } from '../../text/i18n.ts'
import { type Answers, noAnswers } from './answers.ts'
import { isOpen } from './artifacts.tsx'
import type { Part } from './basket.ts'
import { RestoreBackupStep } from './restore-backup.tsx'
import { RestoreFiles } from './restore-files.tsx'
import { RestorePasswordStep } from './restore-password.tsx'
import { RestoreReviewStep } from './restore-review.tsx'
import { RestoreWhatStep } from './restore-what.tsx'
import { RestoreWhereStep } from './restore-where.tsx'

interface Props {
  medium?: string | undefined
  /** Chosen already, of that medium. */
  artifact?: Artifact
  /** Files that were found already: only where they go is left to be asked. */
  parts?: readonly Part[]
}

export function RestoreWizard({ parts, ...preset }: Props) {
  return parts ? <RestoreFiles parts={parts} /> : <WholeWizard {...preset} />
}

function WholeWizard({ medium: preset, artifact }: Omit<Props, 'parts'>) {
  const { say } = useText()
  const [step, setStep] = useState<RestoreStep>(artifact ? 'backup' : 'medium')
  const [answers, setAnswers] = useState<Answers>({ ...noAnswers, artifact })
  const steps = restoreSteps.filter((one) => one !== 'password' || !answers.artifact || !isOpen(answers.artifact))
  const [started, setStarted] = useState<{ id: string; folders: string[] }>()
  const { media, medium, setPath, addFolder } = useMedia(preset, (one) => one.initialised)
  const change = useCallback((part: Partial<Answers>) => setAnswers((known) => ({ ...known, ...part })), [])
  const noPassword = answers.inspection?.format === '2.5' && step === stepAfter(steps, 'password')
  const previous = noPassword ? 'backup' : stepBefore(steps, step)
  const common = {
    medium: medium ? refOf(medium) : '',
    answers,
    change,
    onNext: () => setStep(stepAfter(steps, step)),
    onBack: previous && (() => setStep(previous)),
  }
  // A medium that was unplugged is asked for again; once the work runs, the run itself tells.
  const current: RestoreStep = !medium && step !== 'run' ? 'medium' : step

  return (
    <Wizard steps={steps} label={(name) => say(`window.restore.step.${name}`)} step={current} onStep={setStep}>
      {current === 'medium' && (
        <RestoreMediumStep
          media={media}
          medium={medium}
          onPath={setPath}
          onFolder={addFolder}
          onNext={() => setStep('backup')}
          onBack={undefined}
        />
      )}
      {current === 'backup' && <RestoreBackupStep {...common} onOpened={() => setStep('what')} />}
      {current === 'password' && <RestorePasswordStep {...common} />}
      {current === 'what' && <RestoreWhatStep {...common} />}
      {current === 'where' && <RestoreWhereStep {...common} />}
      {current === 'review' && (
        <RestoreReviewStep
          {...common}
          onStarted={(id, folders) => {
            setStarted({ id, folders })
            // The password is needed no longer.
            setAnswers(noAnswers)
            common.onNext()
          }}
        />
      )}
      {current === 'run' && started && <RunStep id={started.id} folders={started.folders} />}
    </Wizard>
  )
}

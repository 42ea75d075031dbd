// Restoring files that were found: the key password where one is needed, then one page with the files, where they go, and the confirmation; then the run.
// Guarantees: nothing is touched before the confirmation; what a remembered password opens asks for none; the passwords live only here.
import { List, Loader, Text } from '@mantine/core'
import { useCallback, useEffect, useState } from 'react'
import { parseArtifactName } from '../../../core/api/backup-name.ts'
import type { Inspection } from '../../../core/api/contract.ts'
import { type Failure, toProblem } from '../../../core/api/failure.ts'
import type { Artifact } from '../../../core/api/model.ts'
import { call } from '../../client.ts'
import { RunStep } from '../../parts/run-step.tsx'
import { FileName } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { StepPage, Wizard } from '../../parts/wizard.tsx'
import { useText } from '../../text/i18n.ts'
import { type Answers, noAnswers } from './answers.ts'
import { emptyBasket, type Part } from './basket.ts'
import { RestorePasswordStep } from './restore-password.tsx'
import { type Also, RestoreReviewStep } from './restore-review.tsx'
import { WhereFields } from './restore-where.tsx'

type Step = 'password' | 'review' | 'run'

/** Why a backup is not opened by the password at hand, or without one. */
const closed: ReadonlySet<Failure['code']> = new Set([
  'secret-missing',
  'wrong-password',
  'wrong-key',
  'key-password-needed',
  'no-keychain',
])

export function RestoreFiles({ parts }: { parts: readonly Part[] }) {
  const { say } = useText()
  const [first] = parts
  const [step, setStep] = useState<Step>('review')
  const [asked, setAsked] = useState(false)
  const [answers, setAnswers] = useState<Answers>(() => ({
    ...noAnswers,
    artifact: first && asArtifact(first),
    everything: false,
    only: [...(first?.paths ?? [])],
  }))
  const [also, setAlso] = useState<readonly Also[]>([])
  const [started, setStarted] = useState<{ id: string; folders: string[] }>()
  const change = useCallback((part: Partial<Answers>) => setAnswers((known) => ({ ...known, ...part })), [])
  const onClosed = useCallback(() => {
    setAsked(true)
    setStep('password')
  }, [])
  const opening = useOpened(parts, { answers, change, setAlso, onClosed, wanted: step === 'review' })
  const steps: Step[] = [...(asked ? (['password'] as const) : []), 'review', 'run']
  const common = { medium: first?.medium ?? '', answers, change, onBack: undefined }
  return (
    <Wizard steps={steps} label={(name) => say(`window.restore.step.${name}`)} step={step} onStep={setStep}>
      {step === 'password' && (
        <RestorePasswordStep
          {...common}
          change={({ keyPassword }) => change({ keyPassword, inspection: undefined })}
          onNext={() => setStep('review')}
        />
      )}
      {step === 'review' && !answers.inspection && (
        <StepPage
          title={say('window.restore.reviewTitle')}
          next={say('window.restore.start')}
          onNext={() => undefined}
          ready={false}
          problem={opening.problem}
        >
          {opening.busy && <Loader size="sm" aria-label={say('window.restore.reading')} />}
        </StepPage>
      )}
      {step === 'review' && answers.inspection && (
        <RestoreReviewStep
          {...common}
          onNext={() => undefined}
          onBack={asked ? () => setStep('password') : undefined}
          also={also}
          onStarted={(id, folders) => {
            setStarted({ id, folders })
            // The password is needed no longer, and what was put together is on its way.
            setAnswers(noAnswers)
            emptyBasket()
            setStep('run')
          }}
        >
          <Files parts={parts} />
          <WhereFields answers={answers} change={change} />
        </RestoreReviewStep>
      )}
      {step === 'run' && started && (
        <RunStep id={started.id} folders={started.folders}>
          {parts.length > 1 && <Text size="sm">{say('find.window.others', { count: parts.length - 1 })}</Text>}
        </RunStep>
      )}
    </Wizard>
  )
}

interface Opening {
  answers: Answers
  change: (part: Partial<Answers>) => void
  setAlso: (also: readonly Also[]) => void
  onClosed: () => void
  wanted: boolean
}

/** Looks into every backup, with the password that was typed or the remembered one. */
function useOpened(parts: readonly Part[], { answers, change, setAlso, onClosed, wanted }: Opening) {
  const task = useTask()
  const { run } = task
  const { keyPassword } = answers
  const needed = wanted && answers.inspection === undefined
  useEffect(() => {
    if (!needed) return
    void run(async (signal) => {
      try {
        const found = await openAll(parts, keyPassword, signal)
        if (signal.aborted) return
        const [inspection, ...others] = found
        setAlso(others.map(({ id }, at) => ({ inspection: id, only: parts[at + 1]?.paths ?? [] })))
        change({ inspection })
      } catch (error) {
        // One that was typed has opened the first: another backup is for another key.
        if (!closed.has(toProblem(error).code) || keyPassword !== undefined) throw error
        if (!signal.aborted) onClosed()
      }
    })
  }, [needed, run, parts, keyPassword, change, setAlso, onClosed])
  return task
}

async function openAll(parts: readonly Part[], keyPassword: string | undefined, signal: AbortSignal) {
  const found: Inspection[] = []
  const password = keyPassword === undefined ? {} : { keyPassword }
  for (const { medium, artifact } of parts)
    found.push(await call((client) => client.restore.inspect({ medium, artifact, ...password }, { signal })))
  return found
}

function Files({ parts }: { parts: readonly Part[] }) {
  const { say, time } = useText()
  return (
    <>
      {parts.map(({ artifact, medium, madeAt, paths }) => (
        <div key={`${medium}\n${artifact}`} className="panel chosen-files" data-testid="chosen-files">
          <Text size="sm">{say('find.window.fromBackup', { time: time(madeAt) })}</Text>
          <List size="sm" mt={4}>
            {paths.map((path) => (
              <List.Item key={path}>
                <FileName name={path} />
              </List.Item>
            ))}
          </List>
        </div>
      ))}
    </>
  )
}

/** As a list of its place would tell it, as far as its name does. */
function asArtifact({ artifact: name, madeAt: time }: Part): Artifact {
  const parsed = parseArtifactName(name)
  return {
    name,
    time,
    subject: parsed?.name ?? name,
    size: 0,
    format: parsed?.format ?? '3.0',
    ...(parsed?.pack && { pack: parsed.pack }),
  }
}

// Before a backup starts: what, where, how much, whether it fits, and what speaks against it.
// Guarantees: an error among the findings keeps the backup from starting; the count is cancelled when one goes back.
import { Button, DataList, Group, Loader } from '@mantine/core'
import { useCallback, useEffect, useState } from 'react'
import type { BackupPreview } from '../../../core/api/contract.ts'
import type { Medium } from '../../../core/api/model.ts'
import type { Keep, Method, PlanDraft, PlanSource } from '../../../core/api/plan.ts'
import { rulesInWords } from '../../../core/api/text/keep-text.ts'
import { packInWords } from '../../../core/api/text/pack-text.ts'
import { translator } from '../../../core/api/text/text.ts'
import { call } from '../../client.ts'
import { AskDatabasePassword } from '../../parts/ask-database-password.tsx'
import { refOf } from '../../parts/medium-choice.tsx'
import { Findings, hasErrors, ProblemView } from '../../parts/problem-view.tsx'
import { FileName, Row } from '../../parts/show.tsx'
import { SourceLines } from '../../parts/source-lines.tsx'
import { type Task, useTask } from '../../parts/task.ts'
import { StepPage } from '../../parts/wizard.tsx'
import { useText } from '../../text/i18n.ts'
import { SpaceWays } from '../places/space-ways.tsx'

interface Given {
  databasePassword?: string
}

interface Props {
  /** Must stay the same value between renders: a new one is counted anew. */
  plan: string | PlanDraft
  name: string
  source: PlanSource
  method: Method
  /** What was typed before; the same value between renders. */
  given: Given
  medium: Medium
  /** The rules for what the plan keeps there. */
  keep: Keep | undefined
  onStart: (password: Given) => void
  task: Task
  onBack: (() => void) | undefined
}

export function BackupReviewStep({ plan, name, source, method, given, medium, keep, onStart, task, onBack }: Props) {
  const { say, language } = useText()
  const [password, setPassword] = useState(given)
  const count = useCount(plan, refOf(medium), password)
  const { preview } = count
  return (
    <StepPage
      title={say('window.backup.reviewTitle')}
      lead={say('window.backup.reviewLead')}
      next={say('window.backup.start')}
      onNext={() => onStart(password)}
      ready={preview !== undefined && !hasErrors(preview.findings)}
      busy={task.busy}
      problem={task.problem}
      onBack={onBack}
    >
      <DataList withDivider labelWidth="11rem" className="panel" p="md" data-testid="review">
        <Row label={say('window.backup.plan')}>
          <FileName name={name} />
        </Row>
        <Row label={say('window.backup.source')}>
          <SourceLines source={source} />
        </Row>
        <Row label={say('window.backup.pack')}>{packInWords(method, translator(language))}</Row>
        <Row label={say('window.backup.medium')}>
          <FileName name={medium.name} />
        </Row>
        <Row label={say('keep.window.row')}>{rulesInWords(keep, translator(language))}</Row>
        <Estimate preview={preview} medium={medium} counting={count.busy} />
      </DataList>
      {preview && <Findings findings={preview.findings} />}
      {preview?.findings.some(isTight) && (
        <SpaceWays
          place={medium.id}
          planId={typeof plan === 'string' ? plan : plan.id}
          need={preview.expected}
          onDone={count.again}
        />
      )}
      {preview?.findings.some((finding) => finding.code === 'database-denied') && (
        <AskDatabasePassword onGiven={(databasePassword) => setPassword({ databasePassword })} />
      )}
      <ProblemView problem={count.problem}>
        <Button mt="xs" size="xs" variant="default" onClick={count.again}>
          {say('window.again')}
        </Button>
      </ProblemView>
    </StepPage>
  )
}

/** It does not fit, or may not. */
function isTight({ code }: BackupPreview['findings'][number]): boolean {
  return code === 'no-space' || code === 'space-tight'
}

function Estimate({
  preview,
  medium,
  counting,
}: {
  preview: BackupPreview | undefined
  medium: Medium
  counting: boolean
}) {
  const { say, bytes, files } = useText()
  const free = preview?.medium?.free ?? medium.free
  return (
    <>
      <Row label={say('window.backup.size')}>
        {counting && (
          <Group gap="xs" role="status">
            <Loader size="xs" aria-hidden />
            {say('window.backup.counting')}
          </Group>
        )}
        {preview && say('window.backup.estimate', { files: files(preview.files), size: bytes(preview.bytes) })}
      </Row>
      {preview?.expected !== undefined && (
        <Row label={say('window.backup.expected')}>{say('window.backup.about', { size: bytes(preview.expected) })}</Row>
      )}
      {free !== undefined && <Row label={say('window.backup.free')}>{bytes(free)}</Row>}
    </>
  )
}

/** Counts at once, anew for another plan or medium, and again when asked. */
function useCount(plan: string | PlanDraft, medium: string, password: Given) {
  const { run, busy, problem } = useTask()
  const [preview, setPreview] = useState<BackupPreview>()
  const again = useCallback(
    () =>
      void run(async (signal) => {
        setPreview(undefined)
        const found = await call((client) => client.backup.preview({ plan, medium, ...password }, { signal }))
        if (!signal.aborted) setPreview(found)
      }),
    [run, plan, medium, password],
  )
  useEffect(again, [again])
  return { busy, problem, again, preview }
}

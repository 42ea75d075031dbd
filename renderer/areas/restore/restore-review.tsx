// What the restore would do, and the confirmation: a typed word where a server or many files are replaced, a button that
// says what it replaces otherwise.
// Guarantees: the engine executes exactly the preview that is shown, and refuses when the world has changed since.
import { Button, Checkbox, DataList, List, Spoiler, Stack, Text, TextInput } from '@mantine/core'
import { useCallback, useEffect, useMemo, useState } from 'react'
import type { RestorePreview } from '../../../core/api/contract.ts'
import { confirmationOf } from '../../../core/api/restore-confirmation.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { AskDatabasePassword } from '../../parts/ask-database-password.tsx'
import { guarded } from '../../parts/operator.tsx'
import { Findings, hasErrors, ProblemView } from '../../parts/problem-view.tsx'
import { FileName, Row } from '../../parts/show.tsx'
import { isTypedWord } from '../../parts/steps.ts'
import { useTask } from '../../parts/task.ts'
import { StepPage } from '../../parts/wizard.tsx'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import type { Answers, StepProps } from './answers.ts'
import { isChosen, restoreServerOf, serverFor, whereOf } from './restore-target.ts'
import { Reading } from './restore-what.tsx'

/** Files of another backup, brought back to the same place. */
export interface Also {
  readonly inspection: string
  readonly only: readonly string[]
}

interface Props extends StepProps {
  onStarted: (id: string, folders: string[]) => void
  /** In the order in which they follow. */
  also?: readonly Also[]
  /** Above what would be done: which files, and where to, where no step before has asked. */
  children?: React.ReactNode
}

const nothingElse: readonly Also[] = []

export function RestoreReviewStep({ answers, change, onBack, onStarted, also = nothingElse, children }: Props) {
  const { say } = useText()
  const { previews, look, looking } = usePreviews(answers, also)
  const [preview, ...others] = previews
  const [typed, setTyped] = useState('')
  const starting = useTask()
  const { by, files } = confirmationOf(previews, answers.existing)
  const confirmed = by !== 'word' || isTypedWord(typed, say('window.restore.word'))
  const wrong = previews.some(({ findings }) => hasErrors(findings))
  const start = () =>
    void starting.run(async () => {
      if (!preview) return
      const next = others.length > 0 ? { next: others.map(({ id }) => id) } : {}
      const { id } = await guarded((client) => client.restore.start({ preview: preview.id, ...next }))
      onStarted(id, preview.destinations)
    })
  const again = () => {
    starting.clear()
    look()
  }
  return (
    <StepPage
      title={say('window.restore.reviewTitle')}
      lead={say('window.restore.reviewLead')}
      next={by === 'yes' ? say('window.restore.startReplacing', { count: files }) : say('window.restore.start')}
      onNext={start}
      ready={preview !== undefined && !wrong && confirmed && starting.problem?.code !== 'changed'}
      busy={starting.busy}
      danger={by !== 'nothing'}
      onBack={onBack}
    >
      {children}
      {looking.busy && <Reading job={looking.job} onCancel={onBack ?? looking.cancel} />}
      {previews.map((one) => (
        <Stack key={one.id} gap="sm">
          <PreviewFacts preview={one} answers={answers} change={change} />
          <Findings findings={one.findings} />
        </Stack>
      ))}
      {preview?.findings.some((finding) => finding.code === 'database-denied') && (
        <AskDatabasePassword onGiven={(databasePassword) => change({ databasePassword })} busy={looking.busy} />
      )}
      {by === 'yes' && (
        <Text size="sm" data-testid="confirm-plain">
          {say('window.restore.typeHelp', { count: files })}
        </Text>
      )}
      {by === 'word' && preview && (
        <TextInput
          label={say('window.restore.typeWord', { word: say('window.restore.word') })}
          description={
            preview.database
              ? say(preview.destinations.length > 0 ? 'window.server.typeHelp' : 'window.server.typeHelpDatabase')
              : say('window.restore.typeHelp', { count: files })
          }
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          data-testid="confirm-word"
        />
      )}
      <ProblemView problem={starting.problem ?? looking.problem}>
        <Button mt="xs" size="xs" variant="default" onClick={again} data-testid="preview-again">
          {say('window.restore.lookAgain')}
        </Button>
      </ProblemView>
    </StepPage>
  )
}

/** The questions to the engine, the same value as long as the answers stay the same; none while something is missing. */
function useInputs(answers: Answers, also: readonly Also[]) {
  const { plans } = useEngine('plans')
  return useMemo(() => {
    const { inspection, everything, only, existing, folder, databasePassword, withoutCopy } = answers
    if (!inspection || !isChosen(answers, plans)) return []
    const where = whereOf(answers, plans)
    if (where === 'server') {
      const server = restoreServerOf(serverFor(answers, plans))
      const password = databasePassword === undefined ? {} : { databasePassword }
      const one = { inspection: inspection.id, existing: 'replace' as const, withoutCopy, ...password }
      return server === undefined ? [] : [{ ...one, server }]
    }
    const into = where === 'folder' && folder !== undefined ? { into: folder } : {}
    const first = { inspection: inspection.id, only: everything ? [] : only, existing, ...into }
    return [first, ...also.map((one) => ({ ...first, inspection: one.inspection, only: [...one.only] }))]
  }, [answers, also, plans])
}

/** All of them, or none yet. */
function usePreviews(answers: Answers, also: readonly Also[]) {
  const inputs = useInputs(answers, also)
  const looking = useTask()
  const [previews, setPreviews] = useState<readonly RestorePreview[]>([])
  const { run } = looking
  const look = useCallback(
    () =>
      void run(async (signal, job) => {
        setPreviews([])
        const found: RestorePreview[] = []
        for (const input of inputs)
          found.push(await guarded((client) => client.restore.preview({ ...input, job }, { signal })))
        if (!signal.aborted) setPreviews(found)
      }),
    [run, inputs],
  )
  useEffect(look, [look])
  return { previews, look, looking }
}

function PreviewFacts({
  preview,
  answers,
  change,
}: { preview: RestorePreview } & Pick<StepProps, 'answers' | 'change'>) {
  const { say, bytes, files } = useText()
  return (
    <DataList withDivider labelWidth="11rem" className="panel" p="md" data-testid="restore-preview">
      {preview.database && <DatabaseNow database={preview.database} />}
      <Row label={say(preview.database ? 'window.server.folders' : 'window.restore.destination')}>
        <Stack gap={2}>
          {preview.database && preview.destinations.length === 0 && say('window.server.noFolders')}
          {preview.destinations.map((path) => (
            <FileName key={path} name={path} />
          ))}
        </Stack>
      </Row>
      <Row label={say('window.restore.amount')}>
        {preview.files === undefined || preview.bytes === undefined
          ? say('window.restore.notCounted')
          : say('window.backup.estimate', { files: files(preview.files), size: bytes(preview.bytes) })}
      </Row>
      {preview.free !== undefined && <Row label={say('window.restore.free')}>{bytes(preview.free)}</Row>}
      {preview.database && <SafetyCopy copy={preview.safetyCopy} without={answers.withoutCopy} change={change} />}
      {!preview.database && <Conflicts preview={preview} answers={answers} />}
    </DataList>
  )
}

function Conflicts({ preview, answers }: { preview: RestorePreview; answers: Answers }) {
  const { say } = useText()
  const { count, first } = preview.conflicts
  return (
    <Row label={say('window.restore.conflicts')}>
      <Text size="sm" data-testid="conflict-count">
        {count === 0
          ? say('window.restore.noConflicts')
          : say(`window.restore.conflict.${answers.existing}`, { count })}
      </Text>
      {count > 0 && (
        <Spoiler maxHeight={66} showLabel={say('window.showMore')} hideLabel={say('window.showLess')}>
          <List size="sm">
            {first.map((path) => (
              <List.Item key={path}>
                <FileName name={path} />
              </List.Item>
            ))}
          </List>
        </Spoiler>
      )}
    </Row>
  )
}

/** What the database of the server holds now. */
function DatabaseNow({ database }: { database: NonNullable<RestorePreview['database']> }) {
  const { say, bytes } = useText()
  const { name, server, exists, tables, bytes: size } = database
  return (
    <Row label={say('window.server.database')}>
      <Stack gap={2} data-testid="database-now">
        <span className="name">{say('window.labbook.line', { name: visible(name), server: visible(server) })}</span>
        <Text size="sm">
          {exists ? say('window.server.now', { tables, size: bytes(size) }) : say('window.server.fresh')}
        </Text>
      </Stack>
    </Row>
  )
}

interface SafetyCopyProps extends Pick<StepProps, 'change'> {
  copy: RestorePreview['safetyCopy']
  without: boolean
}

function SafetyCopy({ copy, without, change }: SafetyCopyProps) {
  const { say, bytes } = useText()
  return (
    <Row label={say('window.server.safetyCopy')}>
      {copy ? (
        <Stack gap={2} data-testid="safety-copy">
          <FileName name={copy.path} />
          <Text size="sm">{say('window.server.safetySize', { size: bytes(copy.bytes) })}</Text>
        </Stack>
      ) : (
        !without && say('window.server.nothingToSave')
      )}
      {(copy ?? without) && (
        <Checkbox
          label={say('window.server.withoutCopy')}
          checked={without}
          onChange={(event) => change({ withoutCopy: event.currentTarget.checked })}
          data-testid="without-copy"
        />
      )}
    </Row>
  )
}

// What the restore would do, and the confirmation: typed when files are replaced, a plain button otherwise.
// Guarantees: the engine executes exactly the preview that is shown, and refuses when the world has changed since.
import { Button, DataList, List, Spoiler, Stack, Text, TextInput } from '@mantine/core'
import { useCallback, useEffect, useState } from 'react'
import type { RestorePreview } from '../../core/api/contract.ts'
import { guarded } from '../parts/operator.tsx'
import { Findings, hasErrors, ProblemView } from '../parts/problem-view.tsx'
import { FileName, Row } from '../parts/show.tsx'
import { useTask } from '../parts/task.ts'
import { useText } from '../text/i18n.ts'
import { Reading } from './restore-what.tsx'
import type { Answers, StepProps } from './restore-wizard.tsx'
import { isTypedWord } from './steps.ts'
import { StepPage } from './wizard.tsx'

type Props = StepProps & { onStarted: (id: string, folders: string[]) => void }

export function RestoreReviewStep({ answers, onBack, onStarted }: Props) {
  const { say } = useText()
  const { preview, look, looking } = usePreview(answers)
  const [typed, setTyped] = useState('')
  const starting = useTask()
  const replaces = answers.existing === 'replace' && (preview?.conflicts.count ?? 0) > 0
  const confirmed = !replaces || isTypedWord(typed, say('window.restore.word'))
  const start = () =>
    void starting.run(async () => {
      if (!preview) return
      const { id } = await guarded((client) => client.restore.start({ preview: preview.id }))
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
      next={say('window.restore.start')}
      onNext={start}
      ready={preview !== undefined && !hasErrors(preview.findings) && confirmed && starting.problem?.code !== 'changed'}
      busy={starting.busy}
      danger={replaces}
      onBack={onBack}
    >
      {looking.busy && <Reading onCancel={onBack ?? looking.cancel} />}
      {preview && <PreviewFacts preview={preview} answers={answers} />}
      {preview && <Findings findings={preview.findings} />}
      {replaces && preview && (
        <TextInput
          label={say('window.restore.typeWord', { word: say('window.restore.word') })}
          description={say('window.restore.typeHelp', { count: preview.conflicts.count })}
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

function usePreview({ inspection, original, folder, everything, only, existing }: Answers) {
  const looking = useTask()
  const [preview, setPreview] = useState<RestorePreview>()
  const { run } = looking
  const id = inspection?.id
  const look = useCallback(
    () =>
      void run(async (signal) => {
        if (id === undefined) return
        setPreview(undefined)
        const into = original ? undefined : folder
        const input = {
          inspection: id,
          ...(into === undefined ? {} : { into }),
          only: everything ? [] : only,
          existing,
        }
        const found = await guarded((client) => client.restore.preview(input, { signal }))
        if (!signal.aborted) setPreview(found)
      }),
    [run, id, original, folder, everything, only, existing],
  )
  useEffect(look, [look])
  return { preview, look, looking }
}

function PreviewFacts({ preview, answers }: { preview: RestorePreview; answers: Answers }) {
  const { say, bytes, number, files } = useText()
  const { count, first } = preview.conflicts
  return (
    <DataList withDivider labelWidth="11rem" className="panel" p="md" data-testid="restore-preview">
      <Row label={say('window.restore.destination')}>
        <Stack gap={2}>
          {preview.destinations.map((path) => (
            <FileName key={path} name={path} />
          ))}
        </Stack>
      </Row>
      <Row label={say('window.restore.amount')}>
        {say('window.backup.estimate', { files: files(preview.files), size: bytes(preview.bytes) })}
      </Row>
      {preview.free !== undefined && <Row label={say('window.restore.free')}>{bytes(preview.free)}</Row>}
      <Row label={say('window.restore.conflicts')}>
        <Text size="sm" data-testid="conflict-count">
          {count === 0
            ? say('window.restore.noConflicts')
            : say(`window.restore.conflict.${answers.existing}`, { count: number(count) })}
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
    </DataList>
  )
}

// Everything, or chosen files. Choosing needs the list of contents: from the contents index beside the backup, else the backup is first read to its end, once.
// Guarantees: where the list comes from is said; reading can be cancelled; nothing is touched; going on is refused while nothing is chosen.
import { Button, DataList, Group, Radio, Stack, Text } from '@mantine/core'
import { useEffect } from 'react'
import { guarded } from '../../parts/operator.tsx'
import { ProgressFacts } from '../../parts/progress-card.tsx'
import { FileName, Row, When } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { StepPage } from '../../parts/wizard.tsx'
import { useFromEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import type { StepProps } from './answers.ts'
import { ArchiveBrowser } from './archive-browser.tsx'

export function RestoreWhatStep({ medium, answers, change, onNext, onBack }: StepProps) {
  const { say } = useText()
  const { inspection, everything, only } = answers
  const reading = useTask()
  const { run } = reading
  const artifact = answers.artifact?.name ?? ''
  const { keyPassword } = answers
  const wanted = !everything && inspection?.complete === false
  useEffect(() => {
    if (!wanted) return
    void run(async (signal, job) => {
      const found = await guarded((client) =>
        client.restore.inspect({ medium, artifact, keyPassword, full: true, job }, { signal }),
      )
      if (!signal.aborted) change({ inspection: found })
    })
  }, [wanted, run, medium, artifact, keyPassword, change])

  const stop = () => {
    reading.cancel()
    change({ everything: true })
  }

  return (
    <StepPage
      title={say('window.restore.whatTitle')}
      next={say('window.wizard.next')}
      onNext={onNext}
      ready={everything || only.length > 0}
      problem={reading.problem}
      onBack={onBack}
    >
      {inspection && everything && <InspectionFacts answers={answers} />}
      <Radio.Group
        label={say('window.restore.whatLabel')}
        value={everything ? 'all' : 'some'}
        onChange={(value) => {
          reading.cancel()
          change({ everything: value === 'all' })
        }}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="all" label={say('window.restore.everything')} data-testid="what-all" />
          <Radio
            value="some"
            label={say('window.restore.some')}
            description={inspection?.complete ? undefined : say('window.restore.someHelp')}
            data-testid="what-some"
          />
        </Stack>
      </Radio.Group>
      {!everything && reading.busy && <Reading job={reading.job} onCancel={stop} />}
      {!everything && inspection?.complete && (
        <ArchiveBrowser inspection={inspection.id} chosen={only} onChange={(paths) => change({ only: paths })} />
      )}
      {!everything && inspection?.listedFrom === 'index' && (
        <Text size="sm" c="dimmed" data-testid="from-index">
          {say('window.restore.fromIndex')}
        </Text>
      )}
    </StepPage>
  )
}

function InspectionFacts({ answers }: { answers: StepProps['answers'] }) {
  const { say } = useText()
  const { inspection, artifact } = answers
  if (!inspection) return null
  return (
    <DataList className="panel" p="md" withDivider labelWidth="11rem">
      <Row label={say('window.restore.subject')}>
        <FileName name={artifact?.subject ?? inspection.subject} />
      </Row>
      {(inspection.createdAt ?? artifact?.time) && (
        <Row label={say('window.restore.madeAt')}>
          <When iso={inspection.createdAt ?? artifact?.time ?? ''} />
        </Row>
      )}
      {inspection.host !== undefined && (
        <Row label={say('window.restore.madeOn')}>
          <FileName name={inspection.host} />
        </Row>
      )}
      {inspection.roots.length > 0 && (
        <Row label={say('window.restore.roots')}>
          <Stack gap={2}>
            {inspection.roots.map((root) => (
              <FileName key={root.name} name={root.origin ?? root.name} />
            ))}
          </Stack>
        </Row>
      )}
    </DataList>
  )
}

/** Progress of reading the contents, with a way out. */
export function Reading({ job, onCancel }: { job: string | undefined; onCancel: () => void }) {
  const { say } = useText()
  const progress = useFromEngine(({ active }) => active.find((one) => one.id === job))
  return (
    <Stack
      className="panel"
      p="md"
      gap="xs"
      data-testid="inspect-progress"
      role="status"
      aria-label={say('window.restore.reading')}
    >
      <Group justify="space-between">
        <Text>{say('window.restore.reading')}</Text>
        <Button variant="default" size="xs" onClick={onCancel}>
          {say('window.cancel')}
        </Button>
      </Group>
      {progress && <ProgressFacts progress={progress} />}
    </Stack>
  )
}

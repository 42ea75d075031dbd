// Where to: the original place or another folder; and what becomes of files that are already there.
import { Button, Group, Radio, Stack } from '@mantine/core'
import { IconFolderOpen } from '@tabler/icons-react'
import { useEffect } from 'react'
import type { Existing } from '../../core/api/contract.ts'
import { call } from '../client.ts'
import { ProblemView } from '../parts/problem-view.tsx'
import { FileName } from '../parts/show.tsx'
import { useTask } from '../parts/task.ts'
import { useText } from '../text/i18n.ts'
import type { StepProps } from './restore-wizard.tsx'
import { StepPage } from './wizard.tsx'

const ways: readonly Existing[] = ['replace', 'skip', 'keep-both']

export function RestoreWhereStep({ answers, change, onNext, onBack }: StepProps) {
  const { say } = useText()
  const roots = answers.inspection?.roots ?? []
  const known = roots.length > 0 && roots.every((root) => root.origin !== undefined)
  const original = answers.original && known
  useEffect(() => {
    if (!known && answers.original) change({ original: false })
  })
  return (
    <StepPage
      title={say('window.restore.whereTitle')}
      next={say('window.wizard.next')}
      onNext={onNext}
      ready={original || answers.folder !== undefined}
      onBack={onBack}
    >
      <Radio.Group
        label={say('window.restore.whereLabel')}
        value={original ? 'original' : 'folder'}
        onChange={(value) => change({ original: value === 'original' })}
      >
        <Stack gap="xs" mt="xs">
          <Radio
            value="original"
            disabled={!known}
            label={say('window.restore.original')}
            description={say(known ? 'window.restore.originalHelp' : 'window.restore.originUnknown')}
            data-testid="where-original"
          />
          <Radio value="folder" label={say('window.restore.otherFolder')} data-testid="where-folder" />
        </Stack>
      </Radio.Group>
      {!original && <FolderField folder={answers.folder} onChange={(folder) => change({ folder })} />}
      <Radio.Group
        label={say('window.restore.existingLabel')}
        value={answers.existing}
        onChange={(value) => change({ existing: ways.find((way) => way === value) ?? 'replace' })}
      >
        <Stack gap="xs" mt="xs">
          {ways.map((way) => (
            <Radio
              key={way}
              value={way}
              label={say(`common.existing.${way}`)}
              description={say(`window.restore.existing.${way}`)}
              data-testid={`existing-${way}`}
            />
          ))}
        </Stack>
      </Radio.Group>
    </StepPage>
  )
}

function FolderField({ folder, onChange }: { folder: string | undefined; onChange: (folder: string) => void }) {
  const { say } = useText()
  const task = useTask()
  const choose = () =>
    void task.run(async () => {
      const title = say('window.restore.chooseFolder')
      const [chosen] = await call((client) => client.shell.chooseFolders({ title, several: false }))
      if (chosen !== undefined) onChange(chosen)
    })
  return (
    <Stack gap="xs">
      <Group>
        <Button
          variant="default"
          leftSection={<IconFolderOpen size={18} aria-hidden />}
          onClick={choose}
          loading={task.busy}
          data-testid="choose-destination"
        >
          {say('window.restore.chooseFolder')}
        </Button>
        {folder !== undefined && (
          <span data-testid="destination">
            <FileName name={folder} />
          </span>
        )}
      </Group>
      <ProblemView problem={task.problem} />
    </Stack>
  )
}

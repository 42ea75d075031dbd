// Where to: into the LabBook server, to the original place, or to another folder; and what becomes of files that are already there.
// Guarantees: only what is possible for this backup can be chosen; why something is not stands beside it.
import { Button, Group, Radio, Stack } from '@mantine/core'
import { IconFolderOpen } from '@tabler/icons-react'
import type { Existing } from '../../../core/api/contract.ts'
import { call } from '../../client.ts'
import { ProblemView } from '../../parts/problem-view.tsx'
import { FileName } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { StepPage } from '../../parts/wizard.tsx'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import type { StepProps } from './answers.ts'
import { ServerFields } from './restore-server.tsx'
import { isChosen, possible, serverFor, type Where, whereOf } from './restore-target.ts'

const ways: readonly Existing[] = ['replace', 'skip', 'keep-both']

export function RestoreWhereStep({ answers, change, onNext, onBack }: StepProps) {
  const { say } = useText()
  const { plans } = useEngine('plans')
  return (
    <StepPage
      title={say('window.restore.whereTitle')}
      next={say('window.wizard.next')}
      onNext={onNext}
      ready={isChosen(answers, plans)}
      onBack={onBack}
    >
      <WhereFields answers={answers} change={change} />
    </StepPage>
  )
}

export function WhereFields({ answers, change }: Pick<StepProps, 'answers' | 'change'>) {
  const { plans } = useEngine('plans')
  const where = whereOf(answers, plans)
  return (
    <>
      <Places answers={answers} where={where} onChange={(chosen) => change({ where: chosen })} />
      {where === 'server' && (
        <ServerFields
          answers={serverFor(answers, plans)}
          onChange={(server) => change({ server, databasePassword: undefined })}
        />
      )}
      {where === 'folder' && <FolderField folder={answers.folder} onChange={(folder) => change({ folder })} />}
      {where !== 'server' && <ExistingFiles value={answers.existing} onChange={(existing) => change({ existing })} />}
    </>
  )
}

interface PlacesProps {
  answers: StepProps['answers']
  where: Where
  onChange: (where: Where) => void
}

function Places({ answers, where, onChange }: PlacesProps) {
  const { say } = useText()
  const can = possible(answers)
  const labbook = can.server || possible({ ...answers, everything: true }).server
  return (
    <Radio.Group
      label={say('window.restore.whereLabel')}
      value={where}
      onChange={(value) => onChange((['server', 'original'] as const).find((one) => one === value) ?? 'folder')}
    >
      <Stack gap="xs" mt="xs">
        {labbook && (
          <Radio
            value="server"
            disabled={!can.server}
            label={say('window.server.into')}
            description={say(can.server ? 'window.server.intoHelp' : 'window.server.wholeOnly')}
            data-testid="where-server"
          />
        )}
        <Radio
          value="original"
          disabled={!can.original}
          label={say('window.restore.original')}
          description={say(can.original ? 'window.restore.originalHelp' : 'window.restore.originUnknown')}
          data-testid="where-original"
        />
        <Radio value="folder" label={say('window.restore.otherFolder')} data-testid="where-folder" />
      </Stack>
    </Radio.Group>
  )
}

function ExistingFiles({ value, onChange }: { value: Existing; onChange: (existing: Existing) => void }) {
  const { say } = useText()
  return (
    <Radio.Group
      label={say('window.restore.existingLabel')}
      value={value}
      onChange={(chosen) => onChange(ways.find((way) => way === chosen) ?? 'replace')}
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

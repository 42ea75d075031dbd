// The LabBook server that a restore writes to: that of a plan, or another one described here.
// Guarantees: nothing is asked of the server yet; its password is asked for only where it refuses (restore-review.tsx).
import { Button, Group, Radio, Stack, TextInput } from '@mantine/core'
import { visible } from '../../../core/api/text/visible.ts'
import { call } from '../../client.ts'
import { ProblemView } from '../../parts/problem-view.tsx'
import { SourceLines } from '../../parts/source-lines.tsx'
import { useTask } from '../../parts/task.ts'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { type ServerAnswers, serverPlans } from './restore-target.ts'

interface Props {
  answers: ServerAnswers
  onChange: (answers: ServerAnswers) => void
}

export function ServerFields({ answers, onChange }: Props) {
  const { say } = useText()
  const plans = serverPlans(useEngine('plans').plans)
  return (
    <Stack>
      {plans.length > 0 && (
        <Radio.Group
          label={say('window.server.which')}
          value={answers.planId ?? ''}
          onChange={(value) => onChange({ ...answers, planId: value === '' ? undefined : value })}
        >
          <Stack gap="xs" mt="xs">
            {plans.map((plan) => (
              <Radio
                key={plan.id}
                value={plan.id}
                label={say('window.server.plan', { name: visible(plan.name) })}
                description={<SourceLines source={plan.source} />}
                data-testid="server-plan"
              />
            ))}
            <Radio value="" label={say('window.server.other')} data-testid="server-other" />
          </Stack>
        </Radio.Group>
      )}
      {answers.planId === undefined && <OtherServer answers={answers} onChange={onChange} />}
    </Stack>
  )
}

const fields = ['database', 'user', 'server'] as const

function OtherServer({ answers, onChange }: Props) {
  const { say } = useText()
  const task = useTask()
  const choose = () =>
    void task.run(async () => {
      const title = say('window.labbook.storage')
      const [storage] = await call((client) => client.shell.chooseFolders({ title, several: false }))
      if (storage !== undefined) onChange({ ...answers, storage })
    })
  return (
    <>
      <Group align="flex-end" wrap="nowrap">
        <TextInput
          flex={1}
          label={say('window.server.storage')}
          description={say('window.server.storageHelp')}
          value={answers.storage}
          onChange={(event) => onChange({ ...answers, storage: event.currentTarget.value })}
          data-testid="server-storage"
        />
        <Button variant="default" onClick={choose} loading={task.busy}>
          {say('window.labbook.choose')}
        </Button>
      </Group>
      <ProblemView problem={task.problem} />
      {fields.map((field) => (
        <TextInput
          key={field}
          label={say(`window.labbook.${field}`)}
          description={field === 'server' ? say('window.labbook.serverHelp') : undefined}
          value={answers[field]}
          onChange={(event) => onChange({ ...answers, [field]: event.currentTarget.value })}
          data-testid={`server-${field}`}
        />
      ))}
    </>
  )
}

// The plans: what is backed up, under which names. Edited on their own screen; exported and imported as a file.
import { Anchor, Button, Group, Stack, Text } from '@mantine/core'
import { IconDownload, IconListCheck, IconPlus, IconUpload } from '@tabler/icons-react'
import { useState } from 'react'
import type { Plan } from '../../../core/api/plan.ts'
import type { PlanChange } from '../../../core/api/plan-change.ts'
import { scheduleInWords } from '../../../core/api/text/schedule-text.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { call } from '../../client.ts'
import { ConfirmButton } from '../../parts/confirm-button.tsx'
import { Empty } from '../../parts/empty.tsx'
import { useNotice } from '../../parts/notice.ts'
import { guarded } from '../../parts/operator.tsx'
import { PlanChangesDialog } from '../../parts/plan-changes.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { SourceLines } from '../../parts/source-lines.tsx'
import { useTask } from '../../parts/task.ts'
import { show, useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'

export function PlanList() {
  const { say } = useText()
  const { plans } = useEngine('plans')
  return (
    <Stack gap="sm" data-testid="plans-list">
      {plans.length === 0 && <Empty icon={IconListCheck} text={say('window.plans.none')} />}
      {plans.map((plan) => (
        <PlanRow key={plan.id} plan={plan} />
      ))}
      <PlanButtons />
    </Stack>
  )
}

function PlanRow({ plan }: { plan: Plan }) {
  const { say, language } = useText()
  const name = visible(plan.name)
  return (
    <Group className="choice" justify="space-between" wrap="nowrap" align="flex-start">
      <Stack gap={2} miw={0}>
        <Anchor
          component="button"
          fw={600}
          ta="left"
          onClick={() => show({ name: 'plan', id: plan.id })}
          data-testid="plan-open"
        >
          {name}
        </Anchor>
        <Text size="sm" c="dimmed" component="div">
          <SourceLines source={plan.source} />
          {scheduleInWords(plan.schedule?.when, language)}
        </Text>
      </Stack>
      <Group gap="xs" wrap="nowrap">
        <Button
          variant="default"
          size="xs"
          onClick={() => show({ name: 'plan-edit', id: plan.id })}
          aria-label={say('window.plans.editName', { name })}
          data-testid="plan-edit"
        >
          {say('window.plans.edit')}
        </Button>
        <Button
          variant="default"
          size="xs"
          onClick={() => show({ name: 'schedule', plan: plan.id })}
          aria-label={say('schedule.window.ofPlan', { name })}
          data-testid="plan-schedule"
        >
          {say('window.actions.schedule')}
        </Button>
        <ConfirmButton
          label={say('window.remove')}
          describe={say('window.plans.removeName', { name })}
          text={say('window.plans.removeText')}
          work={() => guarded((client) => client.plan.remove({ id: plan.id }))}
          testId="plan-remove"
        />
      </Group>
    </Group>
  )
}

/** A file of plans that was compared with those here. */
interface Compared {
  readonly json: string
  readonly changes: readonly PlanChange[]
  readonly seen: string
}

function PlanButtons() {
  const { say } = useText()
  const notice = useNotice()
  const { plans } = useEngine('plans')
  const task = useTask()
  const [looking, setLooking] = useState<Compared>()
  const save = () =>
    void task.run(async () => {
      await call(async (client) => {
        const { json } = await client.plan.export({})
        return client.shell.saveText({ title: say('window.plans.exportTitle'), name: 'arche-plans.json', text: json })
      })
    })
  const load = () =>
    void task.run(async () => {
      const title = say('window.plans.importTitle')
      const file = await call((client) => client.shell.chooseFile({ title, extensions: ['json'] }))
      if (!file) return
      const json = file.text
      setLooking({ json, ...(await call((client) => client.plan.compare({ json }))) })
    })
  const read = async ({ json, seen }: Compared) => {
    const plans = await guarded((client) => client.plan.import({ json, seen }))
    notice(say('window.plans.imported', { count: plans.length }))
  }
  return (
    <>
      <Group gap="sm">
        <Button
          leftSection={<IconPlus size={18} aria-hidden />}
          onClick={() => show({ name: 'plan-edit' })}
          data-testid="plan-new"
        >
          {say('window.plans.new')}
        </Button>
        <Button
          variant="default"
          leftSection={<IconDownload size={18} aria-hidden />}
          onClick={save}
          disabled={plans.length === 0}
          data-testid="plan-export"
        >
          {say('window.plans.export')}
        </Button>
        <Button
          variant="default"
          leftSection={<IconUpload size={18} aria-hidden />}
          onClick={load}
          data-testid="plan-import"
        >
          {say('window.plans.import')}
        </Button>
      </Group>
      <ProblemView problem={task.problem} />
      {looking && (
        <PlanChangesDialog changes={looking.changes} work={() => read(looking)} onClose={() => setLooking(undefined)} />
      )}
    </>
  )
}

// One plan: its name, its folders, and what it leaves out. Saved as a whole.
import { Alert, Button, Group, Paper, Stack, Title } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { guarded } from '../parts/operator.tsx'
import { ProblemView } from '../parts/problem-view.tsx'
import { useTask } from '../parts/task.ts'
import { show, useEngine } from '../store.ts'
import { useText } from '../text/i18n.ts'
import { type Choice, draftOf, FoldersAndName } from '../wizards/what-step.tsx'

export function PlanScreen({ id }: { id: string | undefined }) {
  const { say } = useText()
  const { plans } = useEngine()
  const plan = plans.find((one) => one.id === id)
  const [choice, setChoice] = useState<Choice>(() => ({
    planId: undefined,
    name: plan?.name ?? '',
    paths: plan?.source.paths ?? [],
    exclude: plan?.source.exclude ?? [],
  }))
  const task = useTask()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const save = () =>
    void task.run(async () => {
      const draft = { ...draftOf(choice), ...(plan && { id: plan.id, store: plan.store }) }
      await guarded((client) => client.plan.save(draft))
      show({ name: 'settings' })
    })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <Stack gap="lg" maw="44rem" mx="auto">
        <Title order={1} ref={heading} tabIndex={-1}>
          {say(plan ? 'window.plans.editTitle' : 'window.plans.newTitle')}
        </Title>
        {id !== undefined && !plan && (
          <Alert color="yellow" role="alert">
            {say('window.plans.gone')}
          </Alert>
        )}
        <Paper className="panel" p="lg">
          <FoldersAndName choice={choice} onChange={setChoice} />
        </Paper>
        <ProblemView problem={task.problem} />
        <Group justify="flex-end">
          <Button variant="default" onClick={() => show({ name: 'settings' })}>
            {say('window.cancel')}
          </Button>
          <Button
            type="submit"
            loading={task.busy}
            disabled={choice.paths.length === 0 || choice.name.trim() === ''}
            data-testid="plan-save"
          >
            {say('window.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

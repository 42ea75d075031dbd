// One plan: its name, what it saves, what is restarted after a restore, how long its backups are kept, how they are packed. Saved as a whole.
import { Alert, Button, Group, Paper, Stack, Title } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { firstOf } from '../../../core/api/destination.ts'
import { usualMethod } from '../../../core/api/plan.ts'
import { answersOf, keepOf, sameRules } from '../../parts/keep-answers.ts'
import { KeepFields } from '../../parts/keep-fields.tsx'
import { guarded } from '../../parts/operator.tsx'
import { PackFields } from '../../parts/pack-fields.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { useTask } from '../../parts/task.ts'
import { show, useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { Alarms } from './alarms.tsx'
import { type Choice, choiceOf, draftOf, noChoice } from './choice.ts'
import { RestartFields } from './restart-fields.tsx'
import { saveChoice } from './save-choice.ts'
import { SourceAndName } from './what-step.tsx'

export function PlanScreen({ id }: { id: string | undefined }) {
  const { say } = useText()
  const { plans } = useEngine('plans')
  const plan = plans.find((one) => one.id === id)
  const [choice, setChoice] = useState<Choice>(() => (plan ? choiceOf(plan) : noChoice))
  const [answers, setAnswers] = useState(() => answersOf(plan && firstOf(plan).keep))
  const keep = keepOf(answers)
  const [method, setMethod] = useState(() => plan?.method ?? usualMethod)
  const task = useTask()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const save = () =>
    void task.run(async () => {
      const packed = choice.kind === 'labbook' ? { ...method, format: usualMethod.format } : method
      const planId = await saveChoice(choice, plan, packed)
      if (keep !== undefined && !sameRules(keep, plan && firstOf(plan).keep))
        await guarded((client) => client.keep.save({ planId, keep }))
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
        {plan && <Alarms planId={plan.id} />}
        <Paper className="panel" p="lg">
          <SourceAndName choice={choice} onChange={setChoice} fixedKind={plan !== undefined} />
        </Paper>
        <Paper className="panel" p="lg">
          <RestartFields choice={choice} onChange={setChoice} />
        </Paper>
        <Paper className="panel" p="lg">
          <KeepFields answers={answers} onChange={setAnswers} plan={plan} />
        </Paper>
        <Paper className="panel" p="lg">
          <PackFields method={method} onChange={setMethod} labbook={choice.kind === 'labbook'} />
        </Paper>
        <ProblemView problem={task.problem} />
        <Group justify="flex-end">
          <Button variant="default" onClick={() => show({ name: 'settings' })}>
            {say('window.cancel')}
          </Button>
          <Button
            type="submit"
            loading={task.busy}
            disabled={!draftOf(choice) || keep === undefined}
            data-testid="plan-save"
          >
            {say('window.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

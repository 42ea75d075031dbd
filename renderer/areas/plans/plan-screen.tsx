// One plan: its name, what it saves, where to, what is restarted after a restore, how long its backups are kept, how they are packed. Saved as a whole.

import { Alert, Paper, Stack, Title } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { placeIdsOf } from '../../../core/api/destination.ts'
import { type Plan, usualMethod } from '../../../core/api/plan.ts'
import { isForLabbook } from '../../../core/api/plan-source.ts'
import { KeepFields } from '../../parts/keep-fields.tsx'
import { guarded } from '../../parts/operator.tsx'
import { PackFields } from '../../parts/pack-fields.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { useTask } from '../../parts/task.ts'
import { SaveBar, useUnsaved } from '../../parts/unsaved.tsx'
import { leaveTo, useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { namesOf } from '../../text/places.ts'
import { Alarms } from './alarms.tsx'
import { type Choice, choiceOf, draftOf, noChoice } from './choice.ts'
import {
  areComplete,
  changedAt,
  type DestinationAnswers,
  destinationAnswersOf,
  destinationsOf,
  rulesToSave,
} from './destination-answers.ts'
import { DestinationFields } from './destination-fields.tsx'
import { RestartFields } from './restart-fields.tsx'
import { saveChoice } from './save-choice.ts'
import { SourceAndName } from './what-step.tsx'

interface Props {
  id?: string
  from?: 'page'
  part?: 'source' | 'destinations'
}

export function PlanScreen({ id, from, part }: Props) {
  const { say } = useText()
  const { plans } = useEngine('plans')
  const plan = plans.find((one) => one.id === id)
  const [choice, setChoice] = useState<Choice>(() => (plan ? choiceOf(plan) : noChoice))
  const [destinations, setDestinations] = useState(() => destinationAnswersOf(plan))
  const [method, setMethod] = useState(() => plan?.method ?? usualMethod)
  const task = useTask()
  const unsaved = useUnsaved({ choice, destinations, method })
  const heading = useRef<HTMLHeadingElement>(null)
  const parts = { source: useRef<HTMLDivElement>(null), destinations: useRef<HTMLDivElement>(null) }
  const wanted = part ? parts[part] : heading
  useEffect(() => wanted.current?.focus(), [wanted])
  const leave = () => leaveTo(from === 'page' && plan ? { name: 'plan', id: plan.id } : { name: 'plans' })
  const save = () =>
    void task.run(async () => {
      const packed = isForLabbook(choice) ? { ...method, format: usualMethod.format } : method
      const saved = await saveChoice(choice, plan, { method: packed, destinations: destinationsOf(destinations) })
      for (const rules of rulesToSave(destinations, saved))
        await guarded((client) => client.keep.save({ planId: saved.id, ...rules }))
      leave()
    })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <Stack gap="lg" maw="44rem">
        <Title order={1} ref={heading} tabIndex={-1}>
          {say(plan ? 'window.plans.editTitle' : 'window.plans.newTitle')}
        </Title>
        {id !== undefined && !plan && (
          <Alert color="yellow" role="alert">
            {say('window.plans.gone')}
          </Alert>
        )}
        {plan && <Alarms planId={plan.id} />}
        <Paper className="panel" p="lg" ref={parts.source} tabIndex={-1}>
          <SourceAndName choice={choice} onChange={setChoice} fixedKind={plan !== undefined} />
        </Paper>
        <Paper className="panel" p="lg">
          <RestartFields choice={choice} onChange={setChoice} />
        </Paper>
        <Paper className="panel" p="lg" ref={parts.destinations} tabIndex={-1}>
          <DestinationFields all={destinations} onChange={setDestinations} plan={plan} />
        </Paper>
        <Paper className="panel" p="lg">
          <FirstKeep all={destinations} onChange={setDestinations} plan={plan} />
        </Paper>
        <Paper className="panel" p="lg">
          <PackFields method={method} onChange={setMethod} labbook={isForLabbook(choice)} />
        </Paper>
        <ProblemView problem={task.problem} />
        <SaveBar
          unsaved={unsaved}
          busy={task.busy}
          possible={draftOf(choice) !== undefined && areComplete(destinations)}
          onDiscard={leave}
          testId="plan-save"
        />
      </Stack>
    </form>
  )
}

interface FirstKeepProps {
  all: readonly DestinationAnswers[]
  onChange: (all: DestinationAnswers[]) => void
  plan: Plan | undefined
}

/** How long the backups are kept where the plan's runs write them; it names that place once there are others. */
function FirstKeep({ all, onChange, plan }: FirstKeepProps) {
  const { say } = useText()
  const state = useEngine('known', 'media', 'places')
  const [first, ...copies] = all
  if (!first) return null
  const ids = placeIdsOf(first.place)
  const names = namesOf(ids, state) || say('copy.any')
  return (
    <KeepFields
      answers={first.keep}
      onChange={(keep) => onChange(changedAt(all, 0, { keep }))}
      plan={plan}
      {...(copies.length > 0 && { title: say('copy.window.keepOn', { names }), places: ids })}
    />
  )
}

// The end of the schedule's questions: what will be saved, and starting with the login, which it depends on; then saving it.
// Guarantees: plan, schedule and login are changed here only; what failed can be tried again without harm.
import { Checkbox, DataList, Stack } from '@mantine/core'
import { useState } from 'react'
import { firstOf, withDestination } from '../../../core/api/destination.ts'
import type { Plan } from '../../../core/api/plan.ts'
import { scheduleInWords } from '../../../core/api/text/schedule-text.ts'
import { useDesktopFacts } from '../../parts/login-start.tsx'
import { guarded } from '../../parts/operator.tsx'
import { FileName, Row } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { StepPage } from '../../parts/wizard.tsx'
import { useEngine } from '../../store.ts'
import { type Say, useText } from '../../text/i18n.ts'
import { namesOf } from '../../text/places.ts'
import { isConditional, placeOf, type ScheduleAnswers, scheduleOf, whenOf } from './schedule-answers.ts'
import { NextTimes } from './schedule-fields.tsx'

interface Props {
  plan: Plan
  answers: ScheduleAnswers
  onSaved: () => void
  onBack: (() => void) | undefined
}

export function ScheduleReview({ plan, answers, onSaved, onBack }: Props) {
  const { say, language } = useText()
  const state = useEngine('known', 'media', 'places')
  const task = useTask()
  const { facts, startAtLogin } = useDesktopFacts()
  const [atLogin, setAtLogin] = useState(true)
  const off = answers.kind === 'off'
  const offered = !off && facts?.startAtLogin === false
  const save = () =>
    void task
      .run(async () => {
        await saveSchedule(plan, answers)
        if (offered && atLogin) await startAtLogin(true)
      })
      .then((good) => good && onSaved())
  const names = (ids: readonly string[]) => namesOf(ids, state)
  return (
    <StepPage
      title={say('schedule.window.reviewTitle')}
      lead={say(off ? 'schedule.window.reviewOffLead' : 'schedule.window.reviewLead')}
      next={say(off ? 'schedule.window.switchOff' : 'schedule.window.save')}
      onNext={save}
      busy={task.busy}
      problem={task.problem}
      onBack={onBack}
    >
      <DataList withDivider labelWidth="11rem" className="panel" p="md" data-testid="schedule-review">
        <Row label={say('schedule.window.plan')}>
          <FileName name={plan.name} />
        </Row>
        <Row label={say('schedule.window.step.when')}>{scheduleInWords(whenOf(answers), language)}</Row>
        {!off && (
          <>
            <Row label={say('schedule.window.step.medium')}>
              {answers.media === 'any' && say('schedule.window.media.any')}
              {answers.media === 'one' && names(answers.one === undefined ? [] : [answers.one])}
              {answers.media === 'rotation' && `${say('schedule.window.media.rotation')} (${names(answers.rotation)})`}
            </Row>
            <Row label={say('schedule.window.conditions')}>{conditionsInWords(answers, say)}</Row>
          </>
        )}
      </DataList>
      {!off && <NextTimes when={whenOf(answers)} />}
      {offered && (
        <Stack>
          <Checkbox
            label={say('schedule.window.atLogin')}
            description={say('schedule.window.atLoginHelp')}
            checked={atLogin}
            onChange={(event) => setAtLogin(event.currentTarget.checked)}
            data-testid="schedule-at-login"
          />
        </Stack>
      )}
    </StepPage>
  )
}

async function saveSchedule(plan: Plan, answers: ScheduleAnswers): Promise<void> {
  const schedule = scheduleOf(answers)
  if (schedule === undefined) throw new Error('nothing to save')
  const place = schedule && placeOf(answers)
  const first = firstOf(plan)
  if (place && JSON.stringify(place) !== JSON.stringify(first.place)) {
    const { destinations } = withDestination(plan, { ...first, place })
    await guarded((client) => client.plan.save({ ...plan, destinations }))
  }
  await guarded((client) => client.schedule.save({ planId: plan.id, schedule }))
}

function conditionsInWords(answers: ScheduleAnswers, say: Say): string {
  if (!isConditional(answers)) return say('schedule.window.noConditions')
  const { windowFrom: from, windowTo: to } = answers
  const count = Number(answers.anywayAfterDays)
  const conditions = [
    answers.mainsPower ? say('schedule.window.mainsPower') : '',
    answers.unmetered ? say('schedule.window.unmetered') : '',
    answers.limited ? say('schedule.window.between', { from, to }) : '',
    say(count === 1 ? 'schedule.window.afterDays_one' : 'schedule.window.afterDays_other', { count }),
  ]
  return conditions.filter((words) => words !== '').join(' · ')
}

// The first start's question about time: every day at noon is proposed, and active only once everything is set up at the end.
import { Checkbox } from '@mantine/core'
import { StepPage } from '../../parts/wizard.tsx'
import { useText } from '../../text/i18n.ts'
import { whenOf } from '../schedule/schedule-answers.ts'
import { type Kind, WhenFields } from '../schedule/schedule-fields.tsx'
import type { FirstProps } from './answers.ts'

/** The rarer ones are offered by the schedule's own wizard. */
const kinds: readonly Kind[] = ['daily', 'weekly', 'medium', 'off']

export function FirstTimeStep({ answers, change, onNext, onBack }: FirstProps) {
  const { say } = useText()
  const { schedule, atLogin } = answers
  const off = schedule.kind === 'off'
  return (
    <StepPage
      title={say('schedule.first.title')}
      lead={say('schedule.first.lead')}
      next={say('window.wizard.next')}
      onNext={onNext}
      ready={off || whenOf(schedule) !== undefined}
      onBack={onBack}
    >
      <WhenFields answers={schedule} change={(part) => change({ schedule: { ...schedule, ...part } })} kinds={kinds} />
      {!off && (
        <Checkbox
          label={say('schedule.window.atLogin')}
          description={say('schedule.window.atLoginHelp')}
          checked={atLogin}
          onChange={(event) => change({ atLogin: event.currentTarget.checked })}
          data-testid="schedule-at-login"
        />
      )}
    </StepPage>
  )
}

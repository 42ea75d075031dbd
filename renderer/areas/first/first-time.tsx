// The first start's questions about time: every day at noon is proposed, and what stays of it; active only once everything is set up at the end.
import { Checkbox } from '@mantine/core'
import type { Preset } from '../../parts/keep-answers.ts'
import { KeepFields } from '../../parts/keep-fields.tsx'
import { alreadyDone } from '../../parts/steps.ts'
import { StepPage } from '../../parts/wizard.tsx'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { whenOf } from '../schedule/schedule-answers.ts'
import { type Kind, WhenFields } from '../schedule/schedule-fields.tsx'
import type { FirstProps } from './answers.ts'

/** The rarer ones are offered by the schedule's own wizard. */
const kinds: readonly Kind[] = ['daily', 'weekly', 'medium', 'off']

/** Rules of one's own are made where plans are edited. */
const offered: readonly Preset[] = ['sensible', 'full', 'all']

export function FirstTimeStep({ answers, change, onNext, onBack }: FirstProps) {
  const { say } = useText()
  const { schedule, atLogin, what } = answers
  const { plan } = alreadyDone(useEngine('keys', 'plans'))
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
      {!plan && (
        <KeepFields
          answers={what.keep}
          onChange={(keep) => change({ what: { ...what, keep } })}
          plan={undefined}
          offered={offered}
        />
      )}
    </StepPage>
  )
}

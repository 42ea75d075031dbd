// The window: theme, language, the screen one is on, and the dialog for the operator password.
// Shows the last known state under a notice while the connection to the engine is being made again; acts on nothing by itself.
//
// Test ids (stable; everything else is found by role and name):
//   app: connecting reconnecting home settings-link wanted-go
//   main: status-block[data-level] status-action key-notices facts action-backup action-restore action-init action-key action-schedule reason-<action>
//     alarms alarm-<kind> losses accept-losses accept-losses-confirm automatic[data-state] schedule-pause schedule-resume
//     media-list medium[data-medium] eject medium-init medium-verify runs-table run-row[data-run][data-outcome] run-open
//   wizards: wizard[data-step] wizard-next wizard-back wizard-leave wizard-finish wizard-then wizard-done
//     operator-password operator-wait operator-dialog operator-submit password-strength[data-strength]
//     new-operator-password-first -second key-password key-password-first -second key-understood key-remember
//     language-en language-fr source-kind <kind>-user <kind>-server <kind>-remember <kind>-test labbook-storage labbook-database
//     mysql-all mysql-some mysql-names database-password key-new key-import key-folder key-look key-pick key-pick-pair key-pick-person key-pick-password key-pick-agree taken-keys add-folders folder-list plan-name exclusions plan-option plan-option-new later-medium restore-only setup-parts
//     medium-choice medium-option[data-medium] medium-folder medium-name review sheet-print sheet-pdf fingerprint
//     artifact-list artifact-option[data-artifact] use-remembered use-typed what-all what-some inspect-progress archive-browser
//     entry[data-path] chosen-count where-server server-plan server-other server-storage server-database server-user server-server database-password-try
//     database-now safety-copy without-copy where-original where-folder choose-destination destination existing-replace existing-skip
//     existing-keep-both restore-preview conflict-count confirm-word preview-again
//   schedule: schedule-<kind> schedule-at schedule-every schedule-from schedule-day weekday-<1…7> schedule-next media-any media-one
//     media-rotation known-<medium> schedule-reminder schedule-patience schedule-mains schedule-unmetered schedule-limited
//     schedule-window-from schedule-window-to schedule-anyway schedule-retries schedule-alarm schedule-review schedule-at-login
//   runs: progress progress-percent progress-path cancel-run cancel-run-confirm run-outcome[data-outcome] warning-list
//     run-details open-folder open-safety open-kept undo-restore undo-confirm restored-server unfinished recover operations-table log export-log run-title
//     restart-proposal restart-now restart-confirm restart-run restart-output restart-outcome[data-outcome]
//   settings: language-select start-at-login operator-current new-operator-password-first -second operator-save remember-password remember-save
//     forget-password recipients add-recipient remove-recipient own-keys activate-key plans-list plan-new plan-edit plan-schedule plan-remove
//     plan-compression plan-codec plan-encrypt plan-clear plan-export plan-import import-keys key-pick-take restart-kind-<kind> restart-command plan-save data-folder version
//   keeping: keep-fields keep-all keep-sensible keep-last keep-days keep-own keep-count-<field> keep-preview-open keep-preview
//     keep-preview-medium keep-goes keep-stays keep-nothing keep-unsaved keep-apply keep-apply-confirm pin run-removed
//     safety safety-days safety-save safety-row safety-remove safety-remove-confirm
//   problems: problem-<code> findings
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { memo, useDeferredValue, useEffect, useLayoutEffect } from 'react'
import { BackupWizard } from './areas/backup/backup-wizard.tsx'
import { FirstStart } from './areas/first/first-start.tsx'
import { InitWizard } from './areas/home/init-wizard.tsx'
import { MainScreen } from './areas/home/main-screen.tsx'
import { KeyWizard } from './areas/keys/key-wizard.tsx'
import { PlanScreen } from './areas/plans/plan-screen.tsx'
import { RestoreWizard } from './areas/restore/restore-wizard.tsx'
import { RunScreen } from './areas/runs/run-screen.tsx'
import { ScheduleWizard } from './areas/schedule/schedule-wizard.tsx'
import { SettingsScreen } from './areas/settings/settings-screen.tsx'
import { Connecting, Frame } from './parts/frame.tsx'
import { OperatorDialog } from './parts/operator.tsx'
import { isSetUp } from './parts/steps.ts'
import { type Route, useStore } from './store.ts'
import { useText } from './text/i18n.ts'
import { cssVariables, theme } from './theme.ts'

export function App() {
  const { language } = useText()
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <Notifications position="bottom-right" />
      <Shown />
      <OperatorDialog />
    </MantineProvider>
  )
}

function Shown() {
  const present = useStore((store) => store.mirror.state !== undefined)
  // What was set up in a terminal needs no welcome: the main screen leads to whatever is still missing.
  const welcomed = useStore(({ mirror: { state } }) => !state || state.settings.welcomed || isSetUp(state))
  const setupLeft = useStore((store) => store.setupLeft)
  const first = !welcomed && !setupLeft
  useLayoutEffect(() => {
    // Once opened, the wizard stays until it is left: its own end sets `welcomed`.
    if (present && first) useStore.setState({ route: { name: 'wizard', wizard: 'first-start' }, setupLeft: true })
  }, [present, first])
  return present && !first ? <ShownRoute /> : <Connecting />
}

/** The next screen is drawn in small pieces while the former one is still there: drawn in one go, it keeps the window from answering. */
function ShownRoute() {
  const route = useDeferredValue(useStore((store) => store.route))
  return route.name === 'wizard' ? <ShownWizard route={route} /> : <ShownScreen route={route} />
}

const ShownWizard = memo(function ShownWizard({ route }: { route: Extract<Route, { name: 'wizard' }> }) {
  switch (route.wizard) {
    case 'first-start':
      return <FirstStart />
    case 'backup':
      return <BackupWizard medium={route.medium} />
    case 'restore':
      return <RestoreWizard medium={route.medium} />
    case 'init':
      return <InitWizard medium={route.medium} />
    case 'key':
      return <KeyWizard />
    case 'schedule':
      return <ScheduleWizard plan={route.plan} />
  }
})

const ShownScreen = memo(function ShownScreen({ route }: { route: Exclude<Route, { name: 'wizard' }> }) {
  return (
    <Frame>
      {route.name === 'main' && <MainScreen />}
      {route.name === 'run' && <RunScreen key={route.id} id={route.id} />}
      {route.name === 'settings' && <SettingsScreen />}
      {route.name === 'plan' && <PlanScreen key={route.id ?? ''} id={route.id} />}
    </Frame>
  )
})

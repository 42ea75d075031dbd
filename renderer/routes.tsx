// The screens of the window: one row each. Navigation, sections, titles and the way back derive from the rows; nothing else lists them.
// Guarantees: a screen is shown with the parameters that it declares, or nothing compiles; each is a file of its own that is loaded when it is wanted.
// To add an area: a row here, its parameters above the rows, and a title in the catalogue (window.area).
import {
  type Icon,
  IconActivity,
  IconBell,
  IconDeviceUsb,
  IconHelpCircle,
  IconHistory,
  IconHome,
  IconInfoCircle,
  IconKey,
  IconListCheck,
  IconMoon,
  IconSettings,
  IconShieldLock,
} from '@tabler/icons-react'
import { type ComponentType, lazy, useReducer } from 'react'
import type { AppState, Artifact } from '../core/api/model.ts'
import type { Part } from './areas/restore/basket.ts'
import { ScreenBoundary } from './parts/screen-boundary.tsx'
import { isSetUp } from './parts/steps.ts'
import type { Route, ScreenName, Screens } from './store.ts'
import type { HelpChapter } from './text/help.ts'
import type { Key } from './text/i18n.ts'

type None = Record<never, never>
/** Of a flow that can begin with a medium already chosen: its path. */
type WithMedium = { medium?: string | undefined }

declare module './store.ts' {
  interface Screens {
    overview: None
    backups: None
    plans: None
    plan: { id: string }
    /** `from` its page: leads back there. `part`: what is to be changed, brought into view. */
    'plan-edit': { id?: string; from?: 'page'; part?: 'source' | 'destinations' }
    places: None
    place: { id: string }
    /** Of a plan by its id, of a day as `YYYY-MM-DD`. */
    activity: { plan?: string; day?: string }
    run: { id: string }
    settings: None
    notifications: None
    keys: None
    security: None
    background: None
    help: { chapter?: HelpChapter }
    about: None
    'first-start': None
    backup: WithMedium & { plan?: string | undefined }
    restore: WithMedium & { artifact?: Artifact; parts?: readonly Part[] }
    init: WithMedium
    key: None
    schedule: { plan?: string }
  }
}

interface Row<Name extends ScreenName> {
  title: Key
  load: () => Promise<ComponentType<Screens[Name]>>
  /** The area that it belongs to: the name of its first screen. Without one it is a flow, which fills the window and leads back to where one came from. */
  area?: ScreenName
  /** Where navigation leads to it: in the side bar if it is the first of its area, else as a section of it. One without leads back to its area. */
  icon?: Icon
  /** As a section, where that is another word. */
  section?: Key
  /** What explains the word that is its title. */
  help?: HelpChapter
  /** Begins with a heading of its own instead of its area's title. */
  headed?: true
  /** What must be there for it to make sense; until then navigation does not show it. */
  needs?: (state: AppState) => boolean
}

/** Something was set up or done here, in whichever window or terminal. */
const setUp = (state: AppState) => state.settings.welcomed || state.runs.length > 0 || isSetUp(state)

const rows: { readonly [Name in ScreenName]: Row<Name> } = {
  overview: {
    title: 'window.area.overview',
    load: () => import('./areas/overview/overview-screen.tsx').then((file) => file.OverviewScreen),
    area: 'overview',
    icon: IconHome,
    headed: true,
  },
  backups: {
    title: 'window.area.backups',
    load: () => import('./areas/restore/backups-screen.tsx').then((file) => file.BackupsScreen),
    area: 'backups',
    icon: IconHistory,
    needs: setUp,
  },
  plans: {
    title: 'window.area.plans',
    load: () => import('./areas/plans/plans-screen.tsx').then((file) => file.PlansScreen),
    area: 'plans',
    icon: IconListCheck,
    help: 'plan',
    needs: setUp,
  },
  plan: {
    title: 'window.area.plan',
    load: () => import('./areas/plans/plan-page.tsx').then((file) => file.PlanPage),
    area: 'plans',
    needs: setUp,
  },
  'plan-edit': {
    title: 'window.area.plan',
    load: () => import('./areas/plans/plan-screen.tsx').then((file) => file.PlanScreen),
    area: 'plans',
    needs: setUp,
  },
  places: {
    title: 'window.area.places',
    load: () => import('./areas/places/places-screen.tsx').then((file) => file.PlacesScreen),
    area: 'places',
    icon: IconDeviceUsb,
    help: 'place',
    needs: setUp,
  },
  place: {
    title: 'window.area.place',
    load: () => import('./areas/places/place-page.tsx').then((file) => file.PlacePage),
    area: 'places',
    needs: setUp,
  },
  activity: {
    title: 'window.area.activity',
    load: () => import('./areas/runs/activity-screen.tsx').then((file) => file.ActivityScreen),
    area: 'activity',
    icon: IconActivity,
    needs: setUp,
  },
  run: {
    title: 'window.run.details',
    load: () => import('./areas/runs/run-screen.tsx').then((file) => file.RunScreen),
    area: 'activity',
  },
  settings: {
    title: 'window.area.settings',
    load: () => import('./areas/settings/settings-screen.tsx').then((file) => file.SettingsScreen),
    area: 'settings',
    icon: IconSettings,
    section: 'window.area.general',
  },
  notifications: {
    title: 'window.area.notifications',
    load: () => import('./areas/settings/notifications-screen.tsx').then((file) => file.NotificationsScreen),
    area: 'settings',
    icon: IconBell,
  },
  keys: {
    title: 'window.area.keys',
    load: () => import('./areas/keys/keys-screen.tsx').then((file) => file.KeysScreen),
    area: 'settings',
    icon: IconKey,
  },
  security: {
    title: 'window.area.security',
    load: () => import('./areas/settings/security-screen.tsx').then((file) => file.SecurityScreen),
    area: 'settings',
    icon: IconShieldLock,
  },
  background: {
    title: 'window.area.background',
    load: () => import('./areas/settings/background-screen.tsx').then((file) => file.BackgroundScreen),
    area: 'settings',
    icon: IconMoon,
  },
  help: {
    title: 'help.title',
    load: () => import('./areas/help/help-screen.tsx').then((file) => file.HelpScreen),
    area: 'settings',
    icon: IconHelpCircle,
  },
  about: {
    title: 'window.area.about',
    load: () => import('./areas/settings/about-screen.tsx').then((file) => file.AboutScreen),
    area: 'settings',
    icon: IconInfoCircle,
  },
  'first-start': {
    title: 'window.first.title',
    load: () => import('./areas/first/first-start.tsx').then((file) => file.FirstStart),
  },
  backup: {
    title: 'window.backup.title',
    load: () => import('./areas/backup/backup-wizard.tsx').then((file) => file.BackupWizard),
  },
  restore: {
    title: 'window.restore.title',
    load: () => import('./areas/restore/restore-wizard.tsx').then((file) => file.RestoreWizard),
  },
  init: {
    title: 'window.init.title',
    load: () => import('./areas/places/init-wizard.tsx').then((file) => file.InitWizard),
  },
  key: {
    title: 'window.key.title',
    load: () => import('./areas/keys/key-wizard.tsx').then((file) => file.KeyWizard),
  },
  schedule: {
    title: 'schedule.window.title',
    load: () => import('./areas/schedule/schedule-wizard.tsx').then((file) => file.ScheduleWizard),
  },
}

const names = Object.keys(rows) as ScreenName[]

/** One entry of the navigation. */
export interface Entry {
  readonly name: ScreenName
  readonly title: Key
  readonly icon: Icon
}

function makesSense(name: ScreenName, state: AppState): boolean {
  return rows[name].needs?.(state) ?? true
}

/** The areas that make sense now, in their order, as names. */
export function areasOf(state: AppState): ScreenName[] {
  return names.filter((name) => rows[name].area === name && makesSense(name, state))
}

export function entryOf(name: ScreenName): Entry | undefined {
  const { title, icon } = rows[name]
  return icon && { name, title, icon }
}

/** The sections of an area, its first screen included; none where there is only that one. */
export function sectionsOf(area: ScreenName): Entry[] {
  const inside = names.filter((name) => rows[name].area === area)
  const sections = inside.flatMap((name) => {
    const { title, section = title, icon } = rows[name]
    return icon ? [{ name, title: section, icon }] : []
  })
  return sections.length > 1 ? sections : []
}

/** What surrounds a screen. `below`: it leads back to its area. */
export interface Surroundings {
  readonly title: Key
  readonly area: ScreenName | undefined
  readonly below: boolean
  readonly headed: boolean
  readonly help: HelpChapter | undefined
}

export function surroundingsOf(name: ScreenName): Surroundings {
  const { title, area, icon, headed = false, help } = rows[name]
  return { title, area, below: area !== undefined && !icon, headed, help }
}

/** It fills the window, and holds answers that would be lost. */
export function isFlow({ name }: Route): boolean {
  return rows[name].area === undefined
}

/** The screen itself, or the overview where it makes no sense (any more). */
export function possible(route: Route, state: AppState): Route {
  return makesSense(route.name, state) ? route : { name: 'overview' }
}

function loaded(name: ScreenName): ComponentType<object> {
  return lazy(async () => ({ default: (await rows[name].load()) as ComponentType<object> }))
}

const screens = Object.fromEntries(names.map((name) => [name, loaded(name)])) as Record<
  ScreenName,
  ComponentType<object>
>

/** A screen with its parameters, which `Route` has checked. Another parameter is another screen: nothing typed into the former stays. */
export function Screen({ route: { name, ...parameters } }: { route: Route }) {
  const [, drawAnew] = useReducer((times: number) => times + 1, 0)
  // React keeps for good that something did not load.
  const again = () => {
    screens[name] = loaded(name)
    drawAnew()
  }
  const Shown = screens[name]
  return (
    <ScreenBoundary key={name} onAgain={again} flow={rows[name].area === undefined}>
      <Shown key={JSON.stringify(parameters)} {...parameters} />
    </ScreenBoundary>
  )
}

/** Makes screens ready to be shown at once, all of them or these. One that cannot be loaded is tried again when it is wanted. */
export function load(...wanted: ScreenName[]): Promise<unknown> {
  return Promise.allSettled((wanted.length === 0 ? names : wanted).map((name) => rows[name].load()))
}

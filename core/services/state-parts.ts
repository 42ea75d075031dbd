// The parts of the mirrored state: what each is before it is read, and how it is read from where it is kept. One row a part, so that a change costs only
// what it touches. A new part is a row; the compiler asks for what a part of the state lacks.
// Does not say when a part is read, nor what follows from several of them (overview.ts).
import type { Problem } from '../api/failure.ts'
import type { AppState } from '../api/model.ts'
import { opensWithoutKey } from '../api/recipe.ts'
import { placesOf, presentMedia } from './present-media.ts'
import { unfinishedOf } from './server-restores.ts'
import type { Parts, Refreshable } from './services.ts'
import { rememberedPassword } from './unlocking.ts'

type Language = AppState['language']

/** The keys of the state that are read together. */
export interface StatePart<K extends keyof AppState> {
  readonly initial: Pick<AppState, K>
  /** `language`: what `language: system` means here. */
  read(services: Parts, language: Language): Pick<AppState, K> | Promise<Pick<AppState, K>>
}

function part<K extends keyof AppState>(initial: Pick<AppState, K>, read: StatePart<NoInfer<K>>['read']): StatePart<K> {
  return { initial, read }
}

/** How many runs windows get; older ones through `run.history`. */
const recent = 100

export const parts = {
  settings: part({ settings: { language: 'system', welcomed: false }, language: 'en' }, ({ config }, language) => {
    const { settings } = config.current
    return { settings, language: settings.language === 'system' ? language : settings.language }
  }),
  operatorSet: part({ operatorSet: false }, ({ operator }) => ({ operatorSet: operator.isSet() })),
  keychain: part({ keychain: { remembered: false } }, async (services) => {
    const problem = await services.secrets.problem()
    return {
      keychain: problem
        ? { problem, remembered: false }
        : { remembered: (await rememberedPassword(services)) !== undefined },
    }
  }),
  keys: part({ keys: [], keyTrouble: null }, async ({ keyring, ledger }) => {
    const keys = await keyring.list()
    // The whole key folder may be gone, and with it what it says was in use: encrypted backups that were made say that there was one.
    const made = ledger.lastGoods().some(({ artifact = '' }) => !opensWithoutKey(artifact))
    const gone = made && !keys.some(({ kind }) => kind === 'own')
    const lost: Problem = { code: 'key-lost', details: { fingerprint: '—' } }
    return { keys, keyTrouble: (await keyring.trouble()) ?? (gone ? lost : null) }
  }),
  plans: part({ plans: [] }, ({ config }) => ({ plans: config.current.plans })),
  media: part({ media: [], known: [], places: [], placeNotes: {} }, async (services) => ({
    media: await presentMedia(services),
    known: services.config.current.known,
    places: [...placesOf(services)],
    placeNotes: services.config.current.placeNotes ?? {},
  })),
  runs: part({ runs: [], unfinished: [] }, async (services) => ({
    runs: await services.history.latest(recent),
    unfinished: unfinishedOf(services),
  })),
  paused: part({ paused: null }, ({ config, now }) => {
    const { pausedUntil } = config.current
    return { paused: pausedUntil !== undefined && Date.parse(pausedUntil) > now() ? { until: pausedUntil } : null }
  }),
  mail: part({ mail: { waiting: 0, givenUp: 0, pings: [] } }, ({ config, mailAccount, notifier }) => {
    const { mail: settings } = config.current
    const { kept } = mailAccount
    return {
      mail: {
        ...(settings ? { settings } : {}),
        ...(kept === undefined ? {} : { passwordKept: kept }),
        ...notifier.state(),
      },
    }
  }),
} satisfies { readonly [Name in Refreshable]: StatePart<never> }

export const partNames = Object.keys(parts) as Refreshable[]

/** Set by whoever knows: the runner, the scheduler, and overview.ts. */
const told: Pick<AppState, 'active' | 'schedules' | 'alarms' | 'protection' | 'rows' | 'space'> = {
  active: [],
  rows: [],
  space: [],
  schedules: [],
  alarms: [],
  protection: { level: 'unset', reason: 'no-plan', action: 'setup' },
}

type Read = (typeof parts)[Refreshable]['initial']
type KeysOf<T> = T extends unknown ? keyof T : never
/** What neither is read nor set stays as it is while the engine is open. */
type Facts = Omit<AppState, KeysOf<Read> | keyof typeof told>

/** The state before anything was read. */
export function initialState(facts: Facts): AppState {
  const read = Object.assign({}, ...Object.values(parts).map(({ initial }) => initial)) as Pick<AppState, KeysOf<Read>>
  return { ...facts, ...told, ...read }
}

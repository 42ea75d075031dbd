// Reads the parts of the state from where they are kept. One function a part, so that a change costs only what it touches.
import { alarmsOf } from '../api/alarms.ts'
import type { Problem } from '../api/failure.ts'
import type { AppState } from '../api/model.ts'
import { protection } from '../api/protection.ts'
import { opensWithoutKey } from '../api/recipe.ts'
import { placesOf, presentMedia } from './present-media.ts'
import { unfinishedOf } from './server-restores.ts'
import type { Parts, Refreshable } from './services.ts'
import { rememberedPassword } from './unlocking.ts'

/** How many runs windows get; older ones through `run.history`. */
const recent = 100

type Reader = (services: Parts, language: AppState['language']) => Promise<Partial<AppState>> | Partial<AppState>

const readers: Record<Refreshable, Reader> = {
  settings: ({ config }, language) => {
    const { settings } = config.current
    return { settings, language: settings.language === 'system' ? language : settings.language }
  },
  operatorSet: ({ operator }) => ({ operatorSet: operator.isSet() }),
  keychain: async (services) => {
    const problem = await services.secrets.problem()
    return {
      keychain: problem
        ? { problem, remembered: false }
        : { remembered: (await rememberedPassword(services)) !== undefined },
    }
  },
  keys: async ({ keyring, ledger }) => {
    const keys = await keyring.list()
    // The whole key folder may be gone, and with it what it says was in use: encrypted backups that were made say that there was one.
    const made = ledger.lastGoods().some(({ artifact = '' }) => !opensWithoutKey(artifact))
    const gone = made && !keys.some(({ kind }) => kind === 'own')
    const lost: Problem = { code: 'key-lost', details: { fingerprint: '—' } }
    return { keys, keyTrouble: (await keyring.trouble()) ?? (gone ? lost : null) }
  },
  plans: ({ config }) => ({ plans: config.current.plans }),
  media: async (services) => ({
    media: await presentMedia(services),
    known: services.config.current.known,
    places: [...placesOf(services)],
  }),
  runs: async (services) => ({ runs: await services.history.latest(recent), unfinished: unfinishedOf(services) }),
  paused: (services) => ({ paused: pauseOf(services) }),
  mail: ({ config, mailAccount, notifier }) => {
    const { mail: settings } = config.current
    const { kept } = mailAccount
    return {
      mail: {
        ...(settings ? { settings } : {}),
        ...(kept === undefined ? {} : { passwordKept: kept }),
        ...notifier.state(),
      },
    }
  },
}

/** The pause in force. */
function pauseOf({ config, now }: Parts): AppState['paused'] {
  const { pausedUntil } = config.current
  return pausedUntil !== undefined && Date.parse(pausedUntil) > now() ? { until: pausedUntil } : null
}

export const allParts = Object.keys(readers) as Refreshable[]

/** Reads these parts anew and tells followers in one change, with the answer to "am I protected?" that follows from them. */
export async function refresh(
  services: Parts,
  systemLanguage: AppState['language'],
  parts: readonly Refreshable[],
): Promise<void> {
  const { state } = services
  let changes: Partial<AppState> = {}
  let problem: unknown
  for (const part of parts) {
    try {
      changes = { ...changes, ...(await readers[part](services, systemLanguage)) }
    } catch (error) {
      // Who waits for one part (the end of a run) must not miss it because another one cannot be read.
      problem ??= error
    }
  }
  state.set({ ...changes, ...assess(services, { ...state.current, ...changes }) })
  if (problem !== undefined) throw problem
}

/** Recomputes what ages and what the schedules say; tells followers only of a change. */
export function judge(services: Parts, schedules = services.state.current.schedules): void {
  const { state } = services
  const aged: Partial<AppState> = { schedules, paused: pauseOf(services) }
  const answer: Partial<AppState> = { ...aged, ...assess(services, { ...state.current, ...aged }) }
  const changes = Object.entries(answer).filter(
    ([part, value]) => JSON.stringify(value) !== JSON.stringify(state.current[part as keyof AppState]),
  )
  if (changes.length > 0) state.set(Object.fromEntries(changes))
}

/** "Am I protected?" and the alarms, from what is known at this moment. */
function assess({ ledger, now, zone }: Parts, known: AppState): Pick<AppState, 'protection' | 'alarms'> {
  const here = zone()
  // A backup that is still good may be older than the runs that windows get.
  const runs = [...known.runs, ...ledger.lastGoods()]
  const alarms = known.plans.flatMap((plan) => {
    const state = known.schedules.find((schedule) => schedule.planId === plan.id)
    return alarmsOf(plan, { ...ledger.of(plan.id), state }, now(), here)
  })
  return { protection: protection({ ...known, runs }, now(), here), alarms }
}

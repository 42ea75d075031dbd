// Reads the parts of the state from where they are kept. One function a part, so that a change costs only what it touches.
import type { AppState } from '../api/model.ts'
import { protection } from '../api/protection.ts'
import { listMedia } from '../drives/drives.ts'
import { unfinishedOf } from './restore-server.ts'
import { type Parts, type Refreshable, rememberedPassword } from './services.ts'

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
  keys: async ({ keyring }) => ({ keys: await keyring.list() }),
  plans: ({ config }) => ({ plans: config.current.plans }),
  media: async ({ config }) => ({ media: await listMedia(config.current.known), known: config.current.known }),
  runs: async (services) => ({ runs: await services.history.latest(recent), unfinished: unfinishedOf(services) }),
}

export const allParts = Object.keys(readers) as Refreshable[]

/** Reads these parts anew and tells followers in one change, with the answer to "am I protected?" that follows from them. */
export async function refresh(
  services: Parts,
  systemLanguage: AppState['language'],
  parts: readonly Refreshable[],
): Promise<void> {
  let changes: Partial<AppState> = {}
  for (const part of parts) changes = { ...changes, ...(await readers[part](services, systemLanguage)) }
  const { state, now } = services
  state.set({ ...changes, protection: protection({ ...state.current, ...changes }, now()) })
}

/** Recomputes the protection, because it ages; tells followers only of a change. */
export function judge({ state, now }: Pick<Parts, 'state' | 'now'>): void {
  const answer = protection(state.current, now())
  if (JSON.stringify(answer) !== JSON.stringify(state.current.protection)) state.set({ protection: answer })
}

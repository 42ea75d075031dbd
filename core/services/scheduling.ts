// The scheduler with the engine's parts in its hands: what it looks at, and how a backup that is due begins.
// Guarantees: a scheduled backup begins exactly as one that a person starts (start-backup.ts), with the password from the keychain.
import type { Plan } from '../api/plan.ts'
import type { ScheduleState } from '../api/schedule.ts'
import { onBattery, onMeteredNetwork } from '../lib/surroundings.ts'
import type { Scene } from '../schedule/scene.ts'
import { Scheduler } from '../schedule/scheduler.ts'
import { judge } from './overview.ts'
import { presentMedia } from './present-media.ts'
import type { Services } from './services.ts'
import { startBackup } from './start-backup.ts'
import { startCopy } from './start-copy.ts'

/** Delay of missed backups after a start or a wake-up, in ms: disks and networks come up first. */
const usualSettle = 2 * 60_000

/** The part of the engine's host that concerns schedules. */
export interface ScheduleHost {
  readonly schedules?: boolean
  readonly settle?: number
  readonly onBattery?: () => Promise<boolean | undefined>
  readonly onMetered?: () => Promise<boolean | undefined>
  readonly onBug?: (error: unknown) => void
}

export function openSchedules(
  services: Services,
  host: ScheduleHost,
  ownership: { confirm(): Promise<boolean> },
): Scheduler {
  const { config, now, history, state } = services
  return new Scheduler({
    now,
    look: () => look(services, host),
    publish: (states: ScheduleState[]) => judge(services, inOrder(states, state.current.plans)),
    async start({ plan, dueAt, attempt, medium }) {
      await startBackup(services, plan, {
        medium: medium.id ?? medium.path,
        about: { trigger: 'scheduled', dueAt: new Date(dueAt).toISOString(), attempt },
      })
    },
    async copy({ plan, backup, from, to }) {
      await startCopy(services, { plan, backup, from, to, trigger: 'scheduled' })
    },
    async record(run) {
      await history.end(run)
      await services.refresh('runs')
    },
    async rebase(planId) {
      const savedAt = new Date(now()).toISOString()
      await config.update((current) => ({
        ...current,
        plans: current.plans.map((plan) =>
          plan.id === planId && plan.schedule ? { ...plan, schedule: { ...plan.schedule, savedAt } } : plan,
        ),
      }))
      await services.refresh('plans')
    },
    lookAtMedia: () => services.refresh('media'),
    owns: () => ownership.confirm(),
    rings: host.schedules === true,
    onBug: host.onBug ?? (() => undefined),
  })
}

async function look(services: Services, host: ScheduleHost): Promise<Omit<Scene, 'awakeSince' | 'before' | 'looked'>> {
  const { config, ledger, runner, state, zone } = services
  const { plans, pausedUntil, known } = config.current
  await seeFolders(services)
  const asks = (condition: 'mainsPower' | 'unmetered') => plans.some((plan) => plan.schedule?.[condition])
  const [battery, metered] = await Promise.all([
    asks('mainsPower') ? (host.onBattery ?? onBattery)() : undefined,
    asks('unmetered') ? (host.onMetered ?? onMeteredNetwork)() : undefined,
  ])
  return {
    plans,
    accountOf: ledger.of,
    media: state.current.media,
    known,
    active: runner.runs(),
    onBattery: battery,
    metered,
    pausedUntil: pausedUntil === undefined ? undefined : Date.parse(pausedUntil),
    zone: zone(),
    settle: host.settle ?? usualSettle,
    acts: host.schedules === true,
  }
}

const absent: ReadonlySet<string> = new Set(['medium-absent', 'no-medium', 'copy-source-absent'])

/** A medium that is a folder comes without the drives' watch noticing: while a schedule waits for one, it is looked for. */
async function seeFolders(services: Services): Promise<void> {
  const { state } = services
  const reasons = state.current.schedules.flatMap(({ reason, copies = [] }) => [
    reason,
    ...copies.map((one) => one.reason),
  ])
  const waits = reasons.some((reason) => reason !== undefined && absent.has(reason.code))
  if (!waits) return
  const media = await presentMedia(services)
  if (JSON.stringify(media) !== JSON.stringify(state.current.media)) state.set({ media })
}

/** As the plans are listed. */
function inOrder(states: readonly ScheduleState[], plans: readonly Plan[]): ScheduleState[] {
  return plans.flatMap((plan) => states.find((state) => state.planId === plan.id) ?? [])
}

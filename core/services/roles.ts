// The roles of an engine: its long-living parts that are no runs, each doing something by itself for as long as the engine is open.
// Guarantees: they are opened in the order of the table, and nothing of them keeps the program alive. All are told to close at once, the last first,
// so that none begins anything while another one still ends; closing waits for what is under way.
// Does not open the parts that methods call (engine/assembly.ts): a role calls, nobody calls it.
import { watchDrives } from '../drives/drives.ts'
import { standing } from '../notify/standing.ts'
import { judge } from './overview.ts'
import { openSchedules, type ScheduleHost } from './scheduling.ts'
import type { Services } from './services.ts'

export interface RoleMeans {
  readonly services: Services
  readonly host: ScheduleHost
  readonly ownership: { confirm(): Promise<boolean> }
  readonly onBug: (error: unknown) => void
}

export interface Role {
  readonly name: string
  /** The computer has just woken up, or its clock was set. */
  wake(): void
  /** Parts of the state have been read anew. */
  changed?(): void
  /** What a command that asks once and leaves must be told too: it waits for this. */
  readonly ready?: Promise<void>
  /** Begins nothing any more. Resolves when nothing of it is under way. */
  close(): void | Promise<void>
}

type Open = (means: RoleMeans) => Omit<Role, 'name'>

/** In ms. */
const minute = 60_000

/** A role is one row. */
const table: Readonly<Record<string, Open>> = {
  schedules: ({ services, host, ownership }) => {
    const scheduler = openSchedules(services, host, ownership)
    return {
      wake: () => scheduler.wake(),
      changed: () => scheduler.poke(),
      // A process that stays has nobody who waits.
      ...(host.schedules ? {} : { ready: scheduler.looked }),
      close: () => scheduler.close(),
    }
  },
  drives: ({ services: { runner, refresh }, onBug }) => {
    const watching = new AbortController()
    const working = () => runner.active().length > 0
    void watchDrives(() => void refresh('media').catch(onBug), { signal: watching.signal, working })
    return { wake: () => undefined, close: () => watching.abort() }
  },
  ages: ({ services }) => every(minute, () => judge(services)),
  // Mail is looked after for the first time when the engine has been open for a while: a short command must not begin what it cannot finish.
  mail: ({ services: { notifier } }) => every(minute, () => void notifier.look(), 3_000),
  alarms: ({ services: { notifier, state, now } }) =>
    every(
      minute,
      () => {
        const { alarms, space = [] } = state.current
        for (const notice of standing(alarms, space, now())) notifier.tell(notice)
      },
      // As for mail.
      3_000,
    ),
  tidying: ({ services: { safety }, onBug }) => {
    let tidied: Promise<void> = Promise.resolve()
    const tidy = () => {
      tidied = tidied.then(() => safety.tidy()).catch(onBug)
    }
    const { close } = every(6 * 60 * minute, tidy)
    tidy()
    return {
      wake: () => undefined,
      close() {
        close()
        return tidied
      },
    }
  },
}

/** Does the work every `pause` ms and after a wake-up, with `first` also that many ms from now on. */
function every(pause: number, work: () => void, first?: number): { wake(): void; close(): void } {
  const begin = first === undefined ? undefined : setTimeout(work, first).unref()
  const timer = setInterval(work, pause).unref()
  return {
    wake: work,
    close() {
      clearTimeout(begin)
      clearInterval(timer)
    },
  }
}

export interface Roles {
  wake(): void
  changed(): void
  /** See `Role.ready`. */
  readonly ready: Promise<void>
  /** Never fails: what a role could not do any more is told as a bug. */
  close(): Promise<void>
}

/** `begin` gets the way to end whatever has been opened so far, before the first role is. */
export function openRoles(means: RoleMeans, begin: (end: () => Promise<void>) => void, rows = table): Roles {
  let open: Role[] = []
  let closing: Promise<unknown> | undefined
  const ended = ({ name, close }: Role) =>
    Promise.resolve()
      .then(close)
      .catch((error: unknown) => means.onBug(new Error(`the role “${name}” did not close`, { cause: error })))
  const close = async () => {
    closing ??= Promise.all(open.toReversed().map(ended))
    open = []
    await closing
  }
  begin(close)
  for (const [name, row] of Object.entries(rows)) open.push({ name, ...row(means) })
  return {
    wake() {
      for (const role of open) role.wake()
    },
    changed() {
      for (const role of open) role.changed?.()
    },
    ready: Promise.all(open.map((role) => role.ready)).then(() => undefined),
    close,
  }
}

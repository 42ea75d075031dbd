// What the system tells of the computer's surroundings: on battery or mains, on a metered network or not, and in which time zone.
// Guarantees: never waits long and never fails; where the system does not tell, the answer is undefined, which holds nothing up.
// Linux tells by itself; elsewhere the desktop program passes on what its own toolkit knows.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { numberOf, openSystemBus } from './session-bus.ts'

/** Where Linux lists chargers and batteries (kernel documentation, "ABI/testing/sysfs-class-power"). */
const powerSupplies = '/sys/class/power_supply'

/** Milliseconds for an answer over D-Bus. */
const patience = 2000

/** True while no charger is plugged in and a battery of the computer itself is being emptied. Undefined: no battery, or nothing is known. */
export async function onBattery(folder = powerSupplies): Promise<boolean | undefined> {
  const names = await readdir(folder).catch(() => [])
  const supplies = await Promise.all(
    names.map(async (name) => {
      const read = (file: string) =>
        readFile(join(folder, name, file), 'utf8').then(
          (text) => text.trim(),
          () => '',
        )
      const [type, online, status, scope] = await Promise.all(['type', 'online', 'status', 'scope'].map(read))
      return { type, online, status, scope }
    }),
  )
  // `scope` Device: the battery of a mouse or a headset.
  const own = supplies.filter(({ scope }) => scope !== 'Device')
  if (own.some(({ type, online }) => type !== 'Battery' && online === '1')) return false
  const batteries = own.filter(({ type }) => type === 'Battery')
  return batteries.length === 0 ? undefined : batteries.some(({ status }) => status === 'Discharging')
}

const network = 'org.freedesktop.NetworkManager'

/** NetworkManager's own judgement of the connection in use: NMMetered is 1 = yes, 3 = guessed yes, 2 and 4 = no, 0 = unknown. */
export async function onMeteredNetwork(env: NodeJS.ProcessEnv = process.env): Promise<boolean | undefined> {
  if (process.platform !== 'linux') return undefined
  try {
    const bus = await openSystemBus(env, patience)
    try {
      const metered = numberOf(
        await bus.call({
          destination: network,
          path: '/org/freedesktop/NetworkManager',
          interface: 'org.freedesktop.DBus.Properties',
          member: 'Get',
          args: [network, 'Metered'],
        }),
      )
      return metered === undefined || metered === 0 ? undefined : metered === 1 || metered === 3
    } finally {
      bus.close()
    }
  } catch {
    return undefined
  }
}

/** The time zone in force now, also when it was changed while this process runs. */
export function currentZone(): string {
  // Any change of TZ, even this one that changes nothing, makes Node look the system's zone up again.
  if (process.env.TZ === undefined) delete process.env.TZ
  return new Intl.DateTimeFormat().resolvedOptions().timeZone
}

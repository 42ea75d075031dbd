// Whether this desktop shows tray icons at all. Linux desktops do so through a "host" that a panel, or an extension of it, registers on the
// session bus; plain GNOME has none. Elsewhere the system itself shows them.
// Source: freedesktop.org StatusNotifierItem, "StatusNotifierWatcher". Guarantees: an answer within the limit; no answer means no host.
import { isTrue, openSessionBus } from '../core/lib/session-bus.ts'

/** For one look (ms). */
const limit = 3000

export async function hasTrayHost(env: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  if (process.platform !== 'linux') return true
  try {
    const bus = await openSessionBus(env, limit)
    try {
      const reply = await bus.call({
        destination: 'org.kde.StatusNotifierWatcher',
        path: '/StatusNotifierWatcher',
        interface: 'org.freedesktop.DBus.Properties',
        member: 'Get',
        args: ['org.kde.StatusNotifierWatcher', 'IsStatusNotifierHostRegistered'],
      })
      return isTrue(reply)
    } finally {
      bus.close()
    }
  } catch {
    return false
  }
}

// A notification of the desktop with one button that leads to the window.
// Guarantees: the button is in the language of the window. On Linux Electron gives it an English word (“View”), so the notification is sent there over the session bus
// (Desktop Notifications Specification 1.2); where there is no such bus, or it does not answer, Electron shows it all the same.
import type { EventEmitter } from 'node:events'
import { join } from 'node:path'
import type { MessageBus } from '@jellybrick/dbus-next'
import { Notification } from 'electron'

export interface Told {
  readonly title: string
  /** Plain text. */
  readonly body: string
  readonly button: string
}

/** Each is called once at most; after `clicked` nothing else is. */
export interface Hearing {
  clicked(): void
  closed(): void
  failed(reason: unknown): void
}

export interface Shown {
  close(): void
}

export function showNotification(told: Told, hearing: Hearing): Shown {
  if (process.platform !== 'linux') return showByElectron(told, hearing)
  let ended = false
  let shown: Shown | undefined
  const become = (one: Shown) => {
    shown = one
    if (ended) one.close()
  }
  showOnBus(told, hearing).then(become, () => ended || become(showByElectron(told, hearing)))
  return {
    close() {
      ended = true
      shown?.close()
    },
  }
}

function showByElectron({ title, body }: Told, { clicked, closed, failed }: Hearing): Shown {
  const notification = new Notification({ title, body: markup(body) })
  notification.on('click', clicked)
  notification.on('close', closed)
  notification.on('failed', (_event, error) => failed(error))
  notification.show()
  return notification
}

/** Text where the desktop takes it for markup (Linux: Desktop Notifications Specification 1.2, "Markup"). */
function markup(text: string): string {
  if (process.platform !== 'linux') return text
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

// --- the session bus --------------------------------------------------------------------------------------------------

/** Beside the compiled program. */
const icon = join(import.meta.dirname, '../../resources/icons/128.png')

const service = 'org.freedesktop.Notifications'
const at = { destination: service, path: '/org/freedesktop/Notifications', interface: service } as const
/** How long a bus may take to answer (ms). */
const patience = 5000

/** Those that are shown, by the number that the desktop gave them; `from`: the bus name of the one who gave it. */
const heard = new Map<number, { readonly hearing: Hearing; readonly from: string | undefined }>()
let connection: Promise<Bus> | undefined

interface Answer {
  readonly body: unknown[]
  readonly sender?: string | undefined
}

interface Bus {
  readonly bus: MessageBus
  call(member: string, signature: string, body: unknown[]): Promise<Answer>
}

async function showOnBus({ title, body: text, button }: Told, hearing: Hearing): Promise<Shown> {
  connection ??= connect()
  const { call } = await connection
  const actions = ['default', button]
  const {
    body: [id],
    sender,
  } = await call('Notify', 'susssasa{sv}i', ['Arche', 0, icon, title, markup(text), actions, {}, -1])
  if (typeof id !== 'number') throw new Error('the desktop gave no number')
  heard.set(id, { hearing, from: sender })
  return {
    close() {
      heard.delete(id)
      call('CloseNotification', 'u', [id]).catch(() => undefined)
    },
  }
}

/** Rejects, and is tried anew the next time, where there is no bus. */
async function connect(): Promise<Bus> {
  const { Message, sessionBus } = await import('@jellybrick/dbus-next')
  return new Promise<Bus>((resolve, reject) => {
    const lost = (reason: unknown) => {
      connection = undefined
      for (const { hearing } of heard.values()) hearing.closed()
      heard.clear()
      reject(reason)
    }
    try {
      const bus = sessionBus()
      // The package declares no such event, and emits it.
      const failing: EventEmitter = bus
      failing.on('error', lost)
      bus.on(
        'message',
        ({ interface: of, member, body, sender }) =>
          // Later than what the answer to `Notify` leads to: both may have come at once.
          of === service && setImmediate(hear, String(member), body, sender),
      )
      const call = async (member: string, signature: string, body: unknown[]) =>
        (await within(bus.call(new Message({ ...at, member, signature, body })))) ?? { body: [] }
      const rule = `type='signal',interface='${service}'`
      const match = new Message({
        destination: 'org.freedesktop.DBus',
        path: '/org/freedesktop/DBus',
        interface: 'org.freedesktop.DBus',
        member: 'AddMatch',
        signature: 's',
        body: [rule],
      })
      within(bus.call(match)).then(() => resolve({ bus, call }), lost)
    } catch (error) {
      lost(error)
    }
  })
}

/** Anybody on the bus may send us anything: only who showed it is believed. */
function hear(member: string, [id]: unknown[], sender: string | undefined): void {
  const { hearing, from } = heard.get(Number(id)) ?? {}
  if (!hearing || sender !== from || (member !== 'ActionInvoked' && member !== 'NotificationClosed')) return
  heard.delete(Number(id))
  if (member === 'ActionInvoked') hearing.clicked()
  else hearing.closed()
}

function within<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the session bus does not answer')), patience)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

// A desktop for one test: a session bus of its own, a panel that shows tray icons, and a service that shows notifications.
// Guarantees: Arche's own D-Bus traffic arrives here over a real bus, and what a person would click goes the same way back. No other service
// can be started on this bus, so there is neither a keychain nor anything of the machine that the tests run on.
// Sources: freedesktop.org StatusNotifierItem, com.canonical.dbusmenu, Desktop Notifications Specification 1.2.
import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Message, type MessageBus, MessageType, sessionBus, Variant } from '@jellybrick/dbus-next'

const watcher = 'org.kde.StatusNotifierWatcher'
const notifications = 'org.freedesktop.Notifications'

export interface MenuEntry {
  id: number
  label: string
  enabled: boolean
  children: MenuEntry[]
}

export interface Notified {
  id: number
  title: string
  body: string
  actions: string[]
}

export interface Icon {
  width: number
  height: number
  /** ARGB, rows from the top. */
  pixels: Buffer
}

export class Panel {
  readonly notified: Notified[] = []
  readonly #daemon: ChildProcess
  readonly #bus: MessageBus
  readonly #news = new EventEmitter()
  #items: { service: string; path: string }[] = []

  private constructor(
    readonly address: string,
    daemon: ChildProcess,
    bus: MessageBus,
  ) {
    this.#daemon = daemon
    this.#bus = bus
    bus.addMethodHandler((message) => this.#answer(message))
  }

  /** A bus with a notification service, and no tray yet. */
  static async start(folder: string): Promise<Panel> {
    mkdirSync(folder, { recursive: true })
    const address = `unix:path=${join(folder, 'bus')}`
    const config = join(folder, 'bus.conf')
    writeFileSync(
      config,
      `<busconfig><type>session</type><listen>${address}</listen><policy context="default"><allow send_destination="*"/>` +
        '<allow receive_sender="*"/><allow own="*"/></policy></busconfig>',
    )
    const daemon = spawn('dbus-daemon', [`--config-file=${config}`, '--nofork', '--print-address'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(daemon.stdout, 'data')
    const bus = sessionBus({ busAddress: address })
    const panel = new Panel(address, daemon, bus)
    await bus.requestName(notifications)
    return panel
  }

  /** What a program in this session gets. */
  get env(): Record<string, string> {
    return { DBUS_SESSION_BUS_ADDRESS: this.address, XDG_CURRENT_DESKTOP: 'KDE' }
  }

  /** From now on the panel shows tray icons. */
  async showTray(): Promise<void> {
    await this.#bus.requestName(watcher)
  }

  async close(): Promise<void> {
    this.#bus.disconnect()
    const gone = once(this.#daemon, 'exit')
    this.#daemon.kill('SIGTERM')
    await gone
  }

  // --- the tray -------------------------------------------------------------------------------------------------------

  /** Waits until exactly one program shows an icon. */
  async icon(): Promise<void> {
    while (this.#items.length === 0) await once(this.#news, 'item')
  }

  /** One that a program shows from now on. */
  async nextIcon(): Promise<void> {
    await once(this.#news, 'item')
  }

  get icons(): number {
    return this.#items.length
  }

  async tooltip(): Promise<string> {
    const tip = (await this.#property('ToolTip')) as [string, unknown, string, string]
    return spaced([tip[2], tip[3]].filter((part) => part !== '').join('\n'))
  }

  async image(): Promise<Icon> {
    const [[width, height, pixels]] = (await this.#property('IconPixmap')) as [[number, number, Buffer]]
    return { width, height, pixels: Buffer.from(pixels) }
  }

  /** A click on the icon. */
  async click(): Promise<void> {
    await this.#call(await this.#item(), 'org.kde.StatusNotifierItem', 'Activate', 'ii', [0, 0])
  }

  async menu(): Promise<MenuEntry[]> {
    const [, root] = (await this.#call(await this.#menuPath(), 'com.canonical.dbusmenu', 'GetLayout', 'iias', [
      0,
      -1,
      [],
    ])) as [number, RawEntry]
    return entryOf(root).children
  }

  /** Chooses an entry by its words, going down where several are given. */
  async choose(...labels: string[]): Promise<void> {
    let entries = await this.menu()
    let entry: MenuEntry | undefined
    for (const label of labels) {
      entry = entries.find((one) => one.label === label)
      if (!entry) throw new Error(`no "${label}" among ${entries.map((one) => one.label).join(' | ')}`)
      entries = entry.children
    }
    const body = [entry?.id, 'clicked', new Variant('s', ''), 0]
    const face = 'com.canonical.dbusmenu'
    // A program that quits does not answer.
    await this.#call(await this.#menuPath(), face, 'Event', 'isvu', body).catch((error: Error) => {
      if (!error.message.includes('disconnected')) throw error
    })
  }

  async #item(): Promise<{ service: string; path: string }> {
    await this.icon()
    return this.#items.at(-1) as { service: string; path: string }
  }

  async #menuPath(): Promise<{ service: string; path: string }> {
    const { service } = await this.#item()
    return { service, path: String(await this.#property('Menu')) }
  }

  async #property(name: string): Promise<unknown> {
    const body = ['org.kde.StatusNotifierItem', name]
    const [value] = await this.#call(await this.#item(), 'org.freedesktop.DBus.Properties', 'Get', 'ss', body)
    return (value as Variant).value
  }

  // --- notifications --------------------------------------------------------------------------------------------------

  /** Waits for one whose title or text holds these words. */
  async notification(words: string): Promise<Notified> {
    for (;;) {
      const found = this.notified.find(({ title, body }) => `${title}\n${body}`.includes(words))
      if (found) return found
      await once(this.#news, 'notified')
    }
  }

  clickNotification({ id }: Notified): void {
    const signal = (member: string, signature: string, body: unknown[]) =>
      this.#bus.send(Message.newSignal('/org/freedesktop/Notifications', notifications, member, signature, body))
    signal('ActionInvoked', 'us', [id, 'default'])
    signal('NotificationClosed', 'uu', [id, 2])
  }

  // --- the bus --------------------------------------------------------------------------------------------------------

  async #call(at: { service: string; path: string }, face: string, member: string, signature: string, body: unknown[]) {
    const destination = at.service
    const reply = await this.#bus.call(
      new Message({ destination, path: at.path, interface: face, member, signature, body }),
    )
    return reply?.body ?? []
  }

  /** True: answered. */
  #answer(message: Message): boolean {
    if (message.type !== MessageType.METHOD_CALL) return false
    const reply = (signature: string, body: unknown[]) => {
      this.#bus.send(Message.newMethodReturn(message, signature, body))
      return true
    }
    const body = message.body as unknown[]
    switch (`${message.interface}.${message.member}`) {
      case `${watcher}.RegisterStatusNotifierItem`: {
        const named = String(body[0])
        const service = named.startsWith('/') ? String(message.sender) : named
        this.#items = [{ service, path: named.startsWith('/') ? named : '/StatusNotifierItem' }]
        this.#news.emit('item')
        return reply('', [])
      }
      case 'org.freedesktop.DBus.Properties.Get':
        return reply('v', [new Variant('b', true)])
      case `${notifications}.GetCapabilities`:
        return reply('as', [['body', 'body-markup', 'actions']])
      case `${notifications}.GetServerInformation`:
        return reply('ssss', ['panel', 'arche', '1', '1.2'])
      case `${notifications}.Notify`: {
        const id = this.notified.length + 1
        const [title, text] = [spaced(String(body[3])), spaced(String(body[4]))]
        this.notified.push({ id, title, body: text, actions: body[5] as string[] })
        this.#news.emit('notified')
        return reply('u', [id])
      }
      case `${notifications}.CloseNotification`:
        return reply('', [])
      default:
        return false
    }
  }
}

/** Spaces of French typography as ordinary ones. */
function spaced(text: string): string {
  return text.replace(/[\u00a0\u202f]/g, ' ')
}

type RawEntry = [number, Record<string, Variant>, Variant<RawEntry>[]]

function entryOf([id, properties, children]: RawEntry): MenuEntry {
  return {
    id,
    // One underscore marks a letter of the keyboard.
    label: spaced(String(properties.label?.value ?? '').replace(/_(.)/g, '$1')),
    enabled: properties.enabled?.value !== false,
    children: children.map((child) => entryOf(child.value)),
  }
}

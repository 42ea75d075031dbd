// The tray icon: shows what tray-view.ts says, and hands on what a person chooses in its menu.
// Guarantees: image, tooltip and menu are touched only when they change (an open menu would close); where the desktop shows no tray icons,
// `visible` says so, and the icon appears as soon as a panel begins to show them. Holds no logic about backups.
import { join } from 'node:path'
import { Menu, type MenuItemConstructorOptions, type NativeImage, nativeImage, nativeTheme, Tray } from 'electron'
import type { AppState, Language } from '../core/api/model.ts'
import type { Protection } from '../core/api/protection-model.ts'
import { hasTrayHost } from './tray-host.ts'
import { type TrayCommand, type TrayItem, type TrayView, trayView } from './tray-view.ts'

/** How often a desktop without a tray is looked at again, and how often "today" may have become "yesterday" (ms); and at the beginning, when
 * the panel may be starting like us. */
const pace = 30_000
const firstPace = 2000
const firstLooks = 30

export interface TrayParts {
  /** resources/tray */
  images: string
  state(): Partial<AppState>
  language(): Language
  act(command: TrayCommand): void
  notice(text: string, error: unknown): void
}

export class TrayIcon {
  readonly #parts: TrayParts
  #timer: NodeJS.Timeout | undefined
  #looks = 0
  #tray: Tray | undefined
  #shown: { image: string; tooltip: string; menu: string } | undefined
  #host = false
  #closed = false

  constructor(parts: TrayParts) {
    this.#parts = parts
    this.#make()
    void this.#look()
    nativeTheme.on('updated', this.update)
  }

  /** A person can see it. */
  get visible(): boolean {
    return this.#host && this.#tray !== undefined
  }

  readonly update = (): void => {
    const tray = this.#tray
    if (this.#closed || !tray) return
    const { images, state, language, act } = this.#parts
    const view = trayView(state(), language(), Date.now())
    const next = { image: imageName(view.level), tooltip: view.tooltip, menu: JSON.stringify(view.menu) }
    const before = this.#shown
    this.#shown = next
    if (next.image !== before?.image) tray.setImage(load(images, next.image))
    if (next.tooltip !== before?.tooltip) tray.setToolTip(next.tooltip)
    if (next.menu !== before?.menu) tray.setContextMenu(menuOf(view, act))
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    nativeTheme.off('updated', this.update)
    this.#tray?.destroy()
    this.#tray = undefined
  }

  #make(): void {
    try {
      this.#tray?.destroy()
      this.#shown = undefined
      const level = this.#parts.state().protection?.level ?? 'unset'
      this.#tray = new Tray(load(this.#parts.images, imageName(level)))
      this.#tray.on('click', () => this.#parts.act('open'))
      this.update()
    } catch (error) {
      this.#tray = undefined
      this.#parts.notice('there is no tray icon', error)
    }
  }

  /** Electron looks for a host only when an icon is made: one that comes later (a panel that starts after us) needs a new icon. */
  async #look(): Promise<void> {
    const host = await hasTrayHost()
    if (this.#closed) return
    const first = this.#looks === 0
    const appeared = host && !this.#host && !first
    this.#host = host
    if (appeared) this.#make()
    else this.update()
    this.#looks += 1
    this.#timer = setTimeout(() => void this.#look(), host || this.#looks > firstLooks ? pace : firstPace)
  }
}

function menuOf(view: TrayView, act: (command: TrayCommand) => void): Menu {
  const choose = (text: string, command: TrayCommand) => ({ label: plain(text), click: () => act(command) })
  const entry = (item: TrayItem): MenuItemConstructorOptions => {
    if (item.kind === 'line') return { type: 'separator' }
    if (item.kind === 'text') return { label: plain(item.text), enabled: false }
    if (item.kind === 'command') return choose(item.text, item.command)
    return { label: plain(item.text), submenu: item.items.map(({ text, command }) => choose(text, command)) }
  }
  return Menu.buildFromTemplate(view.menu.map(entry))
}

/** In a menu, one `&` marks a letter of the keyboard. */
function plain(text: string): string {
  return text.replaceAll('&', '&&')
}

/** The image for this level on this desktop's panel, without `.png`. */
function imageName(level: Protection['level']): string {
  if (process.platform === 'darwin') return `${level}Template`
  const small = process.platform === 'win32' ? '-small' : ''
  return `${level}-${isDarkPanel() ? 'dark' : 'light'}${small}`
}

/** GNOME's panel, and those made after it, is dark whatever the theme of the programs is. */
function isDarkPanel(): boolean {
  if (process.platform === 'win32') return nativeTheme.shouldUseDarkColorsForSystemIntegratedUI
  return nativeTheme.shouldUseDarkColors || /gnome|unity|pantheon|budgie/i.test(process.env.XDG_CURRENT_DESKTOP ?? '')
}

function load(folder: string, name: string): NativeImage {
  return nativeImage.createFromPath(join(folder, `${name}.png`))
}

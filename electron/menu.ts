// The menus, as small as they can be: quitting, editing text, size of the text, about. Developer tools only in development.
// Guarantees: in the language of the window; nothing in them changes data.
import { type App, Menu, type MenuItemConstructorOptions } from 'electron'
import type { Language } from '../core/api/model.ts'
import { translator } from '../core/api/text/text.ts'

export interface MenuOptions {
  language: Language
  development: boolean
  showDataFolder(): void
  showHelp(): void
  icon: string
}

export function setMenu(app: App, options: MenuOptions): void {
  const t = translator(options.language)
  app.setAboutPanelOptions({
    applicationName: 'Arche',
    applicationVersion: app.getVersion(),
    copyright: t('desktop.about'),
    credits: 'MIT',
    iconPath: options.icon,
  })
  const item = (role: NonNullable<MenuItemConstructorOptions['role']>, key: string) => ({
    role,
    label: t(`desktop.menu.${key}`),
  })
  const line = { type: 'separator' } as const
  const quit = item('quit', 'quit')
  const about = item('about', 'about')
  const mac = process.platform === 'darwin'
  const own: MenuItemConstructorOptions = mac
    ? {
        label: 'Arche',
        submenu: [
          about,
          line,
          item('hide', 'hide'),
          item('hideOthers', 'hideOthers'),
          item('unhide', 'showAll'),
          line,
          quit,
        ],
      }
    : { label: t('desktop.menu.file'), submenu: [{ ...quit, accelerator: 'CommandOrControl+Q' }] }
  const editing: MenuItemConstructorOptions[] = [
    item('undo', 'undo'),
    item('redo', 'redo'),
    line,
    item('cut', 'cut'),
    item('copy', 'copy'),
    item('paste', 'paste'),
    line,
    item('selectAll', 'selectAll'),
  ] // prettier-ignore
  const viewing: MenuItemConstructorOptions[] = [
    item('zoomIn', 'zoomIn'),
    item('zoomOut', 'zoomOut'),
    item('resetZoom', 'zoomReset'),
    line,
    item('togglefullscreen', 'fullScreen'),
  ] // prettier-ignore
  if (options.development) viewing.push(line, item('reload', 'reload'), item('toggleDevTools', 'developer'))
  // The page answers to the key itself.
  const help: MenuItemConstructorOptions = {
    label: t('desktop.menu.helpPage'),
    accelerator: 'F1',
    registerAccelerator: false,
    click: options.showHelp,
  }
  const folder = { label: t('desktop.menu.logFolder'), click: options.showDataFolder }
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      own,
      { label: t('desktop.menu.edit'), submenu: editing },
      { label: t('desktop.menu.view'), submenu: viewing },
      { label: t('desktop.menu.help'), submenu: mac ? [help, folder] : [help, line, folder, line, about] },
    ]),
  )
}

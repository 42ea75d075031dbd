// What only a desktop can do for the page: the system's own dialogs, printing, showing a folder, starting again or at login.
// Guarantees: a file is read or written only after the person pointed at it in the system's dialog; a folder is shown, a file is never
// opened; inputs are checked by the contract. Holds no backup logic.
import { constants } from 'node:fs'
import { open, realpath, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { implement } from '@orpc/server'
import { app, type BrowserWindow, dialog, shell } from 'electron'
import { type DesktopFacts, shellContract } from '../core/api/desktop.ts'
import { Failure } from '../core/api/failure.ts'
import type { Language } from '../core/api/model.ts'
import { translator } from '../core/api/text/text.ts'
import { visible } from '../core/api/text/visible.ts'
import { fromErrno, writeDurably } from '../core/lib/files.ts'
import type { Autostart } from './autostart.ts'
import { toPdf, toPrinter } from './paper.ts'
import type { Wanted } from './wanted.ts'

/** A key or an exported list of plans is far smaller. */
const largestFile = 10_000_000

export interface Desk {
  window(): BrowserWindow
  language(): Language
  /** Starts again, in good order, unless the person wants to keep what is not saved. */
  restart(): void
  /** The page holds something that is not saved, or holds it no more. */
  holds(unsaved: boolean): void
  wanted: Wanted
  autostart: Autostart
  /** The desktop shows our tray icon. */
  tray(): boolean
}

export type ShellRouter = ReturnType<typeof createShell>

export function createShell(desk: Desk) {
  const os = implement(shellContract)
  return os.router({
    chooseFolders: os.chooseFolders.handler(async ({ input }) => {
      const chosen = await dialog.showOpenDialog(desk.window(), {
        title: input.title,
        properties: [
          'openDirectory',
          'createDirectory',
          'dontAddToRecent',
          ...(input.several ? (['multiSelections'] as const) : []),
        ],
      })
      return chosen.canceled ? [] : chosen.filePaths
    }),
    chooseFile: os.chooseFile.handler(async ({ input }) => {
      const chosen = await dialog.showOpenDialog(desk.window(), {
        title: input.title,
        filters: filters(input.extensions, desk.language()),
        properties: ['openFile', 'dontAddToRecent'],
      })
      const path = chosen.filePaths[0]
      return chosen.canceled || path === undefined
        ? null
        : { name: basename(path), text: await readText(path, desk.language()) }
    }),
    saveText: os.saveText.handler(({ input }) => save(desk, input, async () => input.text)),
    savePdf: os.savePdf.handler(({ input }) => save(desk, input, () => toPdf(input.html))),
    print: os.print.handler(async ({ input }) => ({ printed: await toPrinter(input.html) })),
    showFolder: os.showFolder.handler(async ({ input }) => {
      await showFolder(input.path)
      return {}
    }),
    restart: os.restart.handler(() => {
      desk.restart()
      return {}
    }),
    holds: os.holds.handler(({ input }) => {
      desk.holds(input.unsaved)
      return {}
    }),
    wanted: os.wanted.handler(({ signal }) => desk.wanted.follow(signal)),
    desktop: os.desktop.handler(() => factsOf(desk)),
    startAtLogin: os.startAtLogin.handler(async ({ input }) => {
      await desk.autostart.set(input.on, desk.language())
      return factsOf(desk)
    }),
  })
}

async function factsOf({ autostart, tray }: Desk): Promise<DesktopFacts> {
  return { startAtLogin: await autostart.isOn(), tray: tray() }
}

async function save(desk: Desk, input: { title: string; name: string }, content: () => Promise<string | Uint8Array>) {
  const name = plainName(input.name)
  const chosen = await dialog.showSaveDialog(desk.window(), {
    title: input.title,
    defaultPath: join(app.getPath('documents'), name),
    filters: filters([extname(name).slice(1)], desk.language()),
    properties: ['createDirectory', 'showOverwriteConfirmation', 'dontAddToRecent'],
  })
  if (chosen.canceled || !chosen.filePath) return null
  await writeDurably(chosen.filePath, await content())
  return { path: chosen.filePath }
}

/** A suggested file name that any file system takes and that leads nowhere else. */
function plainName(name: string): string {
  const plain = name
    .replace(/[\p{Cc}\p{Cf}/\\:*?"<>|]/gu, ' ')
    .replace(/^[.\s]+/, '')
    .trim()
  return plain.slice(0, 120) || 'arche'
}

function filters(extensions: string[], language: Language) {
  const known = extensions
    .map((extension) => extension.replace(/^\./, ''))
    .filter((extension) => /^[a-z0-9]+$/i.test(extension))
  const all = { name: translator(language)('desktop.dialog.allFiles'), extensions: ['*'] }
  return known.length === 0
    ? [all]
    : [{ name: known.map((extension) => `*.${extension}`).join(', '), extensions: known }, all]
}

async function readText(path: string, language: Language): Promise<string> {
  const name = visible(basename(path))
  const refuse = (why: string, cause?: unknown) =>
    new Failure('bad-input', { reason: translator(language)(`desktop.file.${why}`, { name }) }, { cause })
  try {
    // Without O_NONBLOCK, opening a pipe would wait for a writer for ever.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const found = await file.stat()
      if (!found.isFile() || found.size > largestFile) throw refuse('tooLarge')
      return new TextDecoder('utf-8', { fatal: true }).decode(await file.readFile())
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof TypeError) throw refuse('notText', error)
    throw fromErrno(error, { path })
  }
}

/** Only a folder that exists: the system would start or open anything else. */
async function showFolder(path: string): Promise<void> {
  const folder = await realpath(path).catch((error: unknown) => {
    throw fromErrno(error, { path, name: path })
  })
  if (!(await stat(folder)).isDirectory()) throw new Failure('not-found', { name: path })
  // On macOS a folder with an extension may be a program, which would be started.
  if (process.platform === 'darwin' && extname(folder) !== '') return shell.showItemInFolder(folder)
  const problem = await shell.openPath(folder)
  if (problem !== '') throw new Failure('tool-failed', { tool: 'xdg-open', status: '', stderr: problem })
}

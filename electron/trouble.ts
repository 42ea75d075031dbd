// What the person sees when something is wrong with the program itself: it cannot start, the page died, or there is a bug.
// Guarantees: sentences from the catalogue and never a stack (that is in the log); at most one dialog about bugs at a time.
import { type BrowserWindow, dialog, type MessageBoxOptions } from 'electron'
import { toProblem } from '../core/api/failure.ts'
import type { Language } from '../core/api/model.ts'
import { describe as inWords, translator } from '../core/api/text/text.ts'
import type { Log } from './log.ts'

export interface TroubleParts {
  log: Log
  language(): Language
  window(): BrowserWindow | undefined
}

export interface Trouble {
  /** The engine could not be opened: true = try again, false = quit. */
  start(error: unknown): Promise<boolean>
  /** The page died: once it is simply loaded again; the second time the person decides. */
  crash(reason: string, again: boolean): Promise<boolean>
  /** A bug: logged, and told once at a time. */
  bug(error: unknown): void
}

export function tellTrouble(parts: TroubleParts): Trouble {
  let telling = false

  async function show(options: MessageBoxOptions): Promise<number> {
    const window = parts.window()
    const visible = window && !window.isDestroyed() && window.isVisible()
    const all = { noLink: true, cancelId: (options.buttons?.length ?? 1) - 1, ...options }
    return (await (visible ? dialog.showMessageBox(window, all) : dialog.showMessageBox(all))).response
  }

  return {
    async start(error) {
      parts.log.write('error', 'the engine could not be opened', error)
      const t = translator(parts.language())
      const { text, hint } = inWords(toProblem(error), parts.language())
      const buttons = [t('desktop.trouble.retry'), t('desktop.trouble.quit')]
      return (
        (await show({ type: 'error', title: t('desktop.trouble.start'), message: text, detail: hint, buttons })) === 0
      )
    },
    async crash(reason, again) {
      parts.log.write('error', `the page's process ended: ${reason}`)
      if (!again) return true
      const t = translator(parts.language())
      const options = {
        type: 'error' as const,
        title: t('desktop.trouble.crashTitle'),
        message: t('desktop.trouble.crashText'),
        detail: t('desktop.trouble.crashDetail', { log: parts.log.path }),
        buttons: [t('desktop.trouble.crashReload'), t('desktop.trouble.bugClose')],
      }
      return (await show(options)) === 0
    },
    bug(error) {
      parts.log.write('error', 'unexpected', error)
      if (telling) return
      telling = true
      const t = translator(parts.language())
      const options = {
        type: 'error' as const,
        title: t('desktop.trouble.bugTitle'),
        message: t('desktop.trouble.bugText'),
        detail: t('desktop.trouble.bugDetail', { log: parts.log.path }),
        buttons: [t('desktop.trouble.bugClose')],
      }
      show(options)
        .catch((failure: unknown) => parts.log.write('error', 'telling about it', failure))
        .finally(() => {
          telling = false
        })
    },
  }
}

// When the program may end. Closing the window does not cancel work: the window hides, the work goes on, a notification tells how it ended,
// then the program quits, unless it stays in the tray (see presence.ts). Quitting on purpose asks first when work is running, automatic
// backups would end with it, or something in the window is not saved; closing the window asks for the last too, unless the program stays, with the
// form as it is. The system (SIGTERM, shutdown) is obeyed at once.
// Guarantees: the engine is always closed before the program ends, so running work is cancelled consistently, never cut off.
import { type BrowserWindow, dialog, powerMonitor } from 'electron'
import { activeRuns } from '../core/api/active-runs.ts'
import type { AppState, Language, Run } from '../core/api/model.ts'
import { translator } from '../core/api/text/text.ts'
import { visible } from '../core/api/text/visible.ts'
import { killLater } from '../core/lib/ending.ts'
import { hiddenArgument } from './autostart.ts'
import { nextToTell } from './ended.ts'
import type { EngineLink } from './engine-link.ts'
import type { Presence } from './presence.ts'
import { bringForward } from './window.ts'
import { announce, barOf, titleOf } from './work.ts'

/** Time for which an untouched notification keeps the program running, in ms, so that a click on it can still open the window. */
const patience = 20_000

export interface LifeParts {
  app: Electron.App
  window: BrowserWindow
  engine: EngineLink
  /** Started without a window. */
  hidden: boolean
  presence(): Pick<Presence, 'stays' | 'schedules' | 'stayed' | 'close'> | undefined
  language(): Language
  notice(text: string, error: unknown): void
}

export class Life {
  readonly #parts: LifeParts
  #leaving = false
  /** The engine is closed. */
  #left = false
  /** The window is closed for the person, while work goes on. */
  #hidden = false
  #asking = false
  /** The page holds something that is not saved. */
  #unsaved = false
  /** The person has said that it can go. */
  #discarded = false
  #announcing = false
  #running: string[] = []
  /** The runs that ended behind the closed window and are not told yet. */
  #ended: readonly string[] = []

  constructor(parts: LifeParts) {
    this.#parts = parts
    this.#hidden = parts.hidden
    listen(parts, {
      leave: () => this.leave(),
      mayEnd: () => this.#left,
      closed: () => this.#closed(),
      quit: () => this.quit(),
    })
  }

  /** The state changed: task bar, title, and the end of work that went on behind a closed window. */
  changed(state: Partial<AppState>): void {
    const { window, language } = this.#parts
    const active = activeRuns(state)
    if (!window.isDestroyed()) {
      window.setProgressBar(barOf(active[0]))
      window.setTitle(titleOf(active[0], language()))
    }
    const ended = this.#running.filter((id) => !active.some((work) => work.id === id))
    if (this.#hidden) this.#ended = [...this.#ended, ...ended]
    this.#running = active.map((work) => work.id)
    if (this.#hidden && !this.#leaving && !this.#announcing && active.length === 0) this.#finish(state)
  }

  /** The window comes back (second start, click in the dock or on the notification). */
  show(): void {
    const { window } = this.#parts
    if (this.#leaving || window.isDestroyed()) return
    this.#hidden = false
    this.#discarded = false
    bringForward(window)
  }

  /** Asks where something would be lost, then ends the program. */
  quit(): void {
    const { engine, presence } = this.#parts
    this.#ask(this.#held(), () => {
      this.#discarded = this.#unsaved
      // As it is now: work may have begun while the person thought about the form.
      const ends: Reason[] = engine.busy() ? ['work'] : presence()?.schedules() ? ['schedule'] : []
      this.#ask(ends, () => this.leave())
    })
  }

  /** Starts the program again, as somebody in the window wishes. */
  restart(): void {
    this.#ask(this.#held(), () => this.leave(true))
  }

  /** Whether the page holds something that was typed and not saved. */
  hold(unsaved: boolean): void {
    if (unsaved === this.#unsaved) return
    this.#unsaved = unsaved
    this.#discarded = false
  }

  /** Ends the program without asking, in good order; then starts it again if asked to. */
  leave(again = false): void {
    if (this.#leaving) return
    this.#leaving = true
    const { app, window, engine, notice } = this.#parts
    // Who asks for a new start sits before the window.
    if (again) app.relaunch({ args: process.argv.slice(1).filter((one) => one !== hiddenArgument) })
    if (!window.isDestroyed()) window.hide()
    this.#parts.presence()?.close()
    engine
      .close()
      .catch((error: unknown) => notice('the engine did not close in good order', error))
      .finally(() => {
        this.#left = true
        // Electron waits for every thread at its end.
        if (engine.stuck()) killLater(process.pid, 5)
        app.quit()
      })
  }

  /** What stays in the background stays with its form; nothing is asked then. */
  #closed(): void {
    if (this.#stays()) this.#hide()
    else
      this.#ask(this.#held(), () => {
        this.#discarded = true
        if (this.#parts.engine.busy()) this.#hide()
        else this.leave()
      })
  }

  #held(): Reason[] {
    return this.#unsaved ? ['unsaved'] : []
  }

  /** One question after the other, as long as the person wants to go on; then the deed. */
  #ask(reasons: readonly Reason[], then: () => void): void {
    if (this.#leaving || this.#asking) return
    if (reasons.length === 0) {
      then()
      return
    }
    this.#asking = true
    askAll(this.#parts, reasons, this.#hidden)
      .then(({ choice, reason }) => {
        this.#asking = false
        if (choice === 'quit') then()
        else if (choice === 'hide') this.#hide()
        else {
          this.#discarded = false
          if (reason === 'unsaved') this.show()
        }
      })
      .catch((error: unknown) => {
        this.#asking = false
        this.#parts.notice('asking before leaving', error)
      })
  }

  /** Nobody asks behind a closed window: what is not saved brings it back instead of being lost. */
  #done(): void {
    if (this.#unsaved && !this.#discarded) this.show()
    else this.leave()
  }

  #hide(): void {
    this.#hidden = true
    this.#ended = []
    this.#parts.window.hide()
    if (this.#stays()) this.#parts.presence()?.stayed()
    // The work may have ended between the question and the answer.
    else if (!this.#parts.engine.busy()) this.#done()
  }

  #stays(): boolean {
    return this.#parts.presence()?.stays() ?? false
  }

  /** Nothing is left to do behind the closed window. The list of runs may learn of the end a moment after it. */
  #finish(state: Partial<AppState>): void {
    const stays = this.#stays()
    // How scheduled runs end is not told unless it is an alarm: nobody began them.
    const { run, left } = nextToTell(this.#ended, state.runs ?? [], stays ? 'manual' : 'all')
    this.#ended = left
    if (run) this.#announce(run)
    else if (!stays && left.length === 0 && !this.#parts.engine.busy()) this.#done()
  }

  #announce(run: Run): void {
    this.#announcing = true
    const over = (then: () => void) => () => {
      this.#announcing = false
      then()
    }
    const done = over(() => {
      if (this.#hidden && !this.#leaving && !this.#parts.engine.busy()) this.#finish(this.#parts.engine.state())
    })
    announce(run, this.#parts.language(), { open: over(() => this.show()), done, patience })
  }
}

interface Wishes {
  leave(): void
  /** The engine is closed: nothing keeps the program any more. */
  mayEnd(): boolean
  /** The person closed the window. */
  closed(): void
  quit(): void
}

/** Everybody who may want the program to end. */
function listen({ app, window }: LifeParts, wishes: Wishes): void {
  const unlessDone = (then: () => void) => (event: { preventDefault(): void }) => {
    if (wishes.mayEnd()) return
    event.preventDefault()
    then()
  }
  window.on('close', unlessDone(wishes.closed))
  app.on('before-quit', unlessDone(wishes.quit))
  app.on('window-all-closed', wishes.leave)
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, wishes.leave)
  // Electron's types leave out the event that delays the shutdown (documentation of powerMonitor, 'shutdown').
  powerMonitor.on('shutdown', (...[event]: { preventDefault(): void }[]) => {
    event?.preventDefault()
    wishes.leave()
  })
  // The title belongs to the work in progress, see work.ts.
  window.on('page-title-updated', (event) => event.preventDefault())
}

type Choice = 'stay' | 'hide' | 'quit'
type Reason = 'unsaved' | 'work' | 'schedule'

const wordsOf = {
  unsaved: 'desktop.leaveUnsaved',
  work: 'desktop.leave',
  schedule: 'desktop.leaveSchedule',
} as const satisfies Record<Reason, string>

/** The first answer that is not to go on, with what it was about, or the last one. */
async function askAll(parts: LifeParts, reasons: readonly Reason[], hidden: boolean) {
  let last: { choice: Choice; reason?: Reason } = { choice: 'quit' }
  for (const reason of reasons) {
    last = { choice: await askToLeave(parts, reason, hidden), reason }
    if (last.choice !== 'quit') return last
  }
  return last
}

async function askToLeave(parts: LifeParts, reason: Reason, hidden: boolean): Promise<Choice> {
  const t = translator(parts.language())
  const [work, ...more] = activeRuns(parts.engine.state())
  const gaps = { kind: t(`common.kind.${work?.kind ?? 'backup'}`), subject: visible(work?.subject ?? '') }
  const words = wordsOf[reason]
  const choices: { choice: Choice; label: string }[] = [
    { choice: 'stay', label: t(`${words}.stay`) },
    ...(hidden || reason === 'unsaved' ? [] : [{ choice: 'hide' as const, label: t(`${wordsOf[reason]}.hide`) }]),
    { choice: 'quit', label: t(`${words}.quit`) },
  ]
  const stays = parts.presence()?.stays() ?? false
  const options = {
    type: 'question' as const,
    title: t(`${words}.title`),
    message:
      reason === 'work' && more.length > 0
        ? t('desktop.leave.textMore', { ...gaps, count: more.length })
        : t(`${words}.text`, gaps),
    detail: t(reason === 'work' && stays ? `${words}.detailStays` : `${words}.detail`),
    buttons: choices.map(({ label }) => label),
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  }
  const { response } = hidden
    ? await dialog.showMessageBox(options)
    : await dialog.showMessageBox(parts.window, options)
  return choices[response]?.choice ?? 'stay'
}

// How the window feels while a backup runs: the real program in Electron, a backup started with its buttons, and the longest time for which
// its page, and its main process, did nothing else. What counts lies between the click that starts the backup and its result on the screen.
// Guarantees: the person's own display, settings, keychain and data folder are not touched; without Electron or a display nothing is guessed.
// Does not judge the figures. On a busy machine they contain what other programs took.
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { _electron, type ElectronApplication, type Page } from '@playwright/test'
import { startDisplay } from '../../build/display.mjs'
import type { WindowTimes } from './figures.ts'

export interface WindowScene {
  /** The Electron program, and the project's folder, with its compiled program. */
  readonly electron: string
  readonly root: string
  /** A data folder with key and medium. Its first plan is backed up; the archive stays on the medium. */
  readonly home: string
  /** Home of a person of its own. */
  readonly person: string
}

/** How often the main process is asked whether it answers, in ms. */
const resolution = 5

/** Longer than any backup of the bench, in ms. */
const patience = 600_000

/** Makes one backup in the window. Undefined: no display can be had here. */
export async function measureWindow(scene: WindowScene): Promise<WindowTimes | undefined> {
  const display = await startDisplay().catch(() => undefined)
  if (!display) return undefined
  try {
    return await inProgram(scene, display.name)
  } finally {
    await display.stop()
  }
}

async function inProgram(scene: WindowScene, display: string): Promise<WindowTimes> {
  const { electron, root, home, person } = scene
  const runtime = mkdtempSync(join(person, 'runtime-'))
  const program = await _electron.launch({
    executablePath: electron,
    args: [root],
    // No D-Bus, so no keychain.
    env: {
      PATH: process.env.PATH ?? '',
      HOME: person,
      XDG_RUNTIME_DIR: runtime,
      LANG: 'C.UTF-8',
      DISPLAY: display,
      ARCHE_HOME: home,
    },
  })
  try {
    const page = await program.firstWindow()
    page.setDefaultTimeout(60_000)
    await upToReview(page)
    const main = await watchMain(program)
    const times = await backUp(page)
    return { ...times, mainLongestTaskMs: await main.longest() }
  } finally {
    await end(program)
    rmSync(runtime, { recursive: true, force: true })
  }
}

async function upToReview(page: Page): Promise<void> {
  const next = page.getByTestId('wizard-next')
  const at = (step: string) => page.locator(`[data-testid="wizard"][data-step="${step}"]`).waitFor()
  await page.getByTestId('action-backup').click()
  await at('what')
  await page.getByTestId('plan-option').first().click()
  await next.click()
  await at('medium')
  await next.click()
  await at('review')
  await page.locator('[data-testid="wizard-next"]:enabled').waitFor()
}

/** The delay of a timer counts, as everything that a person does waits for the same loop. */
async function watchMain(program: ElectronApplication): Promise<{ longest(): Promise<number> }> {
  const delay = await program.evaluateHandle((_, resolution) => {
    const { monitorEventLoopDelay } = process.getBuiltinModule('node:perf_hooks')
    const delay = monitorEventLoopDelay({ resolution })
    delay.enable()
    return delay
  }, resolution)
  // Asking takes its time there too.
  await delay.evaluate((delay) => delay.reset())
  return { longest: async () => Math.max(0, (await delay.evaluate((delay) => delay.max)) / 1e6 - resolution) }
}

/** Clicks and waits within the page, so that nothing is asked of it from outside meanwhile. */
async function backUp(page: Page): Promise<Pick<WindowTimes, 'pageLongestTaskMs' | 'longestFrameMs'>> {
  const run = page.evaluate(async (patience) => {
    const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve))
    const tasks: number[] = []
    const note = (entries: PerformanceEntryList) => tasks.push(...entries.map(({ duration }) => duration))
    const observer = new PerformanceObserver((list) => note(list.getEntries()))
    let last = await frame()
    const end = last + patience
    observer.observe({ type: 'longtask' })
    let longestFrameMs = 0
    document.querySelector<HTMLElement>('[data-testid="wizard-next"]')?.click()
    let outcome: string | undefined
    while (outcome === undefined && last < end) {
      const now = await frame()
      longestFrameMs = Math.max(longestFrameMs, now - last)
      last = now
      outcome = document.querySelector<HTMLElement>('[data-testid="run-outcome"]')?.dataset.outcome
    }
    // A task is told of after it has ended.
    await frame()
    note(observer.takeRecords())
    return { outcome, pageLongestTaskMs: Math.max(0, ...tasks), longestFrameMs }
  }, patience)
  const { outcome, ...times } = await run
  if (outcome !== 'success') throw new Error(`the backup in the window ended ${outcome}`)
  return times
}

/** As the system does when the person logs out. */
async function end(program: ElectronApplication): Promise<void> {
  const child = program.process()
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

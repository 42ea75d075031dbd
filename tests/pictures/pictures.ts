// `npm run pictures`: the pictures of the README, of the real program with the data of tests/pictures/anna.ts. Started by build/pictures.mjs.
// Guarantees: nothing of this machine is seen in them: people, folders, drives and the name of the computer are made up.
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startDisplay } from '../../build/display.mjs'
import type { Desk } from '../e2e/desk.ts'
import { goTo } from '../e2e/steps.ts'
import { drives, furnish, lived, newDesk, plugIn, pull, user } from './anna.ts'

const folder = process.env.ARCHE_PICTURES ?? ''
const [width, height] = [1280, 800]

async function open(desk: Desk, language: 'en' | 'fr'): Promise<void> {
  const page = await desk.launch({
    locale: language === 'en' ? 'en_GB.UTF-8' : 'fr_FR.UTF-8',
    // Of the region too, for dates.
    env: { LANGUAGE: language === 'en' ? 'en_GB' : 'fr_FR' },
  })
  await desk.program.evaluate(
    ({ BrowserWindow }, [wide, high]) => BrowserWindow.getAllWindows()[0]?.setContentSize(wide ?? 0, high ?? 0),
    [width, height],
  )
  await page.waitForFunction((wide) => innerWidth === wide, width)
}

async function take({ page }: Desk, name: string, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  await page.mouse.move(width - 2, height - 2)
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' })
}

async function first(): Promise<void> {
  const desk = newDesk('first start')
  plugIn(desk, drives.stick, 16)
  await open(desk, 'en')
  await desk.page.getByTestId('first-backup').click()
  await desk.page.getByTestId('first-room').waitFor()
  await desk.page.waitForFunction(() =>
    document.querySelector('[data-testid=first-room]')?.textContent?.includes('room'),
  )
  await take(desk, 'first-start', 'light')
  await desk.end()
  pull(desk, drives.stick)
  await desk.close()
}

async function english(desk: Desk): Promise<void> {
  const { page } = desk
  await page.getByTestId('plan-row').nth(4).waitFor()
  await page.getByTestId('medium').nth(1).waitFor()
  await take(desk, 'overview', 'light')
  await page.locator('[data-testid="plan-row"][data-plan="Documents"]').getByTestId('plan-open').click()
  await page.getByTestId('plan-chart-stored').locator('path').first().waitFor()
  await take(desk, 'plan', 'dark')
  await goTo(desk, 'backups')
  await page.getByTestId('find-text').fill('budget')
  await page.getByTestId('found-file').first().waitFor()
  await page.locator('[data-path="Documents/Budget/Budget 2026.xlsx"]').getByTestId('found-file').click()
  await page.getByTestId('version').first().waitFor()
  await take(desk, 'search', 'light')
  await page.keyboard.press('Escape')
  await page.getByTestId('home').click()
  await page.getByTestId('place-open').first().click()
  await page.getByTestId('place-space').waitFor()
  await page.getByTestId('place-note').fill('In the safe, second shelf')
  await page.getByTestId('place-note-save').click()
  await take(desk, 'place', 'dark')
}

async function french(desk: Desk): Promise<void> {
  const { page } = desk
  await goTo(desk, 'backups')
  await page.getByTestId('backup-row').first().waitFor()
  await take(desk, 'calendar', 'light')
  await goTo(desk, 'activity')
  await page.getByTestId('run-row').first().waitFor()
  await take(desk, 'activity', 'dark')
}

/** Large enough that there is time for a picture. */
async function running(desk: Desk): Promise<void> {
  for (const [name, bytes] of [
    ['Interview with Dr Lenoir.wav', 420e6],
    ['Measurements 2026.h5', 380e6],
    ['Conference recording.mp4', 500e6],
  ] as const)
    writeFileSync(join(user, 'Website', name), randomBytes(bytes))
  await open(desk, 'en')
  const { page } = desk
  await page.locator('[data-testid="plan-row"][data-plan="Website"]').getByTestId('plan-start').click()
  await page.getByTestId('side-work').click()
  await page.waitForFunction(
    () => Number(document.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow')) > 40,
  )
  await take(desk, 'running', 'light')
}

const display = await startDisplay()
process.env.DISPLAY = display.name
delete process.env.WAYLAND_DISPLAY
furnish()
await first()
const desk = newDesk('arche')
try {
  await lived(desk)
  await open(desk, 'en')
  await english(desk)
  await desk.end()
  await open(desk, 'fr')
  await french(desk)
  await desk.end()
  await running(desk)
} finally {
  await desk.close()
  await display.stop()
}

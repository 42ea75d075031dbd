// The frame of the window: the side bar leads everywhere, by mouse and keyboard, in both languages and at the smallest size; wizards lead back.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Desk, expect, test } from './desk.ts'
import { type Area, atStep, goTo, next } from './steps.ts'

const sections = ['notifications', 'keys', 'security', 'background', 'help', 'about'] as const
const areas: readonly Area[] = ['backups', 'plans', 'places', 'activity', 'settings', ...sections]

async function resize({ program, page }: Desk, width: number, height: number): Promise<void> {
  await program.evaluate(({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]?.setContentSize(...size), [
    width,
    height,
  ] as [number, number])
  await expect.poll(() => page.evaluate(() => window.innerWidth)).toBe(width)
}

/** Nothing has to be scrolled sideways to be seen, but for what scrolls by itself. */
async function fits({ page }: Desk): Promise<void> {
  const over = await page.evaluate(() =>
    [...document.querySelectorAll('.frame, .frame-body, .sidebar')]
      .filter((box) => box.scrollWidth > box.clientWidth)
      .map((box) => box.className),
  )
  expect(over).toEqual([])
}

async function prepared(desk: Desk): Promise<void> {
  await desk.prepare({ label: 'STICK' })
  const documents = join(desk.user, 'Documents')
  writeFileSync(join(documents, 'a.txt'), 'first')
  await desk.run('backup', documents, '--to', desk.drives.path('STICK'), '--plan', 'Documents', '--yes')
}

test('Every area fits the smallest window and a large one, in French and in English', async ({ desk }) => {
  await prepared(desk)
  const page = await desk.launch()
  for (const language of ['fr', 'en']) {
    if (language === 'en') {
      await goTo(desk, 'settings')
      await page.getByTestId('language-select').click()
      await page.getByRole('option', { name: 'English' }).click()
      await expect(page.locator('html')).toHaveAttribute('lang', 'en')
    }
    for (const [width, height] of [
      [760, 560],
      [1400, 900],
    ] as const) {
      await resize(desk, width, height)
      await page.getByTestId('overview-link').click()
      await expect(page.getByTestId('status-block')).toBeVisible()
      await fits(desk)
      await desk.accessible(`overview-${language}-${width}`)
      for (const area of areas) {
        await goTo(desk, area)
        await fits(desk)
        await desk.picture(`${area}-${language}-${width}`)
      }
    }
  }
})

test('The side bar is led by the keyboard, and a wizard leads back to where it was opened', async ({ desk }) => {
  await prepared(desk)
  const page = await desk.launch()
  await page.getByTestId('home').focus()
  for (const name of ['overview', 'backups', 'plans']) {
    await page.keyboard.press('Tab')
    await expect(page.getByTestId(`${name}-link`)).toBeFocused()
  }
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Plans' })).toBeFocused()
  await expect(page.getByTestId('plans-link')).toHaveAttribute('aria-current', 'page')
  await expect(page.getByTestId('overview-link')).not.toHaveAttribute('aria-current')
  await page.getByTestId('plan-schedule').click()
  await atStep(desk, 'when')
  await expect(page.getByTestId('plans-link')).toBeHidden()
  await page.getByTestId('wizard-leave').click()
  await expect(page.getByTestId('plans-list')).toBeVisible()

  // A section keeps the keyboard.
  await goTo(desk, 'keys')
  await expect(page.getByTestId('keys-link')).toBeFocused()

  await goTo(desk, 'backups')
  const row = page.getByTestId('backup-row')
  await expect(row).toHaveCount(1)
  await desk.accessible('backups')
  await row.getByTestId('backup-restore').click()
  await atStep(desk, 'backup')
  await expect(page.getByTestId('artifact-option')).toBeChecked()
  await next(desk)
  await atStep(desk, 'password')
  await page.getByTestId('wizard-leave').click()
  await expect(row).toHaveCount(1)

  await goTo(desk, 'activity')
  await page.getByTestId('run-open').first().click()
  await expect(page.getByTestId('run-title')).toBeFocused()
  await page.getByRole('main').getByRole('button', { name: 'Activité' }).click()
  await expect(page.getByTestId('runs')).toBeVisible()
})

test('Before anything is set up, the side bar leads only to what makes sense', async ({ desk }) => {
  const page = await desk.launch()
  await atStep(desk, 'welcome')
  await expect(page.getByTestId('overview-link')).toBeHidden()
  await page.getByTestId('wizard-leave').click()
  await expect(page.getByTestId('overview-link')).toBeVisible()
  await expect(page.getByTestId('settings-link')).toBeVisible()
  await expect(page.getByTestId('plans-link')).toBeHidden()
})

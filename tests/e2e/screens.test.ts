// Every screen in both languages, light and dark, in the smallest window and at twice the size: nothing is cut off, covered or out of reach, and axe finds nothing.
// One start of the program for all of it.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Desk, expect, keyPassword, test } from './desk.ts'
import { layoutFaults } from './layout.ts'
import { atStep, goTo, newPassword, next } from './steps.ts'

/** Size of the window, factor of its contents, and theme. */
const sizes = [
  [1280, 800, 2, 'dark'],
  [760, 560, 1, 'light'],
] as const

interface Screen {
  readonly name: string
  open(desk: Desk): Promise<void>
}

const area = (name: Parameters<typeof goTo>[1]): Screen => ({ name, open: (desk) => goTo(desk, name) })

const wizard = (name: string, steps: number): Screen => ({
  name: `${name}-${steps}`,
  async open(desk) {
    await home(desk)
    await desk.page.getByTestId(`action-${name}`).click()
    await expect(desk.page.getByTestId('wizard')).toBeVisible()
    for (let step = 1; step < steps; step += 1) await next(desk)
  },
})

async function home({ page }: Desk): Promise<void> {
  await page.getByTestId('home').click()
  await expect(page.getByTestId('status-block')).toBeVisible()
}

const inArea = (name: string, from: Parameters<typeof goTo>[1], button: string, seen: string): Screen => ({
  name,
  async open(desk) {
    await goTo(desk, from)
    await desk.page.getByTestId(button).first().click()
    await expect(desk.page.getByTestId(seen).first()).toBeVisible()
  },
})

const screens: readonly Screen[] = [
  { name: 'overview', open: home },
  area('backups'),
  area('plans'),
  inArea('plan', 'plans', 'plan-edit', 'plan-save'),
  inArea('plan-new', 'plans', 'plan-new', 'plan-save'),
  area('places'),
  inArea('place', 'places', 'place-open', 'place-title'),
  {
    name: 'room',
    async open(desk) {
      const { page } = desk
      await goTo(desk, 'places')
      await page.getByTestId('place-open').first().click()
      await page.getByTestId('make-room').click()
      await expect(page.getByTestId('room-dialog').getByTestId('room-enough')).toBeVisible()
    },
  },
  inArea('place-server', 'places', 'place-add-server', 'place-save'),
  area('activity'),
  inArea('run', 'activity', 'run-open', 'run-title'),
  area('settings'),
  area('notifications'),
  area('keys'),
  area('security'),
  area('background'),
  {
    name: 'help',
    async open({ page }) {
      await page.keyboard.press('F1')
      await expect(page.getByTestId('help-page')).toBeVisible()
    },
  },
  area('about'),
  {
    name: 'help-beside',
    async open(desk) {
      await goTo(desk, 'plans')
      await desk.page.getByTestId('help-plan').click()
      await expect(desk.page.getByTestId('help-drawer')).toBeVisible()
    },
  },
  wizard('backup', 1),
  wizard('backup', 2),
  wizard('restore', 1),
  wizard('restore', 2),
  wizard('init', 1),
  wizard('key', 1),
  wizard('schedule', 1),
  wizard('schedule', 3),
]

async function resize({ program, page }: Desk, width: number, height: number, zoom: number): Promise<void> {
  await program.evaluate(
    ({ BrowserWindow }, size) => {
      const [window] = BrowserWindow.getAllWindows()
      window?.setContentSize(size.width, size.height)
      window?.webContents.setZoomFactor(size.zoom)
    },
    { width, height, zoom },
  )
  await expect.poll(() => page.evaluate(() => innerWidth)).toBe(width / zoom)
}

async function speak(desk: Desk, word: 'English' | 'Français', tag: 'en' | 'fr'): Promise<void> {
  const { page } = desk
  await goTo(desk, 'settings')
  await page.getByTestId('language-select').click()
  await page.getByRole('option', { name: word }).click()
  await expect(page.locator('html')).toHaveAttribute('lang', tag)
}

/** All that is wrong with the screen that is shown: its layout in each size, one of them light and one dark, and what axe says of both. */
async function faultsOf(desk: Desk, name: string): Promise<string[]> {
  const found: string[] = []
  for (const [width, height, zoom, colorScheme] of sizes) {
    await resize(desk, width, height, zoom)
    await desk.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const faults = await layoutFaults(desk.page)
    found.push(...faults.map((fault) => `${name}, ${width}×${height} at ${zoom}: ${fault}`))
  }
  // Told with the rest, so that one run finds all.
  await desk.accessible(name).catch((error: Error) => found.push(error.message))
  return found
}

async function prepared(desk: Desk): Promise<void> {
  await desk.prepare({ label: 'STICK' })
  const documents = join(desk.user, 'Documents')
  writeFileSync(join(documents, 'a.txt'), 'first')
  await desk.run(
    'backup',
    documents,
    '--to',
    desk.drives.path('STICK'),
    '--plan',
    'Comptes et factures du laboratoire',
    '--yes',
  )
}

test('Nothing is cut off, covered or out of reach, on any screen', async ({ desk }) => {
  test.setTimeout(900_000)
  await prepared(desk)
  const page = await desk.launch()
  const found: string[] = []
  for (const [word, tag] of [
    ['Français', 'fr'],
    ['English', 'en'],
  ] as const) {
    await resize(desk, 1280, 800, 1)
    await speak(desk, word, tag)
    for (const screen of screens) {
      await screen.open(desk)
      found.push(...(await faultsOf(desk, `${screen.name}-${tag}`)))
      await page.keyboard.press('Escape')
      await expect(page.getByTestId('wizard').or(page.getByRole('dialog'))).toBeHidden()
    }
  }
  expect(found).toEqual([])
})

test('Keys lead as the help lists them, the help goes to paper, and the theme is chosen', async ({ desk }) => {
  await prepared(desk)
  const page = await desk.launch({ locale: 'en_GB.UTF-8' })
  await home(desk)
  await page.keyboard.press('Control+,')
  await expect(page.getByTestId('settings-section')).toHaveAttribute('aria-current', 'page')
  await page.keyboard.press('F1')
  await expect(page.getByTestId('help-page')).toBeVisible()
  const paper = await desk.saveAs('help.pdf')
  await page.getByTestId('help-pdf').click()
  await expect(page.getByText('Saved: ')).toBeVisible()
  expect(readFileSync(paper).subarray(0, 5).toString()).toBe('%PDF-')
  await page.keyboard.press('Alt+ArrowLeft')
  await expect(page.getByTestId('settings-section')).toBeVisible()
  await page.keyboard.press('Control+b')
  await expect(page.getByTestId('wizard')).toBeVisible()
  // A chapter beside a question takes Escape first: the question stays.
  await page.keyboard.press('F1')
  await expect(page.getByTestId('help-drawer')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
  await expect(page.getByTestId('wizard')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByTestId('settings-section')).toBeVisible()

  // The switch for light and dark decides over the system.
  await page.emulateMedia({ colorScheme: null })
  for (const theme of ['dark', 'light'] as const) {
    await page
      .getByTestId('theme-select')
      .getByText(theme === 'dark' ? 'Dark' : 'Light')
      .click()
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme)
  }
})

test('The first start is all there too', async ({ desk }) => {
  await desk.launch()
  await expect(desk.page.getByTestId('wizard')).toBeVisible()
  await atStep(desk, 'welcome')
  const found = await faultsOf(desk, 'welcome')
  await desk.page.getByTestId('first-backup').click()
  await desk.page.getByTestId('later-medium').check()
  found.push(...(await faultsOf(desk, 'first-what')))
  await next(desk)
  await newPassword(desk, 'key-password', keyPassword)
  await desk.page.getByTestId('key-understood').check()
  found.push(...(await faultsOf(desk, 'first-key')))
  await next(desk)
  await atStep(desk, 'review')
  await desk.page.getByTestId('change-schedule').click()
  found.push(...(await faultsOf(desk, 'first-review')))
  expect(found).toEqual([])
})

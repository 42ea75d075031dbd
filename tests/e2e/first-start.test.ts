// The first minutes with Arche: from an empty computer to a first backup, and what is set up later.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Desk, expect, keyPassword, test } from './desk.ts'
import { atStep, ended, finish, goTo, newPassword, next, onMedium } from './steps.ts'
import { makeTree, writeLarge } from './tree.ts'

/** The window as it is clicked by somebody who accepts what is proposed: each click is one. */
function clicks(desk: Desk) {
  let count = 0
  return {
    async click(id: string): Promise<void> {
      count += 1
      await desk.page.getByTestId(id).click()
    },
    count: () => count,
  }
}

async function resize({ program, page }: Desk, width: number, height: number): Promise<void> {
  await program.evaluate(({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]?.setContentSize(...size), [
    width,
    height,
  ] as [number, number])
  await expect.poll(() => page.evaluate(() => window.innerWidth)).toBe(width)
}

test('The first start is four pages, seven clicks and one password from nothing to a first backup', async ({
  desk,
}) => {
  const documents = join(desk.user, 'Documents')
  makeTree(documents)
  for (const name of ['Images', 'Vidéos', '.config']) mkdirSync(join(desk.user, name))
  writeFileSync(join(desk.user, 'Images', 'photo.jpg'), 'picture')
  writeFileSync(
    join(desk.user, '.config/user-dirs.dirs'),
    'XDG_DOCUMENTS_DIR="$HOME/Documents"\nXDG_PICTURES_DIR="$HOME/Images"\nXDG_VIDEOS_DIR="$HOME/Vidéos"\nXDG_MUSIC_DIR="$HOME/"\n',
  )
  const stick = desk.drives.plugIn('CLÉ USB', { tmpfs: '60m' })
  const page = await desk.launch()
  const { click, count } = clicks(desk)
  await atStep(desk, 'welcome')
  await desk.accessible('welcome')
  await click('first-backup')

  await atStep(desk, 'what')
  await expect(page.getByTestId('usual-documents')).toBeChecked()
  await expect(page.getByTestId('usual-pictures')).toBeChecked()
  await expect(page.getByTestId('usual-videos')).not.toBeChecked()
  await expect(page.getByTestId('usual-music')).toBeHidden()
  await expect(page.getByTestId('usual-documents').getByTestId('folder-size')).toHaveText(/[ko]o$/)
  await expect(page.locator('[data-testid="medium-option"][data-medium="CLÉ USB"]')).toBeChecked()
  await expect(page.getByTestId('exclude-caches')).toBeChecked()
  await expect(page.getByTestId('exclude-builds')).not.toBeChecked()
  await expect(page.getByTestId('first-room')).toContainText('de la place pour')
  await desk.accessible('what')
  await click('wizard-next')

  await atStep(desk, 'key')
  await newPassword(desk, 'key-password', keyPassword)
  await expect(page.getByTestId('wizard-next')).toBeDisabled()
  await click('key-understood')
  await desk.accessible('key')
  await click('wizard-next')

  await atStep(desk, 'review')
  await expect(page.getByTestId('review-amount')).toContainText('de la place pour')
  await expect(page.getByTestId('review-schedule')).toContainText('12:00')
  await expect(page.getByTestId('review-keep')).toContainText('12 mois')
  await expect(page.getByTestId('review-name')).toContainText('Mes fichiers')
  await desk.accessible('review')
  // Nothing has been changed so far.
  expect(existsSync(join(stick, 'SIGL_sauvegardes'))).toBe(false)
  expect(readdirSync(join(desk.home, 'keys'))).toEqual([])
  await click('wizard-next')

  await atStep(desk, 'done')
  await ended(desk, 'success')
  await desk.accessible('done')
  const sheet = await desk.saveAs('fiche de secours.pdf')
  await click('sheet-pdf')
  await expect.poll(() => existsSync(sheet) && readFileSync(sheet).subarray(0, 5).toString()).toBe('%PDF-')
  await click('wizard-finish')
  expect(count()).toBeLessThanOrEqual(7)
  expect(onMedium(stick)).toHaveLength(1)
  expect(existsSync(join(desk.home, 'operator.json'))).toBe(false)
  await expect(page.getByTestId('status-block')).toHaveAttribute('data-level', 'protected')
  await expect(page.getByTestId('automatic')).toContainText('12:00')
  expect(existsSync(join(desk.user, '.config/autostart'))).toBe(true)
  await desk.accessible('main')
  // As at the end of a session; leaving by the menu asks, because automatic backups would stop.
  await desk.end()

  const again = await desk.launch()
  await expect(again.getByTestId('status-block')).toHaveAttribute('data-level', 'protected')
  await expect(again.getByTestId('wizard')).toBeHidden()
})

test('Every answer of the first start can be another one: folders dropped, a folder as place, times, rules, name', async ({
  desk,
}) => {
  const papers = join(desk.folder, 'papiers')
  mkdirSync(papers)
  writeFileSync(join(papers, 'letter.txt'), 'dear')
  const loose = join(desk.folder, 'note.txt')
  writeFileSync(loose, 'note')
  const place = join(desk.folder, 'autre disque')
  mkdirSync(place)
  const page = await desk.launch({ locale: 'en_US.UTF-8' })
  await atStep(desk, 'welcome')
  await page.getByTestId('language').getByText('Français').click()
  await expect(page.locator('html')).toHaveAttribute('lang', 'fr')
  await page.getByTestId('language').getByText('English').click()
  await expect(page.locator('html')).toHaveAttribute('lang', 'en')
  await page.getByTestId('first-backup').click()

  await atStep(desk, 'what')
  await desk.accessible('what-no-drive')
  // The whole home folder holds the others.
  await page.getByTestId('usual-home').click()
  await expect(page.getByTestId('usual-documents')).toBeDisabled()
  await page.getByTestId('usual-home').click()
  await page.getByTestId('usual-documents').click()
  await expect(page.getByTestId('wizard-next')).toBeDisabled()
  await desk.chooseFiles(papers)
  await page.getByTestId('add-folders').click()
  await expect(page.getByTestId('folder-list')).toContainText(papers)
  await drop(desk, loose)
  await expect(page.getByTestId('folder-list').getByRole('listitem')).toHaveCount(2)
  await expect(page.getByTestId('folder-list')).toContainText(loose)
  await page.getByTestId('exclude-trash').click()
  await page.getByTestId('later-medium').check()
  await expect(page.getByTestId('wizard-next')).toBeEnabled()
  await page.getByTestId('later-medium').uncheck()
  await expect(page.getByTestId('wizard-next')).toBeDisabled()
  await page.getByTestId('first-server').click()
  await expect(page.getByTestId('place-server-form')).toBeVisible()
  await desk.accessible('server')
  await page.keyboard.press('Escape')
  await desk.chooseFiles(place)
  await page.getByTestId('medium-folder').click()
  // A folder on the same disk is a warning.
  await expect(page.getByTestId('problem-fixed-disk')).toBeVisible()
  for (const [width, height] of [
    [760, 560],
    [1280, 800],
  ] as const) {
    await resize(desk, width, height)
    await desk.picture(`what-${width}`)
  }
  await next(desk)

  await atStep(desk, 'key')
  await newPassword(desk, 'key-password', keyPassword)
  await page.getByTestId('key-understood').check()
  await page.getByTestId('wizard-back').click()
  await atStep(desk, 'what')
  await expect(page.getByTestId('folder-list').getByRole('listitem')).toHaveCount(2)
  await next(desk)
  await expect(page.getByTestId('key-password-first')).toHaveValue(keyPassword)
  await resize(desk, 760, 560)
  await desk.picture('key-760')
  await next(desk)

  await atStep(desk, 'review')
  await desk.picture('review-760')
  await resize(desk, 1280, 800)
  await page.getByTestId('change-schedule').click()
  await page.getByTestId('schedule-weekly').click()
  await page.getByTestId('schedule-at').fill('07:30')
  await page.getByTestId('schedule-at-login').uncheck()
  await page.getByTestId('change-schedule').click()
  await expect(page.getByTestId('review-schedule')).toContainText('07:30')
  await page.getByTestId('change-keep').click()
  await page.getByTestId('keep-full').check()
  await page.getByTestId('change-name').click()
  await page.getByTestId('plan-name').fill('Papers')
  await page.getByTestId('change-medium').click()
  await page.getByTestId('medium-name').fill('Other disk')
  await desk.accessible('review-changed')
  await expect(page.getByTestId('wizard-next')).toBeEnabled()
  await next(desk)
  await atStep(desk, 'done')
  await ended(desk, 'success')
  expect(onMedium(place)).toHaveLength(1)
  const { plans } = JSON.parse(await desk.run('plan', 'show', 'Papers', '--json'))
  const [plan] = plans ?? [JSON.parse(await desk.run('plan', 'show', 'Papers', '--json')).plan]
  expect(plan).toMatchObject({ name: 'Papers', schedule: { when: { kind: 'weekly', at: '07:30' } } })
  expect(plan.source.paths).toEqual([papers, loose])
  expect(plan.source.exclude).toContain('.cache/')
  expect(plan.source.exclude).not.toContain('.Trash/')
  // A folder of this computer is not found by looking at what is plugged in.
  expect(plan.destinations[0]).toMatchObject({ place: { id: expect.any(String) }, keep: { untilFull: true } })
  expect(existsSync(join(desk.user, '.config/autostart'))).toBe(false)
})

/** Drops a file on the page as a person does: with a path that only the preload script can know. */
async function drop({ page }: Desk, path: string): Promise<void> {
  await page.evaluate(() => {
    const input = document.createElement('input')
    input.type = 'file'
    input.id = 'dropping'
    document.body.append(input)
  })
  await page.setInputFiles('#dropping', path)
  await page.evaluate(() => {
    const input = document.querySelector<HTMLInputElement>('#dropping')
    const dataTransfer = new DataTransfer()
    const [file] = input?.files ?? []
    if (file) dataTransfer.items.add(file)
    input?.remove()
    for (const type of ['dragover', 'drop'])
      document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }))
  })
}

test('Who wants to restore goes straight there, without any password to invent', async ({ desk }) => {
  await desk.prepare({ label: 'STICK' })
  const letter = join(desk.user, 'Documents', 'letter')
  writeFileSync(letter, 'dear')
  await desk.run('backup', join(desk.user, 'Documents'), '--to', desk.drives.path('STICK'), '--yes')
  rmSync(letter)
  desk.moveToAnotherComputer()
  const page = await desk.launch()
  await atStep(desk, 'welcome')
  await page.getByTestId('first-restore').click()
  await atStep(desk, 'medium')
  await next(desk)
  await atStep(desk, 'backup')
  await page.getByTestId('artifact-option').first().click()
  await next(desk)
  await page.getByTestId('key-password').fill(keyPassword)
  await next(desk)
  await atStep(desk, 'what')
  await next(desk)
  await atStep(desk, 'where')
  await next(desk)
  await atStep(desk, 'review')
  await next(desk)
  await ended(desk, 'success')
  expect(readFileSync(letter, 'utf8')).toBe('dear')
  expect(existsSync(join(desk.home, 'operator.json'))).toBe(false)
  await finish(desk)
  // What was done can be looked at, though nothing is set up here.
  await expect(page.getByTestId('activity-link')).toBeVisible()
  await expect(page.getByTestId('status-block')).toHaveAttribute('data-level', 'unset')
})

test.describe('Before anything is set up', () => {
  test('the main screen says what is missing and leads there', async ({ desk }) => {
    const page = await desk.launch()
    await page.getByTestId('wizard-leave').click()
    await expect(page.getByTestId('status-block')).toHaveAttribute('data-level', 'unset')
    await expect(page.getByTestId('action-backup')).toBeDisabled()
    await expect(page.getByTestId('action-restore')).toBeEnabled()
    await desk.accessible('main-empty')
    await page.getByTestId('status-action').click()
    await atStep(desk, 'welcome')
  })

  test('everything can be done with the keyboard', async ({ desk }) => {
    const page = await desk.launch()
    await atStep(desk, 'welcome')
    await expect(page.getByRole('heading', { level: 1 })).toBeFocused()
    await page.keyboard.press('Tab')
    await expect(page.getByTestId('first-backup')).toBeFocused()
    await page.keyboard.press('Enter')
    await atStep(desk, 'what')
    await expect(page.getByRole('heading', { level: 1 })).toBeFocused()
    await page.getByTestId('usual-documents').focus()
    await page.keyboard.press('Space')
    await expect(page.getByTestId('usual-documents')).not.toBeChecked()
    await page.keyboard.press('Space')
    await page.getByTestId('later-medium').focus()
    await page.keyboard.press('Space')
    await page.getByTestId('wizard-next').focus()
    await page.keyboard.press('Enter')
    await atStep(desk, 'key')
    await page.keyboard.press('Tab')
  })
})

test.describe('The settings', () => {
  test('change the language of the window and of its menus', async ({ desk }) => {
    await desk.prepare({ label: 'STICK' })
    const page = await desk.launch()
    await goTo(desk, 'settings')
    await desk.accessible('settings')
    await page.getByTestId('language-select').click()
    await page.getByRole('option', { name: 'English' }).click()
    await expect(page.locator('html')).toHaveAttribute('lang', 'en')
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Settings')
    const menu = () => desk.program.evaluate(({ Menu }) => Menu.getApplicationMenu()?.items[0]?.label)
    await expect.poll(menu).toBe('File')
    await desk.accessible('english')
  })

  test('keep the key password in the keychain, and forget it', async ({ desk }) => {
    await desk.prepare({ label: 'STICK' })
    const page = await desk.launch()
    await goTo(desk, 'security')
    await page.getByTestId('remember-password').fill(keyPassword)
    await page.getByTestId('remember-save').click()
    await expect(page.getByTestId('forget-password')).toBeVisible()
    await desk.accessible('remembered')
    await page.getByTestId('forget-password').click()
    await expect(page.getByTestId('remember-password')).toBeVisible()
  })
})

test('The log of a run can be read and saved', async ({ desk }) => {
  await desk.prepare({ label: 'STICK' })
  const documents = join(desk.user, 'Documents')
  makeTree(documents)
  await desk.run('backup', documents, '--to', desk.drives.path('STICK'), '--plan', 'Documents', '--yes')
  const page = await desk.launch()
  await page.getByTestId('run-open').first().click()
  await expect(page.getByTestId('operations-table')).toBeVisible()
  await desk.accessible('run')
  const path = await desk.saveAs('journal.log')
  await page.getByTestId('export-log').click()
  await expect.poll(() => existsSync(path) && readFileSync(path, 'utf8').length).toBeGreaterThan(20)
})

test('Plans can be saved to a file and taken back; a file that is none is refused in words', async ({ desk }) => {
  await desk.prepare({ label: 'STICK' })
  const documents = join(desk.user, 'Documents')
  makeTree(documents)
  await desk.run('backup', documents, '--to', desk.drives.path('STICK'), '--plan', 'Mes documents', '--yes')
  const page = await desk.launch()
  await goTo(desk, 'plans')
  const path = await desk.saveAs('plans.json')
  await page.getByTestId('plan-export').click()
  await expect.poll(() => existsSync(path) && readFileSync(path, 'utf8')).toContain('Mes documents')

  const huge = join(desk.folder, 'énorme.json')
  writeLarge(huge, 20_000_000)
  await desk.chooseFiles(huge)
  await page.getByTestId('plan-import').click()
  await expect(page.getByTestId('problem-bad-input')).toContainText('énorme.json')
  await desk.picture('too-large')

  const { plans, ...rest } = JSON.parse(readFileSync(path, 'utf8'))
  const other = { ...plans[0], id: 'a6a1bd2c-55a5-4b6b-9b8f-0d4c1f0b7a11', name: 'Photos' }
  writeFileSync(path, JSON.stringify({ ...rest, plans: [...plans, other] }))
  await desk.chooseFiles(path)
  await page.getByTestId('plan-import').click()
  await expect(page.getByTestId('plan-changes')).toContainText('Photos')
  await page.getByTestId('plan-changes-confirm').click()
  await expect(page.getByTestId('problem-bad-input')).toBeHidden()
  await expect(page.getByTestId('plans-list')).toContainText('Photos')
  await expect(page.getByTestId('plans-list')).toContainText('Mes documents')
})

test('The data folder is shown in the file manager, and only folders are', async ({ desk }) => {
  await desk.prepare()
  const page = await desk.launch()
  await desk.program.evaluate(({ shell }) => {
    shell.openPath = async (path) => {
      Object.assign(globalThis, { shown: path })
      return ''
    }
  })
  await goTo(desk, 'about')
  await page.getByRole('button', { name: 'Ouvrir le dossier' }).click()
  await expect.poll(() => desk.program.evaluate(() => Reflect.get(globalThis, 'shown'))).toBe(desk.home)
})

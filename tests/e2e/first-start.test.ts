// The first minutes with Arche: from an empty computer to a first backup, and what is set up later.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, keyPassword, test } from './desk.ts'
import { atStep, chooseMedium, ended, finish, goTo, newPassword, next, onMedium } from './steps.ts'
import { makeTree, writeLarge } from './tree.ts'

test('The first start leads from nothing to a first backup', async ({ desk }) => {
  const documents = join(desk.user, 'Documents')
  makeTree(documents)
  const page = await desk.launch()
  await atStep(desk, 'language')
  await expect(page.getByTestId('language-fr')).toBeChecked()
  await desk.accessible('language')
  await page.getByTestId('language-en').click()
  await expect(page.locator('html')).toHaveAttribute('lang', 'en')
  await page.getByTestId('language-fr').click()
  await next(desk)

  await atStep(desk, 'folders')
  await desk.chooseFiles(documents)
  await page.getByTestId('add-folders').click()
  await expect(page.getByTestId('folder-list')).toContainText(documents)
  await page.getByTestId('plan-name').fill('Mes documents')
  await desk.accessible('folders')
  await next(desk)

  await atStep(desk, 'key')
  await newPassword(desk, 'key-password', keyPassword)
  await expect(page.getByTestId('wizard-next')).toBeDisabled()
  await page.getByTestId('key-understood').check()
  await desk.accessible('key')
  await page.getByTestId('wizard-back').click()
  await atStep(desk, 'folders')
  await next(desk)
  await expect(page.getByTestId('key-password-first')).toHaveValue(keyPassword)
  await next(desk)

  await atStep(desk, 'medium')
  await desk.accessible('no-medium')
  const stick = desk.drives.plugIn('CLÉ USB')
  await chooseMedium(desk, 'CLÉ USB')
  await desk.accessible('medium')
  await next(desk)

  await atStep(desk, 'time')
  await expect(page.getByTestId('schedule-daily')).toBeChecked()
  await expect(page.getByTestId('schedule-at')).toHaveValue('12:00')
  await desk.accessible('time')
  await next(desk)

  await atStep(desk, 'review')
  await desk.accessible('review')
  // Nothing has been changed so far.
  expect(existsSync(join(stick, 'SIGL_sauvegardes'))).toBe(false)
  await next(desk)

  await atStep(desk, 'done')
  await desk.accessible('done')
  const sheet = await desk.saveAs('fiche de secours.pdf')
  await page.getByTestId('sheet-pdf').click()
  await expect.poll(() => existsSync(sheet) && readFileSync(sheet).subarray(0, 5).toString()).toBe('%PDF-')
  await page.getByTestId('wizard-then').click()
  await ended(desk, 'success')
  await desk.accessible('backup')
  expect(onMedium(stick)).toHaveLength(1)
  await finish(desk)
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

test.describe('Before anything is set up', () => {
  test('the main screen says what is missing and leads there', async ({ desk }) => {
    const page = await desk.launch()
    await page.getByTestId('wizard-leave').click()
    await expect(page.getByTestId('status-block')).toHaveAttribute('data-level', 'unset')
    await expect(page.getByTestId('action-backup')).toBeDisabled()
    await desk.accessible('main-empty')
  })

  test('everything can be done with the keyboard', async ({ desk }) => {
    const page = await desk.launch()
    await atStep(desk, 'language')
    const press = async (key: string, times = 1) => {
      for (let count = 0; count < times; count += 1) await page.keyboard.press(key)
    }
    await page.getByTestId('language-fr').focus()
    await page.getByTestId('wizard-next').focus()
    await press('Enter')
    await atStep(desk, 'folders')
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
    await goTo(desk, 'keys')
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
  await goTo(desk, 'settings')
  await page.getByRole('button', { name: 'Ouvrir le dossier' }).click()
  await expect.poll(() => desk.program.evaluate(() => Reflect.get(globalThis, 'shown'))).toBe(desk.home)
})

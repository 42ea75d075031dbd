// How long backups are kept, through the window: rules in the plan's form, what they would do, removing, pins, and what restores put aside.
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Desk, expect, operatorPassword, test } from './desk.ts'
import { atStep, ended, finish, next, open, reviewKnownPlan, unlock } from './steps.ts'

const backups = (stick: string) =>
  readdirSync(join(stick, 'SIGL_sauvegardes'))
    .filter((name) => name.startsWith('backup_'))
    .sort()

async function giveOperatorPassword(desk: Desk): Promise<void> {
  const dialog = desk.page.getByTestId('operator-dialog')
  await dialog.getByTestId('operator-password').fill(operatorPassword)
  await desk.page.getByTestId('operator-submit').click()
  await expect(dialog).toBeHidden()
}

/** Some backups of one plan on a stick, made in the terminal; the window is open. */
async function begin(desk: Desk, count: number): Promise<{ documents: string; stick: string; names: string[] }> {
  await desk.prepare({ label: 'STICK' })
  const documents = join(desk.user, 'Documents')
  writeFileSync(join(documents, 'a.txt'), 'first')
  const stick = desk.drives.path('STICK')
  for (let at = 0; at < count; at += 1)
    await desk.run('backup', documents, '--to', stick, '--plan', 'Documents', '--yes')
  await desk.launch()
  return { documents, stick, names: backups(stick) }
}

test('Rules are set in the form of the plan, tried, and applied; a pinned backup stays', async ({ desk }) => {
  const { stick, names } = await begin(desk, 4)
  const { page } = desk
  const [first = '', second = '', third = '', fourth = ''] = names

  await open(desk, 'restore')
  await unlock(desk)
  await atStep(desk, 'medium')
  await next(desk)
  await atStep(desk, 'backup')
  await page.getByTestId('pin').last().click()
  await expect(page.locator(`[data-artifact="${first}"]`)).toContainText('Épinglée')
  await desk.accessible('pinned')
  await page.getByTestId('wizard-leave').click()

  await page.getByTestId('settings-link').click()
  await page.getByTestId('plan-edit').click()
  await expect(page.getByTestId('keep-all')).toBeChecked()
  await page.getByTestId('keep-sensible').check()
  await desk.accessible('sensible')
  await page.getByTestId('keep-own').check()
  await desk.accessible('own')
  await page.getByTestId('keep-last').check()
  await page.getByTestId('keep-count-last').fill('')
  await expect(page.getByTestId('plan-save')).toBeDisabled()
  await page.getByTestId('keep-count-last').fill('2')
  await page.getByTestId('keep-preview-open').click()
  await expect(page.getByTestId('keep-goes')).toContainText(second)
  await expect(page.getByTestId('keep-goes').getByRole('row')).toHaveCount(1)
  await expect(page.getByTestId('keep-stays')).toContainText('épinglée')
  await expect(page.getByTestId('keep-unsaved')).toBeVisible()
  await desk.accessible('preview')
  await page.keyboard.press('Escape')
  expect(backups(stick)).toEqual(names)
  await page.getByTestId('plan-save').click()

  await page.getByTestId('plan-edit').click()
  await expect(page.getByTestId('keep-last')).toBeChecked()
  await page.getByTestId('keep-preview-open').click()
  await page.getByTestId('keep-apply').click()
  await desk.picture('asked')
  await page.getByTestId('keep-apply-confirm').click()
  await ended(desk, 'success')
  await expect(page.getByTestId('run-removed')).toHaveText(second)
  await desk.accessible('removed')
  expect(backups(stick)).toEqual([first, third, fourth])
  await page.getByTestId('home').click()

  await desk.quit()
  await desk.launch()
  await reviewKnownPlan(desk)
  await next(desk)
  await ended(desk, 'success')
  await finish(desk)
  expect(backups(stick)).toHaveLength(3)
  expect(backups(stick).slice(0, 2)).toEqual([first, fourth])
})

test('What restores put aside is listed in the settings, and removed', async ({ desk }) => {
  const { documents, stick } = await begin(desk, 1)
  for (const text of ['1', '2']) {
    writeFileSync(join(documents, 'a.txt'), text)
    await desk.run('restore', 'latest', '--from', stick, '--existing', 'replace', '--yes')
  }
  const aside = () => readdirSync(documents).filter((name) => name.startsWith('.arche-before-restore-'))
  expect(aside()).toHaveLength(2)
  const { page } = desk
  await page.getByTestId('settings-link').click()
  await expect(page.getByTestId('safety-row')).toHaveCount(2)
  await expect(page.getByTestId('safety-remove')).toHaveCount(1)
  await desk.accessible('listed')
  await page.getByTestId('safety-remove').click()
  await page.getByTestId('safety-remove-confirm').click()
  await giveOperatorPassword(desk)
  await expect(page.getByTestId('safety-row')).toHaveCount(1)
  expect(aside()).toHaveLength(1)
  await page.getByTestId('safety-days').fill('7')
  await page.getByTestId('safety-save').click()
  await expect(page.getByText('Enregistré.')).toBeVisible()

  await page.getByTestId('home').click()
  await page.getByTestId('run-row').nth(1).getByTestId('run-open').click()
  await expect(page.getByText('elle ne peut plus être annulée')).toBeVisible()
  await expect(page.getByTestId('undo-restore')).toHaveCount(0)
  await page.getByTestId('home').click()
  await page.getByTestId('run-row').nth(0).getByTestId('run-open').click()
  await expect(page.getByTestId('undo-restore')).toBeVisible()
})

// The administrator password in the window: none by default; set, changed and taken away in the settings; what it guards, and what not.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Desk, expect, operatorPassword, test } from './desk.ts'
import { atStep, confirmRestore, ended, finish, goTo, newPassword, next, open, reviewRestore, unlock } from './steps.ts'

/** Documents that were backed up with a plan, and changed since. */
async function backedUp(desk: Desk): Promise<string> {
  await desk.prepare({ label: 'STICK' })
  const letter = join(desk.user, 'Documents', 'letter')
  writeFileSync(letter, 'first')
  await desk.run('backup', join(desk.user, 'Documents'), '--to', desk.drives.path('STICK'), '--yes')
  writeFileSync(letter, 'second')
  return letter
}

test('The administrator password is set, changed and taken away in the settings', async ({ desk }) => {
  await desk.prepare()
  const page = await desk.launch()
  await goTo(desk, 'security')
  await newPassword(desk, 'new-operator-password', 'one')
  await expect(page.getByTestId('operator-current')).toBeHidden()
  await page.getByTestId('operator-save').scrollIntoViewIfNeeded()
  await desk.accessible('none')
  await page.getByTestId('operator-save').click()
  const current = page.getByTestId('operator-current')
  await expect(current).toHaveValue('')
  await expect(page.getByTestId('operator-remove')).toBeDisabled()
  await page.getByTestId('operator-remove').scrollIntoViewIfNeeded()
  await desk.accessible('set')
  await current.fill('wrong')
  await newPassword(desk, 'new-operator-password', 'two')
  await page.getByTestId('operator-save').click()
  await expect(page.getByTestId('problem-operator-wrong')).toBeVisible()
  await current.fill('one')
  await page.getByTestId('operator-save').click()
  await expect(current).toHaveValue('')

  // Another start: nothing is unlocked any more.
  await desk.quit()
  const again = await desk.launch({ locale: 'en_US.UTF-8' })
  await goTo(desk, 'settings')
  await again.getByTestId('language-select').click()
  await again.getByRole('option', { name: 'Français' }).click()
  await unlock(desk, 'two')
  await expect(again.locator('html')).toHaveAttribute('lang', 'fr')
  await goTo(desk, 'security')
  await again.getByTestId('operator-current').fill('two')
  await again.getByTestId('operator-remove').click()
  await expect(again.getByTestId('operator-current')).toBeHidden()
  await expect(again.getByTestId('operator-save')).toBeVisible()
})

test('The administrator password guards replacing, and neither looking nor backing up', async ({ desk }) => {
  const letter = await backedUp(desk)
  await desk.guard()
  const page = await desk.launch()
  await page.getByTestId('plan-start').click()
  await expect(page.getByTestId('run-row')).toHaveCount(2, { timeout: 60_000 })
  await expect(page.getByTestId('status-block')).toHaveAttribute('data-level', 'protected')
  await reviewRestore(desk, { backup: 1, existing: 'replace' })
  const dialog = page.getByTestId('operator-dialog')
  await confirmRestore(desk)
  await expect(dialog).toBeVisible()
  await desk.accessible('asked')
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  expect(readFileSync(letter, 'utf8')).toBe('second')
  await next(desk)
  await unlock(desk)
  await ended(desk, 'success')
  expect(readFileSync(letter, 'utf8')).toBe('first')
  await finish(desk)
})

test('A wrong administrator password is refused, and must then wait', async ({ desk }) => {
  await desk.prepare()
  await desk.guard()
  const page = await desk.launch()
  await open(desk, 'key')
  await atStep(desk, 'why')
  await next(desk)
  await newPassword(desk, 'key-password', 'another key')
  await page.getByTestId('key-understood').check()
  await next(desk)
  const field = page.getByTestId('operator-password')
  const wrong = page.getByTestId('problem-operator-wrong')
  const wait = page.getByTestId('operator-wait')
  await unlock(desk, 'wrong')
  await expect(wrong).toBeVisible()
  await expect(field).toHaveValue('')
  await desk.accessible('wrong')
  // The delay begins with the third try and doubles: here, until it is long enough to be looked at.
  for (let tries = 1; tries < 5; ) {
    await expect(wait).toBeHidden()
    await unlock(desk, 'wrong')
    await expect(wait.or(wrong)).toBeVisible()
    if (await wrong.isVisible()) tries += 1
  }
  await unlock(desk, operatorPassword)
  await expect(wait).toBeVisible()
  await desk.accessible('must-wait')
  // Even the right one is refused until the wait is over.
  await expect(wait).toBeHidden({ timeout: 200_000 })
  await unlock(desk, operatorPassword)
  await expect(page.getByTestId('wizard')).toHaveAttribute('data-step', 'done', { timeout: 60_000 })
})

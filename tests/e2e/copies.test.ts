// Copies through the window: a plan gets a further place with rules of its own, a backup runs, its copy follows and is seen to be done.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Desk, expect, operatorPassword, test } from './desk.ts'
import { atStep, chooseMedium, ended, finish, goTo, next, open } from './steps.ts'

const folderOf = (stick: string) => join(stick, 'SIGL_sauvegardes')
const backups = (stick: string) =>
  readdirSync(folderOf(stick))
    .filter((name) => name.startsWith('backup_'))
    .sort()

async function choose(desk: Desk, testId: string, option: string): Promise<void> {
  await desk.page.getByTestId(testId).click()
  await desk.page.getByRole('option', { name: option, exact: true }).click()
}

async function save(desk: Desk): Promise<void> {
  const { page } = desk
  await page.getByTestId('plan-save').click()
  await page.getByTestId('operator-dialog').getByTestId('operator-password').fill(operatorPassword)
  await page.getByTestId('operator-submit').click()
  await expect(page.getByTestId('plans-list')).toBeVisible()
}

async function editPlan(desk: Desk): Promise<void> {
  await goTo(desk, 'plans')
  await desk.page.getByTestId('plan-edit').click()
}

test('A plan gets a copy destination in the window; a backup is copied there', async ({ desk }) => {
  await desk.prepare({ label: 'STICK' })
  const second = desk.drives.plugIn('SECOND')
  await desk.run('medium', 'init', second, '--name', 'SECOND', '--yes')
  const documents = join(desk.user, 'Documents')
  writeFileSync(join(documents, 'a.txt'), 'first')
  const stick = desk.drives.path('STICK')
  await desk.run('backup', documents, '--to', stick, '--plan', 'Documents', '--yes')
  const { page } = await desk.launch().then(() => desk)
  await expect(page.getByTestId('copies')).toBeHidden()

  await editPlan(desk)
  await choose(desk, 'destination-first', 'STICK')
  await choose(desk, 'copy-place', 'SECOND')
  await page.getByTestId('copy-add').click()
  const copy = page.getByTestId('copy-destination')
  await expect(copy).toHaveAttribute('data-place', 'SECOND')
  await expect(page.getByTestId('copy-none-free')).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Copiées vers' })).toBeFocused()
  await page.keyboard.press('Tab')
  await expect(copy.getByTestId('copy-keep')).toBeFocused()
  await copy.getByTestId('copy-keep').click()
  await copy.getByTestId('keep-last').check()
  await copy.getByTestId('keep-count-last').fill('3')
  await expect(copy).toContainText('les 3 plus récentes')
  await copy.scrollIntoViewIfNeeded()
  await desk.accessible('where-to')
  await save(desk)
  await page.getByTestId('home').click()

  await open(desk, 'backup')
  await atStep(desk, 'medium')
  await chooseMedium(desk, 'STICK')
  await next(desk)
  await atStep(desk, 'review')
  await next(desk)
  await ended(desk, 'success')
  await finish(desk)
  const done = page.getByTestId('copies').getByTestId('copy')
  const newest = backups(stick).at(-1) ?? ''
  const row = page.getByTestId('run-row').filter({ has: page.getByTestId('run-places').getByText('STICK → SECOND') })
  await expect(row.first()).toHaveAttribute('data-outcome', 'success', { timeout: 60_000 })
  await expect.poll(() => backups(second).includes(newest), { timeout: 60_000 }).toBe(true)
  await expect(done).toHaveAttribute('data-state', 'done', { timeout: 60_000 })
  await expect(done).toContainText('copiée')
  await desk.accessible('done')
  expect(readFileSync(join(folderOf(second), newest))).toEqual(readFileSync(join(folderOf(stick), newest)))

  await row.first().getByTestId('run-open').click()
  await expect(page.getByTestId('run-title')).toContainText('Copie')
  await expect(page.getByText('Copiée depuis')).toBeVisible()
  await desk.accessible('run')
  await page.getByTestId('home').click()

  await editPlan(desk)
  await expect(copy).toContainText('les 3 plus récentes')
  await page.getByTestId('copy-remove').click()
  await expect(copy).toBeHidden()
  await page.getByTestId('plan-save').click()
  await expect(page.getByTestId('plans-list')).toBeVisible()
  await page.getByTestId('home').click()
  await expect(page.getByTestId('status-block')).toBeVisible()
  await expect(page.getByTestId('copies')).toBeHidden()
  expect(backups(second)).toContain(newest)
})

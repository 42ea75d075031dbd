// The overview: a row for each plan, a headline that counts them, and a backup with one click.
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Desk, expect, test } from './desk.ts'
import { goTo } from './steps.ts'

/** Two plans on one stick, the first of them backed up. */
async function twoPlans(desk: Desk): Promise<void> {
  await desk.prepare({ label: 'STICK', tmpfs: '60m' })
  const [documents, accounts] = [join(desk.user, 'Documents'), join(desk.user, 'Comptes')]
  mkdirSync(accounts)
  for (const folder of [documents, accounts]) writeFileSync(join(folder, 'un'), 'un')
  await desk.run('backup', documents, '--to', desk.drives.path('STICK'), '--plan', 'Documents', '--yes')
  const file = join(desk.folder, 'plans.json')
  await desk.run('plan', 'export', '--out', file)
  const saved = JSON.parse(readFileSync(file, 'utf8'))
  const [plan] = saved.plans
  saved.plans = [{ ...plan, id: randomUUID(), name: 'Comptes', source: { ...plan.source, paths: [accounts] } }]
  writeFileSync(file, JSON.stringify(saved))
  await desk.run('plan', 'import', file, '--yes')
}

test('Each plan has its row; one click backs it up, and the headline follows', async ({ desk }) => {
  await twoPlans(desk)
  const page = await desk.launch()
  const row = (name: string) => page.locator(`[data-testid="plan-row"][data-plan="${name}"]`)
  const status = page.getByTestId('status-block')
  await expect(status).toContainText('1 plan sur 2 protégé')
  await expect(status).toContainText('Comptes')
  await expect(status).toHaveAttribute('data-level', 'unprotected')
  await expect(row('Documents')).toHaveAttribute('data-level', 'protected')
  await expect(row('Documents').getByTestId('days')).toHaveAttribute('data-days', /^(?:- ){13}good$/)
  await expect(row('Comptes')).toHaveAttribute('data-reason', 'never')
  await desk.accessible('rows')

  await row('Comptes').getByTestId('plan-start').click()
  await expect(row('Comptes')).toHaveAttribute('data-level', 'protected')
  await expect(status).toContainText('2 plans sur 2 protégés')
  await expect(status).toHaveAttribute('data-level', 'protected')

  // On one drive that is plugged in: two copies, and none elsewhere.
  const rule = (name: string) => page.getByTestId(`rule-${name}`)
  await expect(rule('kinds')).toHaveAttribute('data-kept', 'true')
  await expect(rule('elsewhere')).toHaveAttribute('data-kept', 'false')
  await expect(rule('copies')).toContainText('Documents, Comptes')

  // The drive has a page: what takes its room, and where people keep it.
  await page.getByTestId('place-open').click()
  await expect(page.getByTestId('place-title')).toHaveText('STICK')
  await expect(page.getByTestId('place-space')).toContainText('Documents')
  await expect(page.getByTestId('place-space')).toContainText('Comptes : 1 sauvegarde')
  await expect(page.getByTestId('place-facts').getByRole('button', { name: 'Comptes' })).toBeVisible()
  await page.getByTestId('place-note').fill('dans le coffre')
  await page.getByTestId('place-note-save').click()
  await expect(page.getByTestId('place-note-save')).toBeDisabled()
  await desk.accessible('place')
  await page.getByTestId('home').click()
  await expect(page.getByTestId('place-noted')).toHaveText('dans le coffre')

  // What forbids a backup is said in its row.
  desk.drives.pull('STICK')
  await expect(page.getByTestId('medium')).toHaveCount(0)
  await expect(page.locator('[data-testid="medium-away"][data-medium="STICK"]')).toContainText(
    'vu pour la dernière fois',
  )
  await expect(rule('elsewhere')).toHaveAttribute('data-kept', 'true')
  await row('Documents').getByTestId('plan-start').click()
  await expect(page.locator('[data-testid="plan-refused"][data-plan="Documents"]')).toBeVisible()
  // Its tooltip would stand outside of every landmark.
  await page.mouse.move(1, 1)
  await desk.accessible('refused')
})

test('Work in progress stands at the foot of the side bar on every page, and leads to its run', async ({ desk }) => {
  await desk.prepare({ label: 'STICK', tmpfs: '900m' })
  const documents = join(desk.user, 'Documents')
  // So much that cannot be compressed takes its time.
  for (const name of ['un', 'deux', 'trois']) writeFileSync(join(documents, name), randomBytes(200_000_000))
  const page = await desk.launch()
  const backup = desk.run('backup', documents, '--to', desk.drives.path('STICK'), '--plan', 'Documents', '--yes')
  await goTo(desk, 'activity')
  const work = page.getByTestId('side-work')
  await expect(work).toHaveAttribute('aria-label', /Documents/)
  await desk.picture('working')
  await work.click()
  await expect(page.getByRole('heading', { name: /Documents/ }).first()).toBeVisible()
  await backup
  await expect(work).toHaveCount(0)
})

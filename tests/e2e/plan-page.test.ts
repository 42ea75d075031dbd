// A plan at a glance, and all that was done: the year, the curves, the backups with why each is kept, the activity filtered and exported.
import { randomUUID } from 'node:crypto'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { yearOf } from '../support/year.ts'
import { type Desk, expect, test } from './desk.ts'
import { goTo } from './steps.ts'

/** Three real backups of a plan that keeps two, one of them pinned; before them a year of history. */
async function aYear(desk: Desk): Promise<void> {
  await desk.prepare({ label: 'STICK', tmpfs: '60m' })
  const documents = join(desk.user, 'Documents')
  writeFileSync(join(documents, 'un'), 'un')
  const stick = desk.drives.path('STICK')
  await desk.run('backup', documents, '--to', stick, '--plan', 'Documents', '--yes')
  const shown = JSON.parse(await desk.run('plan', 'show', 'Documents', '--json'))
  const [before] = JSON.parse(await desk.run('history', '--json')).runs
  const last = Date.parse(before.startedAt) - 24 * 3600 * 1000
  const history = join(desk.home, 'history.jsonl')
  const real = readFileSync(history, 'utf8')
  const other = { id: randomUUID(), name: 'Comptabilité' }
  const runs = [shown.plan, other].flatMap((plan) => yearOf({ plan, medium: before.medium, last, days: 360 }))
  runs.sort((one, two) => one.startedAt.localeCompare(two.startedAt))
  writeFileSync(history, runs.map((run) => `${JSON.stringify(run)}\n`).join(''))
  appendFileSync(history, real)
  await desk.run('backup', '--plan', 'Documents', '--yes')
  await desk.run('backup', '--plan', 'Documents', '--yes')
}

test('A plan has a page: its year, its curves, its backups and why each is kept', async ({ desk }) => {
  await aYear(desk)
  const page = await desk.launch()
  await page.locator('[data-testid="plan-row"][data-plan="Documents"]').getByTestId('plan-open').click()
  await expect(page.getByTestId('plan-title')).toHaveText('Documents')
  const calendar = page.getByTestId('plan-calendar')
  await expect(calendar.locator('[data-outcome="good"]').last()).toBeVisible()
  await expect(calendar.locator('[data-outcome="failed"]')).toHaveCount(15)
  await expect(page.getByTestId('plan-chart-stored').locator('path').first()).toBeVisible()
  const rows = page.getByTestId('plan-backup')
  await expect(rows).toHaveCount(3)
  await expect(page.getByTestId('plan-backups-count')).toContainText('3 sauvegardes')
  await desk.accessible('plan')
  await page.getByTestId('plan-backups').scrollIntoViewIfNeeded()
  await desk.picture('backups')

  // A note is found by its words, and shown as text whatever is in it.
  await rows.last().getByTestId('note').click()
  await page.getByTestId('note-text').fill('avant le déménagement \u202e<b>')
  await desk.accessible('note')
  await page.getByTestId('note-save').click()
  await expect(rows.last().getByTestId('backup-note')).toContainText('<b>')
  await expect(rows.last().getByTestId('backup-note')).not.toContainText('\u202e')
  await desk.accessible('noted')
  await page.getByTestId('plan-backups-search').fill('demenagement')
  await expect(rows).toHaveCount(1)
  await page.getByTestId('plan-backups-search').fill('rien de tel')
  await expect(rows).toHaveCount(0)
  await page.getByTestId('plan-backups-search').fill('')
  await expect(rows).toHaveCount(3)

  // Pinned, the oldest is kept for that; two are deleted at once.
  await rows.last().getByTestId('pin').click()
  await expect(rows.last()).toContainText('Épinglée')
  for (const at of [0, 1]) await rows.nth(at).getByRole('checkbox').check()
  await expect(page.getByTestId('plan-backups-count')).toContainText('2 sélectionnées')
  await page.getByTestId('plan-backups-delete').click()
  await expect(page.getByTestId('delete-list').getByRole('listitem')).toHaveCount(2)
  await desk.accessible('delete')
  await page.getByTestId('delete-confirm').click()
  await page.getByTestId('delete-close').click()
  await expect(rows).toHaveCount(1)

  // A bad day leads to what was done then.
  await page.getByTestId('plan-troubled').getByRole('button').first().click()
  await expect(page.getByTestId('run-row')).toHaveCount(1)
  await expect(page.getByTestId('runs-count')).toContainText('1 tâche')
})

test('The activity is filtered, read on while it is scrolled, and exported as it is filtered', async ({ desk }) => {
  await aYear(desk)
  const page = await desk.launch()
  await goTo(desk, 'activity')
  const rows = page.getByTestId('run-row')
  await expect(page.getByTestId('runs-count')).toContainText('200')
  expect(await rows.count(), 'only those in sight are drawn').toBeLessThan(60)
  const table = page.getByTestId('runs')
  await expect(async () => {
    await table.evaluate((box) => box.scrollTo(0, box.scrollHeight))
    await expect(page.getByTestId('runs-count')).toHaveText(/^723 tâches$/, { timeout: 500 })
  }).toPass()
  await desk.accessible('activity')

  await page.getByTestId('runs-words').fill('comptabilite')
  await page.getByTestId('runs-result').click()
  await page.getByRole('option', { name: /En échec/ }).click()
  await expect(page.getByTestId('runs-count')).toHaveText(/^26 tâches$/)
  await expect(rows.first()).toContainText('Comptabilité')
  const path = await desk.saveAs('activite.csv')
  await page.getByTestId('runs-export').click()
  await page.getByTestId('runs-export-csv').click()
  await expect(() => expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(27)).toPass()
  await page.getByTestId('runs-words').fill('rien de tel')
  await expect(page.getByTestId('runs-none')).toBeVisible()
  await desk.picture('none')
  await page.getByTestId('runs-reset').click()
  await expect(page.getByTestId('runs-count')).toContainText('200')
})
